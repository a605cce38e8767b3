"""The facts of the open file: selectable text, hashes to copy, tables as tables."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.plain_text import plain_text
from irlgui.views import theme
from irlgui.views.facts_words import Group, groups_of, to_text
from irlgui.views.other_views_words import three_lines
from irlnet_core.evidence.image import SuspectImage

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
_WIDEST_NAME, _LONGEST_WORD = "Orientation flag  ", 18


class FactsSection(QWidget):
    """Shows what is known of a file; built only when it is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: SuspectImage | None = None
        self._groups: list[Group] = []
        self._stale = True
        self._sheet = QWidget()
        self.copy_button = QPushButton(assets.icon("copy"), self.tr("Copy all facts"))
        self.copy_button.setIconSize(QSize(16, 16))
        self.copy_button.clicked.connect(self.copy)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2 * theme.SPACE)
        self._column.addWidget(self._sheet)
        self._column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.set_image(None)

    def set_image(self, image: SuspectImage | None) -> None:
        """Show another file's facts."""
        self._image, self._stale = image, True
        if self.isVisible():
            self._fill()

    def copy(self) -> None:
        """Copy all facts as text."""
        QGuiApplication.clipboard().setText(to_text(self._groups))

    def showEvent(self, event: object) -> None:  # noqa: N802
        if self._stale:
            self._fill()
        super().showEvent(event)  # type: ignore[arg-type]

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _fill(self) -> None:
        self._stale = False
        self._groups = groups_of(self._image) if self._image else []
        self.copy_button.setEnabled(bool(self._groups))
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        if not self._groups:
            column.addWidget(_label(self.tr("Open a picture to see its facts."), "dim"))
        for group in self._groups:
            self._add(column, group)
        self._column.replaceWidget(self._sheet, sheet)
        self._sheet.deleteLater()
        self._sheet = sheet
        self._dress()

    def _add(self, column: QVBoxLayout, group: Group) -> None:
        column.addSpacing(2 * theme.SPACE)
        column.addWidget(_label(group.title, "title"))
        if group.kind is not None:
            column.addWidget(_label(three_lines(group.kind), "dim"))
        if group.state != "found":
            column.addWidget(_label(group.sentence, "dim"))
        for name, value in group.rows:
            column.addLayout(self._row(name, value))
        for table in group.tables:
            column.addWidget(_table(table))

    def _row(self, name: str, value: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        title, shown = _label(name, "dim"), _breakable(value)
        title.setFixedWidth(title.fontMetrics().horizontalAdvance(_WIDEST_NAME))
        row.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_label(shown, "value", name), 1, Qt.AlignmentFlag.AlignTop)
        if shown != value:
            row.addWidget(self._copy_button(name, value), 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _copy_button(self, name: str, value: str) -> QToolButton:
        """Copy a long value whole: on the screen it holds places to break."""
        button = QToolButton()
        button.setIcon(assets.icon("copy"))
        button.setIconSize(QSize(14, 14))
        button.setProperty("flat", True)
        button.setMinimumSize(6 * theme.SPACE, 6 * theme.SPACE)
        button.setProperty("value", value)
        button.setToolTip(plain_text(self.tr("Copy: {name}").format(name=name)))
        button.setAccessibleName(self.tr("Copy: {name}").format(name=name))
        button.clicked.connect(self._copy_one)
        return button

    def _copy_one(self) -> None:
        button = self.sender()
        if button is not None:
            QGuiApplication.clipboard().setText(str(button.property("value")))

    def _dress(self) -> None:
        style = f'QLabel[part="dim"] {{ color: {theme.tokens().text_dim}; }}'
        if self._sheet.styleSheet() != style:
            self._sheet.setStyleSheet(style)


def _label(text: str, part: str, name: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("part", part)
    if part == "value":  # before the text: a label that wraps tells its height for a width from then on
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setWordWrap(True)
    label.setText(text)
    label.setFont(theme.font("body", bold=True) if part == "title" else theme.font("small"))
    if part == "value":
        if "\u200b" not in text:
            label.setTextInteractionFlags(_SELECTABLE)
        label.setAccessibleName(name)
        label.setAccessibleDescription(text.replace("\u200b", ""))
    return label


def _table(steps: tuple[int, ...]) -> QLabel:
    rows = ["".join(f"{step:4d}" for step in steps[start : start + 8]) for start in range(0, 64, 8)]
    label = QLabel("\n".join(rows))
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(theme.font("small").pointSizeF())
    label.setFont(font)
    label.setTextInteractionFlags(_SELECTABLE)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    label.setContentsMargins(0, theme.SPACE, 0, theme.SPACE)
    return label


def _breakable(text: str) -> str:
    """Let long words wrap: a place to break after every eight letters of a word that is no word any more."""
    return " ".join(
        "\u200b".join(word[i : i + 8] for i in range(0, len(word), 8)) if len(word) > _LONGEST_WORD else word
        for word in text.split(" ")
    )
