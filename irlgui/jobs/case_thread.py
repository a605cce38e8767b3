"""The thread that has the case open: every change is written there, one after the other, and tried again."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from irlgui.jobs.left_running import leave_running
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import CaseBusyError, CaseWriteError
from irlnet_core.case.overview import Overview
from irlnet_core.errors import IrlnetError

_log = logging.getLogger(__name__)
_AGAIN_SECONDS = 5.0
_TOGETHER = 64  # changes in one transaction, so that one flush of the disk saves many

Ask = Callable[[Callable[[CaseFile], Any]], "Future[Any] | None"]  # reads from the open case


@dataclass(frozen=True, eq=False)
class Change:
    """One thing to be written. ``key`` names its place: a newer change of the same place replaces it."""

    key: tuple[str, str]
    what: str
    do: Callable[[CaseFile], object]


@dataclass(frozen=True)
class Opened:
    """A case is open: what it holds, what there was to say about it, and which pictures are to go into it."""

    path: Path
    overview: Overview
    read_only: bool
    notes: tuple[str, ...] = ()
    kept: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Saving:
    """How many changes are not on the disk, why not, and the log's head as it is there."""

    waiting: int
    problem: str
    head: ChainHead | None


@dataclass(frozen=True)
class Door:
    """How to open the case: ``open`` does it and may leave notes; ``patient`` = try again until it works.

    ``kept`` are the pictures that a new case begins with; :class:`Opened` hands them back.
    """

    open: Callable[[list[str]], CaseFile]
    patient: bool = False
    kept: tuple[Path, ...] = ()


class CaseThread(QThread):
    """Opens a case and keeps it open; what is put is on the disk when ``saving`` tells that nothing waits.

    A full disk or a file that can't be written loses nothing: the changes stay here, in order, and are tried
    again every few seconds. Connect the signals to methods of QObjects on the GUI thread.
    """

    opened = Signal(object)  # Opened
    not_opened = Signal(object)  # IrlnetError; the thread has ended, or tries again when its door is patient
    saving = Signal(object)  # Saving
    refused = Signal(str, object)  # what, Exception: this change will never be written

    def __init__(self, door: Door, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._door = door
        self._case: CaseFile | None = None
        self._path = Path()
        self._condition = threading.Condition()
        self._changes: dict[tuple[str, str], Change] = {}
        self._asked: deque[tuple[Callable[[CaseFile], Any], Future[Any]]] = deque()
        self._retry_at = 0.0
        self._closing = False

    @property
    def waiting(self) -> int:
        """Return how many changes are not on the disk yet."""
        with self._condition:
            return len(self._changes)

    def put(self, change: Change) -> None:
        """Write a change soon; returns at once."""
        with self._condition:
            self._changes[change.key] = change
            self._condition.notify_all()

    def ask(self, do: Callable[[CaseFile], Any]) -> Future[Any]:
        """Read from the case after everything that was put before; returns at once."""
        future: Future[Any] = Future()
        with self._condition:
            if self._closing:
                future.cancel()
            else:
                self._asked.append((do, future))
            self._condition.notify_all()
        return future

    def try_again(self) -> None:
        """Try now what could not be written."""
        with self._condition:
            self._retry_at = 0.0
            self._condition.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait until everything is on the disk, at most ``timeout`` seconds; tell whether it is."""
        if not self.waiting:  # nor does a case that can't be opened yet keep anybody waiting
            return True
        with contextlib.suppress(CancelledError, TimeoutError):
            self.ask(lambda _: None).result(timeout)
        return not self.waiting

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Write what waits, close the case and end; tell whether all is on the disk and the thread ended."""
        with self._condition:
            self._closing = True
            self._retry_at = 0.0
            self._condition.notify_all()
        ended = not self.isRunning() or self.wait(int(timeout * 1000))
        self.blockSignals(True)
        if not ended:
            leave_running(self)
        return ended and not self.waiting

    def run(self) -> None:
        """Open, serve, close; called by Qt on the thread."""
        try:
            if self._open():
                while self._step():
                    pass
        finally:
            self._cancel_asked()
            if self._case:
                self._case.close()
                self._case = None

    def _open(self) -> bool:
        while True:
            notes: list[str] = []
            try:
                case = self._case = self._door.open(notes)
                self._path = case.path
                told = Opened(case.path, case.overview(), case.read_only, tuple(notes), self._door.kept)
                self.opened.emit(told)
            except IrlnetError as error:
                self.not_opened.emit(error)
                if not self._door.patient or not self._wait_to_open(str(error)):
                    return False
            else:
                self._tell("")
                return True

    def _wait_to_open(self, reason: str) -> bool:
        """Wait a while before the next try; tell whether there is to be one."""
        self._close_case()
        self._tell(reason)
        with self._condition:
            if self._closing:
                return False
            closing = self._condition.wait_for(lambda: self._closing, _AGAIN_SECONDS)
            return not closing or bool(self._changes)

    def _step(self) -> bool:
        """Do the next thing; False = all is done and the case may be closed."""
        changes, asked = self._next()
        if changes:
            self._save(changes)
        elif asked:
            self._answer(*asked)
        return bool(changes or asked)

    def _next(self) -> tuple[list[Change], tuple[Callable[[CaseFile], Any], Future[Any]] | None]:
        with self._condition:
            while True:
                rest = self._retry_at - time.monotonic()
                if self._changes and rest <= 0:
                    return list(itertools.islice(self._changes.values(), _TOGETHER)), None
                if self._asked:
                    return [], self._asked.popleft()
                if self._closing:
                    return [], None  # nothing waits, or it was tried a last time
                self._condition.wait(rest if self._changes else None)

    def _save(self, changes: list[Change]) -> None:
        """Write changes in one go, or one by one where one of them is refused."""
        try:
            case = self._writable()
            with case.together():
                for change in changes:
                    change.do(case)
        except (CaseWriteError, CaseBusyError) as error:
            self._retry_at = time.monotonic() + _AGAIN_SECONDS
            self._tell(str(error))
            return
        except Exception as error:  # noqa: BLE001 - handed on whole; the receiver tells expected ones apart
            if len(changes) > 1:
                for change in changes:
                    self._save([change])
                return
            if not isinstance(error, IrlnetError):
                _log.error("A change of the case ended unexpectedly", exc_info=error)
            self.refused.emit(changes[0].what, error)
        with self._condition:
            for change in changes:
                if self._changes.get(change.key) is change:  # else a newer one has taken its place meanwhile
                    del self._changes[change.key]
        self._tell("")

    def _writable(self) -> CaseFile:
        """Return the case, opened for writing if that was not possible before."""
        if self._case is None or self._case.read_only:
            path = self._path
            self._close_case()
            try:
                self._case = CaseFile.open(path)
            except CaseWriteError:
                self._case = CaseFile.open(path, read_only=True)
                raise
        return self._case

    def _answer(self, do: Callable[[CaseFile], Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        if self._case is None:
            future.set_exception(CaseWriteError("The case can't be read now.", path=self._path))
            return
        try:
            future.set_result(do(self._case))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
            future.set_exception(error)

    def _close_case(self) -> None:
        if self._case:
            self._case.close()
            self._case = None

    def _cancel_asked(self) -> None:
        with self._condition:
            self._closing = True
            for _, future in self._asked:
                future.cancel()
            self._asked.clear()

    def _tell(self, problem: str) -> None:
        try:
            head = self._case.head if self._case else None
        except IrlnetError:
            head = None
        self.saving.emit(Saving(self.waiting, problem, head))
