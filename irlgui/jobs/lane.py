"""One thread that runs jobs one after the other: the newest replaces what waits and stops what runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from irlgui.jobs.left_running import leave_running

Make = Callable[[], Generator[Any, None, Any]]


class Lane(QThread):
    """Runs generator jobs on one thread that lives as long as the lane, so that they may share a model.

    Every job has a ticket. Its yields are ``reported``, then exactly one of ``succeeded``, ``failed`` (the
    exception) and ``stopped`` follows, also for a job that never came to run. Connect them to methods of
    QObjects that live on the GUI thread. The thread starts with the first job.
    """

    reported = Signal(int, object)
    succeeded = Signal(int, object)
    failed = Signal(int, object)
    stopped = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._condition = threading.Condition()
        self._waiting: tuple[int, Make] | None = None
        self._newest = 0
        self._held = False
        self._closing = False

    def submit(self, make: Make) -> int:
        """Run the generator that ``make`` returns, in place of all former ones; return its ticket at once."""
        ticket = self._replace(make)
        if not self.isRunning() and not self._closing:
            self.start()
        return ticket

    def stop(self) -> None:
        """Forget what waits, and stop what runs at its next yield; returns at once."""
        self._replace(None)

    def hold(self, *, held: bool) -> None:
        """Keep what runs at its next yield until it is let go again; a stop ends it all the same."""
        with self._condition:
            self._held = held
            self._condition.notify_all()

    def is_newest(self, ticket: int) -> bool:
        """Tell whether nothing was submitted or stopped since: an answer to another ticket comes too late."""
        return ticket == self._newest

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Stop everything and end the thread, waiting at most ``timeout`` seconds; tell whether it has ended.

        A thread that is still inside one step is left to end by itself, and no signal of it arrives any more.
        """
        self.stop()
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self.blockSignals(True)
        ended = not self.isRunning() or self.wait(int(timeout * 1000))
        if not ended:
            leave_running(self)
        return ended

    def run(self) -> None:
        """Take jobs until the lane is shut down; called by Qt on the lane's thread."""
        while (job := self._take()) is not None:
            ticket, make = job
            try:
                self._drive(ticket, make())
            except Exception as error:  # noqa: BLE001 - handed on whole; the receiver tells expected ones apart
                self.failed.emit(ticket, error)

    def _replace(self, make: Make | None) -> int:
        with self._condition:
            replaced = self._waiting
            self._newest += 1
            ticket = self._newest
            self._waiting = (ticket, make) if make else None
            self._condition.notify_all()
        if replaced:
            self.stopped.emit(replaced[0])
        return ticket

    def _take(self) -> tuple[int, Make] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._closing or self._waiting is not None)
            job, self._waiting = self._waiting, None
            return None if self._closing else job

    def _drive(self, ticket: int, job: Generator[Any, None, Any]) -> None:
        try:
            while self._may_go_on(ticket):
                try:
                    event = next(job)
                except StopIteration as stop:
                    self.succeeded.emit(ticket, stop.value)
                    return
                self.reported.emit(ticket, event)
            self.stopped.emit(ticket)
        finally:
            job.close()

    def _may_go_on(self, ticket: int) -> bool:
        with self._condition:
            self._condition.wait_for(lambda: not self._held or self._closing or ticket != self._newest)
            return not self._closing and ticket == self._newest
