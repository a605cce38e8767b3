"""The facts of a case as a form: for a new one with its file, for the open one with the state of its log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from irlgui.open_case import CaseState
from irlgui.recent import is_there
from irlgui.views import theme
from irlgui.wizard.folder_field import expand
from irlgui.wizard.look import Attention, dim
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.connection import SUFFIX
from irlnet_core.case.exhibit import CaseFacts
from irlnet_core.evidence.export import safe_stem
from irlnet_core.files import is_inside

_NAMES = ("number", "title", "laboratory", "examiner")


class CaseFields(QWidget):
    """Number, title, laboratory, examiner."""

    def __init__(self, facts: CaseFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = (self.tr("Case &number"), self.tr("&Title"), self.tr("&Laboratory"), self.tr("&Examiner"))
        self.edits = {name: QLineEdit(getattr(facts, name)) for name in _NAMES}
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(2 * theme.SPACE)
        self.form.setHorizontalSpacing(4 * theme.SPACE)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name, word in zip(_NAMES, words, strict=True):
            add_row(self.form, word, self.edits[name])

    def facts(self) -> dict[str, str]:
        """Return what is typed."""
        return {name: edit.text().strip() for name, edit in self.edits.items()}


class NewCaseDialog(QDialog):
    """Asks for a new case's facts and file; what can't be used is said beside the field, not afterwards."""

    def __init__(
        self, folder: Path, facts: CaseFacts, evidence: list[Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New case"))
        self._folder = folder
        self._evidence = {path.parent for path in evidence}
        self._named = False
        self.fields = CaseFields(facts)
        self.place = QLineEdit()
        self.keep = QCheckBox(
            self.tr("Take all {} pictures of the list into the case").format(len(evidence))
            if len(evidence) > 1
            else self.tr("Take the open picture into the case")
        )
        self.keep.setChecked(bool(evidence))
        self.keep.setVisible(bool(evidence))
        self.problem = Attention()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make_button = QPushButton(self.tr("&Make the case"))
        self.buttons.addButton(self.make_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        for name in ("number", "title"):
            self.fields.edits[name].textChanged.connect(self._suggest)
        self.place.textEdited.connect(self._take_name)
        self.place.textChanged.connect(self._check)
        self.keep.toggled.connect(self._check)
        self._suggest()
        self.resize(560, self.sizeHint().height())

    @property
    def path(self) -> Path:
        """Return the file of the new case."""
        path = expand(self.place.text())
        return path if path.suffix == SUFFIX or not path.name else path.with_name(path.name + SUFFIX)

    def _lay_out(self) -> None:
        browse = QPushButton(self.tr("&Choose…"))
        browse.setAccessibleName(self.tr("Choose the file of the case"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.place, 1)
        row.addWidget(browse)
        label = QLabel(self.tr("&File"))
        label.setBuddy(self.place)
        self.place.setAccessibleName(self.tr("File"))
        self.fields.form.addRow(label, row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        text = self.tr(
            "A case holds the hashes and places of its pictures, the results, your words and a log of every "
            "change. The pictures themselves stay where they are."
        )
        for widget in (dim(text), self.fields, self.keep, self.problem, self.buttons):
            layout.addWidget(widget)

    @Slot()
    def _suggest(self) -> None:
        """Name the file after the case, until the analyst names it."""
        if not self._named:
            facts = self.fields.facts()
            name = " ".join(part for part in (facts["number"], facts["title"]) if part)
            stem = safe_stem(name.replace("/", "-").replace("\\", "-")) if name else ""
            self.place.setText(str(self._folder / f"{stem or self.tr('case')}{SUFFIX}"))

    @Slot()
    def _take_name(self) -> None:
        self._named = True

    @Slot()
    def _check(self) -> None:
        problem, typed = "", expand(self.place.text())
        if typed.name in ("", "..") or str(typed).startswith("~"):  # half typed, or nobody's home
            problem = self.tr("Name a file for the case.")
        elif is_there(self.path):
            problem = self.tr("There is such a file already. Choose another name.")
        elif self.keep.isChecked() and any(is_inside(self.path.parent, place) for place in self._evidence):
            problem = self.tr("That folder holds evidence; nothing is ever written there. Choose another.")
        self.problem.show_text(problem)
        self.make_button.setEnabled(not problem)

    @Slot()
    def _browse(self) -> None:
        kinds = self.tr("Cases") + f" (*{SUFFIX})"
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("File of the case"), str(self.path), kinds)
        if chosen:
            self._named = True
            self.place.setText(chosen)


class CaseDialog(QDialog):
    """The facts of the open case, and where its file and its log stand. ``fields`` is what may be changed."""

    def __init__(
        self, state: CaseState, counts: dict[str, int], head: ChainHead | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("The case"))
        self.fields = CaseFields(state.facts or CaseFacts(""))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        if state.automatic:
            text = self.tr(
                "This is the automatic case, which the program keeps as long as you name none. File, New "
                "case makes one for an examination, with the pictures of the list."
            )
            layout.addWidget(dim(text))
        layout.addWidget(self.fields)
        layout.addLayout(self._told(state, counts, head))
        layout.addWidget(buttons)
        self.resize(600, self.sizeHint().height())

    def _told(self, state: CaseState, counts: dict[str, int], head: ChainHead | None) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(2 * theme.SPACE)
        form.setHorizontalSpacing(4 * theme.SPACE)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        contents = self.tr("Pictures: {items}, analysed: {findings}, judged: {judgements}").format(**counts)
        rows = [
            (self.tr("File"), str(state.path or "")),
            (self.tr("Contents"), contents),
            (self.tr("Made"), state.facts.created if state.facts else ""),
            (self.tr("Log"), self.tr("{} entries").format(head.length) if head else ""),
            (self.tr("Head of the log"), head.head if head else ""),
        ]
        for name, value in rows:
            field = QLineEdit(value)  # long paths and hashes scroll, and can be copied
            field.setReadOnly(True)
            field.setCursorPosition(0)
            field.setStyleSheet("QLineEdit { background: transparent; border: 0; padding: 0; min-height: 0 }")
            add_row(form, name, field)
        return form


def add_row(form: QFormLayout, words: str, field: QLineEdit) -> None:
    """Add a labelled field with its name for screen readers."""
    label = QLabel(words)
    label.setBuddy(field)
    label.setMinimumWidth(112)
    field.setAccessibleName(words.replace("&", ""))
    form.addRow(label, field)
