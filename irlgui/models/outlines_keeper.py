"""Between the analyst's layer and the case: outlines and notes come with a picture, and are kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from irlgui.case_desk import CaseDesk
from irlgui.models.outlines import OutlineLayer
from irlgui.session import Session
from irlnet_core.evidence.image import SuspectImage

_WAIT_MS = 700


class OutlinesKeeper(QObject):
    """Puts the layer's outlines and notes into the case soon after each change, and names their author.

    As long as no case is open there is nothing to draw on: what was kept before must not be replaced.
    """

    def __init__(
        self, session: Session, layer: OutlineLayer, case: CaseDesk, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._layer, self._case = session, layer, case
        self._changed = False
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)
        layer.outlines_changed.connect(self._wait)
        layer.notes_changed.connect(self._wait)
        session.picture_changed.connect(self._open)
        case.opened.connect(self._take_case)
        case.changed.connect(self._take_author)
        self._take_author(case.state)
        case.flush_asked.connect(self.flush)
        self._open(session.picture)

    @Slot()
    def flush(self) -> None:
        """Put now what has changed."""
        changed, self._changed = self._changed, False
        self._timer.stop()
        if changed and self._layer.annotations:
            self._case.annotate(self._layer.annotations)

    @Slot(object)
    def _open(self, image: SuspectImage | None) -> None:
        self.flush()
        self._layer.set_annotations(self._case.annotations(image) if image else None)
        self._drop()

    @Slot(object)
    def _take_case(self, _opened: object) -> None:
        self._open(self._session.picture)

    @Slot(object)
    def _take_author(self, _state: object) -> None:
        self._layer.author = self._case.author

    @Slot(object)
    def _wait(self, _changed: object) -> None:
        if self._layer.annotations:
            self._case.hold(("annotations", self._layer.annotations.image_sha256))
            self._changed = True
            self._timer.start()

    def _drop(self) -> None:
        """Showing is no change."""
        self._changed = False
        self._timer.stop()
        if self._layer.annotations:
            self._case.release(("annotations", self._layer.annotations.image_sha256))
