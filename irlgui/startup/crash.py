"""What happens when the program itself fails: a report is written, then a dialog shows it.

The report holds versions and the traceback: no pixels, no local variables.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot

from irlgui.startup.log_file import log_folder
from irlnet_core import __version__, files
from irlnet_core.errors import OutputError

_LIBRARIES = (
    "PySide6-Essentials",
    "pyqtgraph",
    "torch",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "scipy",
)
_log = logging.getLogger("irlgui.crash")


@dataclass(frozen=True)
class CrashReport:
    """One failure: ``summary`` is a line, ``text`` all that can be pasted, ``path`` where it was kept."""

    summary: str
    text: str
    path: Path | None


def describe_versions() -> str:
    """Return program, Python, system and libraries, a line each; nothing is imported for it."""
    lines = [f"IRL-Net {__version__}", f"Python {platform.python_version()}", platform.platform()]
    for name in _LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            lines.append(f"{name} {importlib.metadata.version(name)}")
    return "\n".join(lines)


def make_report(error: BaseException, thread: str, folder: Path | None = None) -> CrashReport:
    """Write the diagnostic file of ``error`` and return the report; a full disk only costs the file."""
    now = datetime.now(UTC)
    trace = "".join(traceback.format_exception(error))
    text = f"{now.isoformat(timespec='seconds')}  thread: {thread}\n\n{describe_versions()}\n\n{trace}"
    path = (folder or log_folder()) / f"crash-{now.strftime('%Y%m%d-%H%M%S-%f')}.txt"
    summary = traceback.format_exception_only(error)[-1].strip()
    try:
        files.write_bytes(path, text.encode("utf-8", "backslashreplace"))
    except OutputError:
        return CrashReport(summary, text, None)
    return CrashReport(summary, text, path)


class CrashCatcher(QObject):
    """Takes what nobody caught, on any thread, and tells of it on the GUI's thread by ``caught``."""

    caught = Signal(object)  # CrashReport
    _came = Signal(object)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._came.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def take(self, error: BaseException, thread: str) -> None:
        """Write the report at once, on the thread that failed, and show it soon."""
        report = make_report(error, thread, self._folder)
        _log.error("%s\n%s", report.summary, report.text)
        self._came.emit(report)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Stand in for Python's own hooks as long as the block runs."""
        before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook = before

    @Slot(object)
    def _tell(self, report: CrashReport) -> None:
        self.caught.emit(report)

    def _on_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.take(error, threading.current_thread().name)

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            self.take(arguments.exc_value, arguments.thread.name if arguments.thread else "?")
