"""A training (or comparison) in a process of its own: its lines become signals, wishes go in by its stdin.

The child is ``python -m irlnet_core.cli …`` with ``--events jsonl``; a crash of it never takes the window
along, and a window that dies closes the child's stdin, on which it saves its state and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

Outcome = Literal["done", "stopped", "paused", "cancelled", "failed", "lost"]
Wish = Literal["stop", "cancel", "pause"]

# Then the child is ended without asking; where nothing is kept it has nothing to save.
GRACE_MS = {"stop": 120_000, "cancel": 2_500, "pause": 60_000}
_LONGEST_LINE = 1 << 20
_KEPT_LINES = 40
_REASONS: dict[str, Outcome] = {"paused": "paused", "cancelled": "cancelled", "stopped": "stopped"}


@dataclass(frozen=True)
class Ending:
    """How a child ended: ``outcome``, its own words when it failed, and its exit code (None: killed).

    *done* ran to its end, *stopped* ended early at a wish, *failed* told why it can't go on, *lost* died
    without a word: both may be resumed when a state was saved.
    """

    outcome: Outcome
    reason: str = ""
    cure: str = ""
    code: int | None = None


class TrainingProcess(QObject):
    """One child at a time; ``reported`` carries every event as a dict, ``ended`` comes once a start."""

    started = Signal()
    reported = Signal(object)  # dict with "event"
    said = Signal(str)  # a line that is no event
    ended = Signal(object)  # Ending

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._buffer = b""
        self._told: deque[str] = deque(maxlen=_KEPT_LINES)
        self._failed: dict[str, Any] = {}
        self._reason = ""
        self.wish: Wish | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.kill)

    @property
    def running(self) -> bool:
        """Tell whether a child lives or is being started."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Return the child's process number, 0 without one."""
        return self._process.processId() if self._process else 0

    def start(self, arguments: Sequence[str]) -> None:
        """Run ``irlnet`` with these arguments."""
        if self._process is not None:
            raise RuntimeError("A child is running already.")
        self._buffer, self._failed, self._reason, self.wish = b"", {}, "", None
        self._told.clear()
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.started.connect(self._on_started)
        process.readyReadStandardOutput.connect(self._read_events)
        process.readyReadStandardError.connect(self._read_words)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start(sys.executable, ["-m", "irlnet_core.cli", *arguments])

    def stop(self) -> None:
        """End soon and keep the best so far."""
        self._ask("stop")

    def cancel(self) -> None:
        """End at once and leave nothing."""
        self._ask("cancel")

    def pause(self) -> None:
        """Save the state and end, to be resumed later."""
        self._ask("pause")

    @Slot()
    def kill(self) -> None:
        """End the child without asking; what it saved before stays."""
        if self._process:
            self._process.kill()

    def shutdown(self, timeout_ms: int) -> bool:
        """Let the child save its state and wait for its end, at last end it; tell whether it has ended."""
        process = self._process
        if process is None:
            return True
        if self.wish is None:
            self.pause()
        if not process.waitForFinished(timeout_ms):
            process.kill()
            process.waitForFinished(2000)
        return process.state() == QProcess.ProcessState.NotRunning

    def _ask(self, wish: Wish) -> None:
        """Write the wish; a wish for less never follows one for more, but cancelling beats all."""
        if self._process is None or self.wish == wish or (self.wish and wish != "cancel"):
            return
        self.wish = wish
        self._process.write(f"{wish}\n".encode())
        self._patience.start(GRACE_MS[wish])

    @Slot()
    def _on_started(self) -> None:
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):  # so that the window stays quick on the same processor
                os.setpriority(os.PRIO_PROCESS, self.pid, 5)
        self.started.emit()

    @Slot()
    def _read_events(self) -> None:
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        if len(self._buffer) > _LONGEST_LINE:
            lines, self._buffer = [*lines, self._buffer], b""
        for line in lines:
            self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        event = parse_event(line)
        if event is None:
            self._tell(line.decode("utf-8", "replace"))
            return
        if event["event"] == "Failed":
            self._failed = event
        elif event["event"] == "RunEnded":
            self._reason = str(event.get("reason", ""))
        self.reported.emit(event)

    @Slot()
    def _read_words(self) -> None:
        if self._process:
            words = bytes(self._process.readAllStandardError().data())
            for line in words.decode("utf-8", "replace").splitlines():
                self._tell(line)

    def _tell(self, line: str) -> None:
        if line.strip():
            self._told.append(line)
            self.said.emit(line)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process:
            reason = self._process.errorString()
            self._end(Ending("failed", _tr("The training could not be started: {}.").format(reason)))

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_events()
        self._read_words()
        if self._buffer:
            self._take_line(self._buffer)
        crashed = status == QProcess.ExitStatus.CrashExit
        self._end(self._describe_end(None if crashed else code))

    def _describe_end(self, code: int | None) -> Ending:
        if code is not None and code in (0, 130):
            usual: Outcome = "done" if code == 0 else "paused" if self.wish != "cancel" else "cancelled"
            return Ending(_REASONS.get(self._reason, usual), code=code)
        if self.wish == "cancel":
            return Ending("cancelled", code=code)
        if self._failed and code is not None:
            words = (str(self._failed.get(key) or "") for key in ("path", "reason", "cure"))
            path, reason, cure = words
            return Ending("failed", f"{path}: {reason}" if path else reason, cure, code)
        if code is not None and self._told:
            return Ending("failed", self._told[-1], "", code)
        return Ending("lost", _tr("The training process ended unexpectedly."), code=code)

    def _end(self, ending: Ending) -> None:
        process, self._process = self._process, None
        self._patience.stop()
        if process:
            process.deleteLater()
        self.ended.emit(ending)


def parse_event(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line, or None for a line that is none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _environment() -> QProcessEnvironment:
    """Return this process's environment, in which the child finds the same core and speaks UTF-8."""
    environment = QProcessEnvironment.systemEnvironment()
    root = str(Path(__file__).resolve().parents[2])
    known = environment.value("PYTHONPATH", "")
    environment.insert("PYTHONPATH", os.pathsep.join(part for part in (root, known) if part))
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONIOENCODING", "utf-8")
    return environment


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingProcess", text)
