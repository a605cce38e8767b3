"""What the queue is doing at the moment, in one small frozen state for the status line."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.analysis_queue import AnalysisQueue
from irlnet_core.progress import Event, Progress, TileDone


@dataclass(frozen=True)
class JobState:
    """What runs: ``done`` of ``total`` tiles (0 = unknown) after ``seconds``; ``waiting`` pictures follow.

    ``phase`` is what is done before the first tile: reading, loading the model. ``comparing``: a second
    model answers, for a comparison. ``beside``: that goes on too.
    """

    name: str
    phase: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    waiting: int = 0
    paused: bool = False
    ending: bool = False
    comparing: bool = False
    beside: bool = False


def join(main: JobState | None, comparison: JobState | None) -> JobState | None:
    """Return what one line tells of both: the analysis itself goes first, and it says that both run."""
    if main is None or comparison is None:
        return main or comparison
    return replace(main, beside=True)


class JobWatch(QObject):
    """Follows a queue and tells its state."""

    changed = Signal(object)  # JobState | None

    def __init__(
        self, queue: AnalysisQueue, parent: QObject | None = None, *, comparing: bool = False
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._comparing = comparing
        self._began = self._paused_at = 0.0
        self.state: JobState | None = None
        queue.state_changed.connect(self._take_state)
        queue.progress.connect(self._take_progress)
        queue.cancelling.connect(self._take_cancelling)
        queue.paused_changed.connect(self._take_paused)
        queue.emptied.connect(self._take_end)

    @Slot(object, str, object)
    def _take_state(self, path: Path, state: str, _facts: object) -> None:
        if state == "running":
            self._began = time.monotonic()
            self._tell(JobState(path.name, comparing=self._comparing))
        elif self.state:
            self._tell(self.state)

    @Slot(object, object)
    def _take_progress(self, path: Path, event: Event) -> None:
        if self.state is None or self.state.ending or path != self._queue.running:
            return
        if isinstance(event, TileDone):
            if event.done == 1:
                self._began = time.monotonic()  # the first tile also pays for getting ready
            seconds = time.monotonic() - self._began
            self._tell(replace(self.state, phase="", done=event.done, total=event.total, seconds=seconds))
        elif isinstance(event, Progress):
            self._tell(replace(self.state, phase=event.phase))

    @Slot(object)
    def _take_cancelling(self, _path: Path) -> None:
        if self.state:
            self._tell(replace(self.state, ending=True))

    @Slot(bool)
    def _take_paused(self, paused: bool) -> None:
        """Tell it; a pause does not count into the time that is left."""
        now = time.monotonic()
        if paused:
            self._paused_at = now
        else:
            self._began += now - max(self._began, self._paused_at)
        if self.state:
            self._tell(replace(self.state, paused=paused))

    @Slot()
    def _take_end(self) -> None:
        self.state = None
        self.changed.emit(None)

    def _tell(self, state: JobState) -> None:
        told, self.state = self.state, replace(state, waiting=self._queue.left)
        if self.state != told:  # of thousands that are stopped at once each changes a state
            self.changed.emit(self.state)
