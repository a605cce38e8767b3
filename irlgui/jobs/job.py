"""A long job of the core on a thread of its own: events become signals, cancelling closes the generator."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from irlnet_core.progress import Event


class Job(QThread):
    """Drives a generator made by ``make`` on its own thread; the generator is made, run and closed there.

    Exactly one of ``succeeded`` (the job's result), ``failed`` (the exception) and ``cancelled`` is emitted,
    then Qt's own ``finished``. Connect them to methods of QObjects that live on the GUI thread, never to
    plain functions: those would be called on this thread.
    """

    reported = Signal(object)  # irlnet_core.progress.Event
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self, make: Callable[[], Generator[Event, None, Any]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make

    def cancel(self) -> None:
        """Ask the job to stop after the step it is in; returns at once."""
        self.requestInterruption()

    def run(self) -> None:
        """Run on the job's thread; called by Qt, use :meth:`start`."""
        try:
            self._drive(self._make())
        except Exception as error:  # noqa: BLE001 - handed on whole; the receiver tells expected ones apart
            self.failed.emit(error)

    def _drive(self, job: Generator[Event, None, Any]) -> None:
        try:
            while not self.isInterruptionRequested():
                try:
                    event = next(job)
                except StopIteration as stop:
                    self.succeeded.emit(stop.value)
                    return
                self.reported.emit(event)
            self.cancelled.emit()
        finally:
            job.close()
