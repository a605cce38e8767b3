"""Kept results of pictures that are opened again, looked for off the GUI thread."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs import tasks
from irlgui.jobs.lane import Lane
from irlgui.jobs.request import AnalysisRequest
from irlgui.session import Analysis
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.result_store import ResultStore

_log = logging.getLogger(__name__)


def from_case(case: CaseFile, sha256: str) -> Analysis | None:
    """Return the analysis of a picture that counts in a case. Raises :class:`DataError` for a damaged map."""
    item = case.find_item(sha256)
    analysed = case.newest(item) if item else None
    if analysed is None:
        return None
    localization, model = case.load_map(analysed), analysed.record.model
    ResponseHistogram(localization)  # counted here, so that the window finds it done
    return Analysis(sha256, localization, analysed.record, model["name"], model["weights_sha256"])


class Recall(QObject):
    """Answers whether a picture was analysed before with the same model and parameters."""

    recalled = Signal(object, object)  # Path, session.Analysis | None

    def __init__(self, store: ResultStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._path: Path | None = None
        self._lane = Lane(self)
        self._lane.succeeded.connect(self._take_answer)
        self._lane.failed.connect(self._take_failure)

    def look_up(self, image: SuspectImage, *, model: str | Path | None = None, **options: Any) -> None:
        """Ask for the kept result of the whole picture; only the newest question is answered.

        ``options`` are further fields of :class:`AnalysisRequest` (``precision``, ``area``).
        """
        request, store = AnalysisRequest(image.path, model, **options), self.store
        self._path = image.path
        self._lane.submit(lambda: tasks.recall(image, request, store))

    def shutdown(self, timeout: float = 10.0) -> bool:
        """End the thread, waiting at most ``timeout`` seconds; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    @Slot(int, object)
    def _take_answer(self, ticket: int, analysis: Analysis | None) -> None:
        if self._lane.is_newest(ticket):
            self.recalled.emit(self._path, analysis)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        """Answer with "nothing kept": a missing model is told when an analysis is asked for."""
        if self._lane.is_newest(ticket):
            _log.warning("No kept result could be looked for: %s", error)
            self.recalled.emit(self._path, None)
