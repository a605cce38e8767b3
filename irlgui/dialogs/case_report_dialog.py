"""The report of the whole case, or of the pictures that are chosen: contents, pictures, progress, Stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from irlgui.case_desk import CaseDesk
from irlgui.dialogs.file_dialogs import ask_report
from irlgui.dialogs.report_dialog_form import ReportForm
from irlgui.jobs.case_report import CaseReportRequest, write_case_report
from irlgui.jobs.job import Job
from irlgui.plain_text import let_shrink
from irlgui.settings import Settings
from irlgui.views import theme
from irlgui.views.status_line import Bar
from irlgui.wizard.look import dim, make_heading
from irlnet_core.errors import Interrupted, IrlnetError
from irlnet_core.report.compose import Scope, choose_scope

_FORM_WIDTH = 340


class CaseReportDialog(QDialog):
    """``chosen`` are the SHA-256 of the pictures that are selected in the list.

    Nothing is written beside the pictures that are ``evidence``.
    """

    progressed = Signal(int)

    def __init__(
        self,
        case: CaseDesk,
        chosen: Sequence[str],
        settings: Settings,
        parent: QWidget | None = None,
        *,
        evidence: Sequence[Path] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report of many pictures"))
        self._case, self._settings, self._evidence = case, settings, evidence
        items, done = case.overview.items, case.overview.findings
        self._whole = tuple(sha256 for sha256 in items if sha256 in done)
        self._chosen = tuple(sha256 for sha256 in chosen if sha256 in done)
        self._left = tuple(item.name for sha256, item in items.items() if sha256 not in done)
        self._job: Job | None = None
        self._request: CaseReportRequest | None = None
        self.form = ReportForm(settings.store, [])
        self._fill_in()
        self.whole, self.selected = QRadioButton(), QRadioButton()
        self.all, self.found, self.marked = QRadioButton(), QRadioButton(), QRadioButton()
        self.status, self.bar = QLabel(), Bar()
        self.save_button = QPushButton(self.tr("&Save…"))
        self.progressed.connect(self._show_progress)
        self._lay_out()
        self.resize(820, 680)

    @property
    def busy(self) -> bool:
        """Tell whether a report is being written."""
        return self._job is not None

    def save(self, path: Path) -> None:
        """Write the report to ``path`` (.pdf or .html) in the background."""
        wanted, state = self._wanted(), self._case.state
        if self._job or not wanted or state.path is None:
            return
        try:
            head, choices = self.form.letterhead(), self.form.choices("")
        except IrlnetError as error:
            self.status.setText(str(error))
            return
        self.form.keep()
        scope = Scope(self._only(), self._left if self.whole.isChecked() else ())
        request = self._request = CaseReportRequest(
            wanted,
            state.path,
            self._case.ask,
            head,
            choices,
            scope,
            self.progressed.emit,
            evidence=self._evidence,
        )
        self._job = Job(lambda: write_case_report(request, path), self)
        self._job.succeeded.connect(self._take_file)
        self._job.failed.connect(self._take_failure)
        self._job.finished.connect(self._end)
        self._show_progress(0)
        self.bar.show()
        self.save_button.setText(self.tr("&Stop"))
        self._job.start()

    @Slot()
    def stop(self) -> None:
        """Write nothing after the picture that is being read."""
        if self._request:
            self._request.stopped.set()
            self.status.setText(self.tr("Stopping…"))

    def done(self, result: int) -> None:
        """Close once the thread has come to its end: no report is left half written."""
        self.form.keep()
        if self._job:
            self.stop()
            self._job.wait()
        super().done(result)

    def _fill_in(self) -> None:
        """Offer the case's own facts where the laboratory's form holds nothing."""
        facts = self._case.state.facts
        for name, value in (
            ("case_number", facts.number if facts else ""),
            ("laboratory", facts.laboratory if facts else ""),
            ("examiner", facts.examiner if facts else ""),
        ):
            if value:
                self.form.entries[name].setText(value)

    def _wanted(self) -> tuple[str, ...]:
        return self._whole if self.whole.isChecked() else self._chosen

    def _only(self) -> str:
        return "found" if self.found.isChecked() else "marked" if self.marked.isChecked() else ""

    @Slot(int)
    def _show_progress(self, done: int) -> None:
        total = len(self._request.wanted) if self._request else 0
        self.bar.set_share(done / total if total else 0.0)
        if done < total:
            self.status.setText(self.tr("Reading picture {} of {}…").format(done + 1, total))
        else:
            self.status.setText(self.tr("Laying out the pages…"))

    @Slot(object)
    def _take_file(self, written: tuple[Path, str]) -> None:
        self.status.setText(self.tr("Written: {}").format(written[0]))

    @Slot(object)
    def _take_failure(self, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        stopped = isinstance(error, Interrupted)
        self.status.setText(self.tr("Stopped. Nothing was written.") if stopped else str(error))
        if not isinstance(error, IrlnetError):
            raise error

    @Slot()
    def _end(self) -> None:
        if self._job:
            self._job.deleteLater()
        self._job = None
        self.bar.hide()
        self.save_button.setText(self.tr("&Save…"))

    @Slot()
    def _save_or_stop(self) -> None:
        if self._job:
            self.stop()
            return
        if path := ask_report(self, self._settings, self._case.name):
            self.save(path)

    def _lay_out(self) -> None:
        form = QScrollArea()
        form.setWidget(self.form)
        form.setWidgetResizable(True)
        form.setFrameShape(QScrollArea.Shape.NoFrame)
        form.setFixedWidth(_FORM_WIDTH)
        form.setAccessibleName(self.tr("Contents of the report"))
        columns = QHBoxLayout()
        columns.setSpacing(6 * theme.SPACE)
        columns.addWidget(form)
        columns.addLayout(self._pictures(), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAutoDefault(False)  # type: ignore[attr-defined]  # Enter in a field must not close
        self.save_button.clicked.connect(self._save_or_stop)
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        let_shrink(self.status)
        self.bar.hide()
        foot = QHBoxLayout()
        foot.setSpacing(3 * theme.SPACE)
        foot.addWidget(self.bar)
        foot.addWidget(self.status, 1)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[5 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        layout.addLayout(columns, 1)
        layout.addLayout(foot)

    def _pictures(self) -> QVBoxLayout:
        words: Mapping[QRadioButton, str] = {
            self.whole: self.tr("&Whole case ({})").format(len(self._whole)),
            self.selected: self.tr("Chosen in the &list ({})").format(len(self._chosen)),
            self.all: self.tr("&All of them"),
            self.found: self.tr("Only those with &regions"),
            self.marked: self.tr("Only those that I &judged"),
        }
        for button, text in words.items():
            button.setText(text)
        column = QVBoxLayout()
        column.setSpacing(2 * theme.SPACE)
        for title, group in (
            (self.tr("Pictures"), (self.whole, self.selected)),
            (self.tr("Described closely"), (self.all, self.found, self.marked)),
        ):
            buttons = QButtonGroup(self)
            column.addWidget(make_heading(title))
            for button in group:
                buttons.addButton(button)
                column.addWidget(button)
            group[0].setChecked(True)
            column.addSpacing(3 * theme.SPACE)
        self.selected.setEnabled(bool(self._chosen))
        self.selected.setChecked(len(self._chosen) > 1)
        self.marked.setChecked(choose_scope(None, len(self._wanted())).only == "marked")
        if self._left:
            text = self.tr("Not analysed, and only named in the report: {}.")
            column.addWidget(dim(text.format(len(self._left))))
        text = self.tr("All pictures stand in the table of results; the others are not described closely.")
        column.addWidget(dim(text))
        if not self._whole:
            column.addWidget(dim(self.tr("No picture of the case was analysed yet.")))
        self.save_button.setEnabled(bool(self._whole))
        column.addStretch()
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        return column
