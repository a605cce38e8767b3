"""What a queue told, in order, so that a test can say what it expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from irlgui.jobs.analysis_queue import AnalysisQueue
from irlgui.jobs.partial_map import PartialMap
from irlgui.session import Analysis

LARGE = (500, 400)  # a hundred tiles


def run(qtbot: QtBot, queue: AnalysisQueue, paths: list[Path], **options: Any) -> None:
    """Analyse pictures and wait until the queue is empty."""
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.enqueue(paths, **options)


class Diary(QObject):
    """Writes down every signal of a queue, and that each came on the GUI thread."""

    def __init__(self, queue: AnalysisQueue) -> None:
        super().__init__()
        self.states: list[tuple[str, str]] = []
        self.facts: dict[tuple[str, str], dict[str, Any]] = {}
        self.analyses: dict[str, Analysis] = {}
        self.errors: dict[str, Exception] = {}
        self.maps: list[PartialMap] = []
        self.phases: list[str] = []
        self.notes: list[str] = []
        self.devices: list[str] = []
        self.cancelling: list[str] = []
        queue.cancelling.connect(self._cancelling)
        queue.state_changed.connect(self._state)
        queue.analysed.connect(self._analysed)
        queue.failed.connect(self._failed)
        queue.tile_ready.connect(self._tile)
        queue.progress.connect(self._progress)
        queue.noted.connect(self._noted)
        queue.device_changed.connect(self._device)

    def of(self, name: str) -> list[str]:
        """Return the states of one picture."""
        return [state for path, state in self.states if path == name]

    @Slot(object, str, object)
    def _state(self, path: Path, state: str, facts: dict[str, Any]) -> None:
        assert QThread.currentThread() is self.thread()
        self.states.append((path.name, state))
        self.facts[path.name, state] = facts

    @Slot(object, object)
    def _analysed(self, path: Path, analysis: Analysis) -> None:
        assert QThread.currentThread() is self.thread()
        self.analyses[path.name] = analysis

    @Slot(object, object)
    def _failed(self, path: Path, error: Exception) -> None:
        self.errors[path.name] = error

    @Slot(object, object)
    def _tile(self, _path: Path, partial: PartialMap) -> None:
        assert QThread.currentThread() is self.thread()
        self.maps.append(partial)

    @Slot(object, object)
    def _progress(self, _path: Path, event: Any) -> None:
        self.phases.append(getattr(event, "phase", type(event).__name__))

    @Slot(object, str)
    def _noted(self, _path: Path, sentence: str) -> None:
        self.notes.append(sentence)

    @Slot(object)
    def _cancelling(self, path: Path) -> None:
        self.cancelling.append(path.name)

    @Slot(str)
    def _device(self, line: str) -> None:
        self.devices.append(line)
