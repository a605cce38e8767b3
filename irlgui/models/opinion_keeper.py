"""Between the fields of the analyst's judgement and the case."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from irlgui.case_desk import CaseDesk
from irlgui.session import Session
from irlgui.views.judgement_section import JudgementSection
from irlnet_core.case.exhibit import Judgement
from irlnet_core.evidence.image import SuspectImage

_WAIT_MS = 1000


class OpinionKeeper(QObject):
    """Shows the judgement of the open picture, and keeps the opinion soon after the typing stops."""

    def __init__(
        self, session: Session, section: JudgementSection, case: CaseDesk, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._section, self._case = session, section, case
        self._sha256 = ""
        self._changed = False
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)
        section.status_chosen.connect(self._take_status)
        section.opinion_edited.connect(self._wait)
        session.picture_changed.connect(self._open)
        case.opened.connect(self._take_case)
        case.judged.connect(self._take_judgement)
        case.flush_asked.connect(self.flush)
        self._open(session.picture)

    @Slot()
    def flush(self) -> None:
        """Put the opinion now, if it has changed."""
        changed, self._changed = self._changed, False
        self._timer.stop()
        if changed and self._sha256:
            self._case.judge(self._sha256, opinion=self._section.opinion())

    @Slot(object)
    def _open(self, image: SuspectImage | None) -> None:
        self.flush()
        self._sha256 = image.sha256 if image and self._case.ready else ""
        self._show()

    @Slot(object)
    def _take_case(self, _opened: object) -> None:
        self._changed = False  # it was put when the former case was left
        self._open(self._session.picture)

    @Slot(str)
    def _take_judgement(self, sha256: str) -> None:
        if sha256 == self._sha256:
            self._section.show_status(self._case.judgement(sha256).status)

    @Slot(int)
    def _take_status(self, status: int) -> None:
        self.flush()
        if self._sha256:
            self._case.judge(self._sha256, status=status)

    @Slot()
    def _wait(self) -> None:
        if self._sha256:
            self._case.hold(("opinion", self._sha256))
            self._changed = True
            self._timer.start()

    def _show(self) -> None:
        judgement = self._case.judgement(self._sha256) if self._sha256 else Judgement()
        self._section.show_judgement(judgement, enabled=bool(self._sha256))
