"""What holds of a record or a case, check by check, and what does not; a second analysis on wish."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.case_desk import CaseDesk
from irlgui.dialogs.verify_words import breakable, judge, name_of, plain, state_of
from irlgui.jobs.lane import Lane
from irlgui.jobs.verify import VerifyRequest, verify
from irlgui.open_case import is_same_file
from irlgui.plain_text import let_shrink
from irlgui.views import theme
from irlgui.views.status_line import Bar
from irlgui.wizard.folder_field import expand
from irlgui.wizard.look import dim
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.connection import SUFFIX
from irlnet_core.case.package_check import Check
from irlnet_core.case.signing import MEANING
from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.inference.check_record import Asked, Checked
from irlnet_core.progress import Event, TileDone

_ICONS = {"equal": "check", "differs": "caution", "not run": "info"}


class VerifyDialog(QDialog):
    """Checks ``path`` as soon as it opens; nothing is written and the window stays usable meanwhile."""

    def __init__(self, path: Path, case: CaseDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path, self._case = path, case
        self._is_case = path.name.lower().endswith(SUFFIX)
        self.setWindowTitle(self.tr("Verify the case") if self._is_case else self.tr("Verify the record"))
        self.checks: list[Check] = []
        self._running = False
        self._lane = Lane(self)
        self._lane.reported.connect(self._take_event)
        self._lane.succeeded.connect(self._take_end)
        self._lane.failed.connect(self._take_failure)
        self._lane.stopped.connect(self._take_stop)
        self.sentence, self.phase, self.bar = QLabel(), QLabel(), Bar()
        self.rows = QGridLayout()
        self.evidence, self.printed = QLineEdit(), QLineEdit()
        self.again = QCheckBox(self.tr("&Analyse the evidence again and compare"))
        self.start_button, self.copy_button = QPushButton(self.tr("&Check")), QPushButton(self.tr("C&opy"))
        self._lay_out()
        self.resize(760, 560)
        self.check()

    @property
    def busy(self) -> bool:
        """Tell whether a check is running."""
        return self._running

    @Slot()
    def check(self) -> None:
        """Check now what is asked for; while it runs, the same button stops it."""
        if self._running:
            self._lane.stop()
            self.phase.setText(self.tr("Stopping…"))
            return
        request = self._request()
        if request is None:
            return
        self._show([])
        self.sentence.setText(self.tr("Checking…"))
        self._set_running(running=True)
        self._lane.submit(lambda: verify(request))

    def done(self, result: int) -> None:
        """Close; what runs ends by itself."""
        self._lane.shutdown(3.0)
        super().done(result)

    def _request(self) -> VerifyRequest | None:
        text, printed = self.printed.text().strip(), None
        try:
            printed = ChainHead.parse(text) if text else None
        except DataError as error:
            self.sentence.setText(str(error))
            return None
        mine = self._is_case and self._case.state.path and is_same_file(self._path, self._case.state.path)
        asked = Asked(self._given(), self.again.isChecked())
        return VerifyRequest(self._path, self._is_case, asked, printed, self._case.ask if mine else None)

    def _given(self) -> Path | None:
        """Return the evidence: as named, else the item with the record's hash where the case knows one."""
        text = self.evidence.text().strip()
        return expand(text) if text else None

    @Slot(int, object)
    def _take_event(self, ticket: int, event: Event) -> None:
        if not self._lane.is_newest(ticket):
            return
        if isinstance(event, Checked):
            self._show([*self.checks, event.check])
        elif isinstance(event, TileDone):
            self.bar.set_share(event.done / event.total)
            self.phase.setText(self.tr("Analysing again: tile {} / {}").format(event.done, event.total))

    @Slot(int, object)
    def _take_end(self, ticket: int, checks: list[Check]) -> None:
        if not self._lane.is_newest(ticket):  # it was at its end when it was told to stop
            self._take_stop(ticket)
            return
        self._set_running(running=False)
        self._show(checks)
        asked = {
            "evidence": bool(self._given()) or self.again.isChecked(),
            "run again": self.again.isChecked(),
        }
        self.sentence.setText(judge(checks, asked))

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        self._set_running(running=False)
        self.sentence.setText(str(error))
        if not isinstance(error, IrlnetError):
            raise error

    @Slot(int)
    def _take_stop(self, _ticket: int) -> None:
        self._set_running(running=False)
        self.sentence.setText(self.tr("Stopped. What is listed was checked."))

    def _set_running(self, *, running: bool) -> None:
        self._running = running
        self.start_button.setText(self.tr("&Stop") if running else self.tr("&Check again"))
        self.bar.set_share(0.0)
        self.bar.setVisible(running)
        self.phase.setVisible(running)
        self.phase.setText("")
        for widget in (self.evidence, self.printed, self.again, self.copy_button):
            widget.setEnabled(not running)

    def _show(self, checks: list[Check]) -> None:
        while item := self.rows.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.checks = list(checks)
        for row, check in enumerate(checks):
            mark = QLabel()
            mark.setPixmap(assets.icon(_ICONS[check.state]).pixmap(QSize(18, 18), self.devicePixelRatio()))
            name, state = QLabel(name_of(check.name)), QLabel(state_of(check.state))
            if check.state == "differs":
                for label in (name, state):
                    label.setFont(theme.font("body", bold=True))
            told = QLabel(breakable("\n".join(plain(one) for one in check.sentences)))
            told.setTextFormat(Qt.TextFormat.PlainText)
            told.setWordWrap(True)
            told.setAccessibleName(f"{name.text()}: {state.text()}")
            for column, widget in enumerate((mark, name, state, told)):
                self.rows.addWidget(
                    widget, row, column, Qt.AlignmentFlag.AlignTop if column < 3 else Qt.AlignmentFlag(0)
                )
        if any(check.name == "signature" and check.state == "equal" for check in checks):
            self.rows.addWidget(dim(MEANING), len(checks), 3)

    @Slot()
    def _copy(self) -> None:
        lines = [str(self._path), self.sentence.text()]
        lines += [f"{check.state}\t{check.name}\t{' '.join(check.sentences)}" for check in self.checks]
        QGuiApplication.clipboard().setText("\n".join(lines))

    @Slot()
    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("The picture that the record is about"), str(self._path.parent)
        )
        if name:
            self.evidence.setText(name)

    def _lay_out(self) -> None:
        self.sentence.setFont(theme.font("body", bold=True))
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.rows.setHorizontalSpacing(3 * theme.SPACE)
        self.rows.setVerticalSpacing(2 * theme.SPACE)
        self.rows.setColumnStretch(3, 1)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 2 * theme.SPACE, 0)
        column.addLayout(self.rows)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(sheet)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName(self.tr("Checks"))
        place = dim(str(self._path))
        let_shrink(self.sentence, place)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.start_button, self.copy_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
        self.start_button.clicked.connect(self.check)
        self.copy_button.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(3 * theme.SPACE)
        for part in (self.bar, self.phase):
            foot.addWidget(part)
        foot.addStretch()
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[5 * theme.SPACE] * 4)
        layout.setSpacing(3 * theme.SPACE)
        layout.addWidget(place)
        layout.addWidget(self.sentence)
        layout.addWidget(scroll, 1)
        layout.addLayout(self._options())
        layout.addLayout(foot)

    def _options(self) -> QGridLayout:
        """Return what can be asked for: of a record the evidence, of a case the printed head of its log."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * theme.SPACE)
        label = QLabel(self.tr("Printed &length and head") if self._is_case else self.tr("&Evidence"))
        field = self.printed if self._is_case else self.evidence
        label.setBuddy(field)
        field.setAccessibleName(label.text().replace("&", ""))
        field.setClearButtonEnabled(True)
        grid.addWidget(label, 0, 0)
        grid.addWidget(field, 0, 1)
        if self._is_case:
            field.setPlaceholderText(self.tr("41:9f3c… as it stands in a record or report"))
            return grid
        field.setPlaceholderText(self.tr("Where the record says, else beside the record"))
        browse = QPushButton(self.tr("Choose…"))
        browse.setAccessibleName(self.tr("Choose the evidence"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        grid.addWidget(browse, 0, 2)
        grid.addWidget(self.again, 1, 1)
        return grid
