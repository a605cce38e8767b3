"""The facts of the open file: selectable text, hashes to copy, tables as tables."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.views import theme
from irlgui.views.facts_words import Group, groups_of, to_text
from irlgui.views.other_views_words import three_lines
from irlnet_core.evidence.image import SuspectImage

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


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
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE // 2)
        grid.setColumnStretch(1, 1)
        if not self._groups:
            grid.addWidget(_label(self.tr("Open a picture to see its facts."), "dim"), 0, 0, 1, 3)
        for group in self._groups:
            self._add(grid, group)
        self._column.replaceWidget(self._sheet, sheet)
        self._sheet.deleteLater()
        self._sheet = sheet
        self._dress()

    def _add(self, grid: QGridLayout, group: Group) -> None:
        row = grid.rowCount()
        grid.setRowMinimumHeight(row, 2 * theme.SPACE)
        grid.addWidget(_label(group.title, "title"), row + 1, 0, 1, 3)
        if group.kind is not None:
            grid.addWidget(_label(three_lines(group.kind), "dim"), grid.rowCount(), 0, 1, 3)
        if group.state != "found":
            grid.addWidget(_label(group.sentence, "dim"), grid.rowCount(), 0, 1, 3)
        for name, value in group.rows:
            row = grid.rowCount()
            grid.addWidget(_label(name, "dim"), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = _breakable(value)
            grid.addWidget(_label(shown, "value", name), row, 1)
            if shown != value:
                grid.addWidget(self._copy_button(name, value), row, 2, Qt.AlignmentFlag.AlignTop)
        for table in group.tables:
            grid.addWidget(_table(table), grid.rowCount(), 0, 1, 3)

    def _copy_button(self, name: str, value: str) -> QToolButton:
        """Copy a long value whole: on the screen it holds places to break."""
        button = QToolButton()
        button.setIcon(assets.icon("copy"))
        button.setIconSize(QSize(14, 14))
        button.setProperty("flat", True)
        button.setProperty("value", value)
        button.setToolTip(self.tr("Copy: {name}").format(name=name))
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
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("part", part)
    label.setWordWrap(part != "dim" or len(text) > 24)
    label.setFont(theme.font("body", bold=True) if part == "title" else theme.font("small"))
    if part == "value":
        if "\u200b" not in text:
            label.setTextInteractionFlags(_SELECTABLE)
        label.setAccessibleName(name)
        label.setAccessibleDescription(text.replace("\u200b", ""))
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def _table(steps: tuple[int, ...]) -> QLabel:
    rows = ["".join(f"{step:4d}" for step in steps[start : start + 8]) for start in range(0, 64, 8)]
    label = QLabel("\n".join(rows))
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(theme.font("small").pointSizeF())
    label.setFont(font)
    label.setTextInteractionFlags(_SELECTABLE)
    label.setContentsMargins(0, theme.SPACE, 0, theme.SPACE)
    return label


def _breakable(text: str) -> str:
    """Let long words wrap: a place to break after every eight letters of a word longer than a line."""
    return " ".join(
        "\u200b".join(word[i : i + 8] for i in range(0, len(word), 8)) if len(word) > 24 else word
        for word in text.split(" ")
    )
