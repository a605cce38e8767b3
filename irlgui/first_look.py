"""A first look at the next picture: the former one is put aside, and comes back where the next one fails."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.picture_loader import PictureLoader
from irlgui.session import Analysis, Session
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.preview import Preview


@dataclass(frozen=True, eq=False)
class _Former:
    picture: SuspectImage
    analysis: Analysis | None
    threshold: float
    source: str


class FirstLook(QObject):
    """Keeps the session empty while a preview is seen: nothing that is done then meets another picture."""

    shown = Signal(object)  # irlnet_core.evidence.preview.Preview
    ended = Signal()  # it was of no use: the session holds the former picture again, or none

    def __init__(self, session: Session, loader: PictureLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._former: _Former | None = None
        self.path: Path | None = None  # whose preview is seen
        loader.preview_ready.connect(self._begin)
        loader.loaded.connect(self._take_picture)
        loader.failed.connect(self._end)
        loader.cancelled.connect(self._end)

    def forget(self, paths: Container[Path]) -> None:
        """Let the former picture not come back if it is one of ``paths``."""
        if self._former and self._former.picture.path in paths:
            self._former = None

    def forget_analysis(self) -> None:
        """Let the former picture come back without its result: another model was chosen."""
        if self._former:
            self._former = replace(self._former, analysis=None)

    @Slot(object)
    def _begin(self, preview: Preview) -> None:
        session = self._session
        if session.picture:
            self._former = _Former(
                session.picture, session.analysis, session.threshold, session.threshold_source
            )
        self.path = preview.path
        session.set_picture(None)
        self.shown.emit(preview)

    @Slot(object)
    def _take_picture(self, _picture: SuspectImage) -> None:
        self.path = self._former = None

    @Slot()
    def _end(self) -> None:
        if self.path is None:
            return
        former, self.path, self._former = self._former, None, None
        if former:
            self._put_back(former)
        self.ended.emit()

    def _put_back(self, former: _Former) -> None:
        session = self._session
        session.set_picture(former.picture)
        if former.analysis:
            session.set_threshold(former.analysis.record.threshold.value)
            session.set_analysis(former.analysis)
        session.set_threshold(former.threshold, former.source)
