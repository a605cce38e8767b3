"""Keeps the session's regions in step with its threshold, off the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Generator

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.lane import Lane
from irlgui.session import Analysis, Session
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import Regions, find_regions

_log = logging.getLogger(__name__)


class RegionFinder(QObject):
    """Finds the regions anew when the session's threshold or analysis changes.

    While one search runs only the newest threshold waits: a fast drag is never worked off step by step. An
    answer for another threshold or map than the session's present one is dropped.
    """

    busy_changed = Signal(bool)  # the session's regions are being brought up to date

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._busy = False
        self._lane = Lane(self)
        self._lane.succeeded.connect(self._take_regions)
        self._lane.failed.connect(self._take_failure)
        session.threshold_changed.connect(self._take_threshold)
        session.analysis_changed.connect(self._take_analysis)

    @property
    def busy(self) -> bool:
        """Tell whether the session's regions are those of a former threshold."""
        return self._busy

    def shutdown(self, timeout: float = 10.0) -> bool:
        """End the thread, waiting at most ``timeout`` seconds; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    @Slot(float)
    def _take_threshold(self, _threshold: float) -> None:
        self._find()

    @Slot(object)
    def _take_analysis(self, _analysis: Analysis | None) -> None:
        self._find()

    def _find(self) -> None:
        session = self._session
        if session.analysis is None or (session.regions and session.regions.threshold == session.threshold):
            self._lane.stop()
            self._set_busy(busy=False)
            return
        localization, threshold = session.analysis.localization, session.threshold
        self._set_busy(busy=True)
        self._lane.submit(lambda: _search(localization, threshold))

    @Slot(int, object)
    def _take_regions(self, ticket: int, regions: Regions) -> None:
        if self._lane.is_newest(ticket):
            self._session.set_regions(regions)
            self._set_busy(busy=False)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        """Show no regions rather than those of another threshold."""
        if self._lane.is_newest(ticket):
            _log.error("The regions could not be found", exc_info=error)
            self._session.set_regions(None)
            self._set_busy(busy=False)

    def _set_busy(self, *, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)


def _search(localization: Localization, threshold: float) -> Generator[None, None, Regions]:
    yield None  # a threshold that was left in the meantime ends here
    return find_regions(localization, threshold)
