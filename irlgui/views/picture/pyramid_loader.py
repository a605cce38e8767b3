"""Builds pyramids off the GUI thread; an answer that came too late is dropped."""

from __future__ import annotations

from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, Signal

from irlgui.jobs.job import Job
from irlgui.views.picture.pyramid import Pyramid
from irlnet_core.progress import Event

Make = Callable[[], Generator[Event, None, Pyramid]]


class _PyramidJob(Job):
    """A job that outlives its loader until it has ended: a thread must not be destroyed while it runs."""

    def __init__(self, make: Make) -> None:
        super().__init__(make)
        _alive.add(self)
        self.finished.connect(self._bury)

    def _bury(self) -> None:
        self.wait()
        _alive.discard(self)
        self.deleteLater()


_alive: set[_PyramidJob] = set()


class PyramidLoader(QObject):
    """One pyramid at a time: asking for another one, or for none, cancels the last."""

    ready = Signal(object)  # Pyramid
    failed = Signal(object)  # the exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _PyramidJob | None = None
        self._mine: set[_PyramidJob] = set()

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None

    def load(self, make: Make) -> None:
        """Begin to build; ``ready`` follows, unless something else is asked for before."""
        self.drop()
        job = _PyramidJob(make)
        job.succeeded.connect(self._take)
        job.failed.connect(self._fail)
        job.finished.connect(self._end)
        self._job = job
        self._mine.add(job)
        job.start()

    def drop(self) -> None:
        """Await nothing any more; returns at once."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def shutdown(self) -> None:
        """Stop and wait for the threads: at most for the size that each is making."""
        self.drop()
        for job in self._mine:
            job.cancel()
            job.wait()
        self._mine.clear()

    def _take(self, pyramid: object) -> None:
        if self.sender() is self._job:
            self._job = None
            self.ready.emit(pyramid)

    def _fail(self, error: object) -> None:
        if self.sender() is self._job:
            self._job = None
            self.failed.emit(error)

    def _end(self) -> None:
        self._mine = {job for job in self._mine if job is not self.sender()}
