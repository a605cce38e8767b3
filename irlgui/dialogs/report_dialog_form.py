"""The left side of the report's dialog: who reports, and what the report holds; kept in the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from irlgui.plain_text import no_mnemonic
from irlgui.views import theme
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.area import Area
from irlnet_core.report.choices import DEPTHS, OPTIONAL, Choices, Letterhead
from irlnet_core.report.texts import list_languages
from irlnet_core.report.visible import shorten
from irlnet_core.report.write import read_logo

_T = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)
_ENTRIES = {
    "laboratory": _T("ReportForm", "Laboratory"),
    "address": _T("ReportForm", "Address"),
    "examiner": _T("ReportForm", "Examiner"),
    "reviewer": _T("ReportForm", "Reviewer"),
    "case_number": _T("ReportForm", "Case number"),
}
_SECTIONS = {
    "request": _T("ReportForm", "Request and case"),
    "file": _T("ReportForm", "The file"),
    "crops": _T("ReportForm", "Regions closely"),
    "metadata": _T("ReportForm", "Metadata"),
    "opinion": _T("ReportForm", "My opinion, notes and outlines"),
    "method": _T("ReportForm", "Method"),
    "verification": _T("ReportForm", "How to check the report"),
    "integrity": _T("ReportForm", "Integrity"),
    "signatures": _T("ReportForm", "Lines to sign on"),
}
_DEPTHS = {"plain": _T("ReportForm", "Plain words"), "technical": _T("ReportForm", "Technical")}


class ReportForm(QWidget):
    """Fields of the letterhead and the choices; ``changed`` tells of each edit."""

    changed = Signal()

    def __init__(self, store: QSettings, outlines: Sequence[Outline], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._outlines = store, list(outlines)
        self.entries = {name: self._line(name) for name in _ENTRIES}
        self.request = QPlainTextEdit()
        self.request.setFixedHeight(64)
        self.request.setTabChangesFocus(True)
        self.request.textChanged.connect(self.changed)
        self.logo = self._line("logo")
        self.detail = self._choice("depth", [(name, _tr(_DEPTHS[name])) for name in DEPTHS], "technical")
        self.language = self._choice("language", list(list_languages().items()), "en")
        self.sections = {name: self._box(name, _tr(_SECTIONS[name])) for name in OPTIONAL}
        self.paths = self._box("paths", self.tr("Folders of the evidence"))
        self.black = self._make_black()
        self._lay_out()

    def letterhead(self) -> Letterhead:
        """Return who reports. Raises :class:`IrlnetError` for a logo that can't be used."""
        fields = {name: line.text().strip() for name, line in self.entries.items()}
        logo = self.logo.text().strip()
        return Letterhead(
            **fields, logo=read_logo(Path(logo)) if logo else None, request=self.request.toPlainText().strip()
        )

    def choices(self, sha256: str) -> Choices:
        """Return what the report of the picture with this hash holds."""
        left = frozenset(name for name, box in self.sections.items() if not box.isChecked())
        black = tuple(_area(one) for one in self._ticked())
        return Choices(
            depth=self.detail.currentData(),
            language=self.language.currentData(),
            left_out=left,
            paths=self.paths.isChecked(),
            blackened={sha256: black} if black else {},
        )

    def keep(self) -> None:
        """Keep what belongs to the laboratory for the next report; request and blackening belong to this."""
        lines = {**self.entries, "logo": self.logo}
        kept: dict[str, object] = {name: line.text() for name, line in lines.items()}
        kept |= {name: box.isChecked() for name, box in {**self.sections, "paths": self.paths}.items()}
        kept |= {"depth": self.detail.currentData(), "language": self.language.currentData()}
        for name, value in kept.items():
            self._store.setValue(f"report/{name}", value)

    def _ticked(self) -> list[Outline]:
        return [one for one, box in zip(self._outlines, self.black, strict=True) if box.isChecked()]

    def _kept(self, name: str, default: str) -> str:
        return str(self._store.value(f"report/{name}", default))

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit(self._kept(name, ""))
        line.textChanged.connect(self.changed)
        return line

    def _box(self, name: str, words: str) -> QCheckBox:
        box = QCheckBox(words)
        box.setChecked(self._kept(name, "true").lower() == "true")
        box.toggled.connect(self.changed)
        return box

    def _choice(self, name: str, choices: list[tuple[str, str]], default: str) -> QComboBox:
        combo = QComboBox()
        for value, words in choices:
            combo.addItem(words, value)
        combo.setCurrentIndex(max(0, combo.findData(self._kept(name, default))))
        combo.currentIndexChanged.connect(self.changed)
        return combo

    def _make_black(self) -> list[QCheckBox]:
        boxes = [QCheckBox(no_mnemonic(shorten(outline.label, 36))) for outline in self._outlines]
        for box in boxes:
            box.toggled.connect(self.changed)
        return boxes

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 3 * theme.SPACE, 0)
        layout.setSpacing(2 * theme.SPACE)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for name, words in _ENTRIES.items():
            self._add(form, _tr(words), self.entries[name])
        self._add(form, self.tr("Logo"), self.logo, self._make_browse())
        self._add(form, self.tr("Request"), self.request)
        self._add(form, self.tr("Depth"), self.detail)
        self._add(form, self.tr("Language"), self.language)
        layout.addLayout(form)
        layout.addWidget(self._heading(self.tr("Contents")))
        for box in (*self.sections.values(), self.paths):
            layout.addWidget(box)
        layout.addWidget(
            self._hint(self.tr("Results, what was not run, performance and limits always stay."))
        )
        layout.addWidget(self._heading(self.tr("Blacken in the figures")))
        for box in self.black:
            layout.addWidget(box)
        hint = self.tr("Draw a rectangle over what must not be seen; then it can be ticked here.")
        layout.addWidget(self._hint(hint))
        layout.addStretch()

    def _add(self, form: QFormLayout, words: str, field: QWidget, beside: QWidget | None = None) -> None:
        field.setAccessibleName(words)
        label = QLabel(words)
        label.setBuddy(field)
        if beside is None:
            form.addRow(label, field)
            return
        row = QHBoxLayout()
        row.addWidget(field)
        row.addWidget(beside)
        form.addRow(label, row)

    def _make_browse(self) -> QPushButton:
        button = QPushButton(self.tr("Choose…"))
        button.setAccessibleName(self.tr("Choose a logo"))
        button.setAutoDefault(False)
        button.clicked.connect(self._browse)
        return button

    def _browse(self) -> None:
        pictures = self.tr("Pictures")
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a logo"), self.logo.text(), f"{pictures} (*.png *.jpg *.jpeg)"
        )
        if name:
            self.logo.setText(name)

    def _heading(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setFont(theme.font("body", bold=True))
        return label

    def _hint(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setWordWrap(True)
        label.setFont(theme.font("small"))
        label.setStyleSheet(f"color: {theme.tokens().text_dim}")
        return label


def _area(outline: Outline) -> Area:
    """Return the whole pixels that an outline's box touches."""
    x, y, width, height = outline.box
    left, top = int(x), int(y)
    return Area(left, top, max(1, int(-(-(x + width) // 1)) - left), max(1, int(-(-(y + height) // 1)) - top))


def _tr(text: str) -> str:
    return QCoreApplication.translate("ReportForm", text)
