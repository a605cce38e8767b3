"""Small pieces that all pages share: headings, dim hints, and a box for what needs attention."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.plain_text import let_shrink
from irlgui.views import theme

PAGE_MARGINS = (9, 2 * theme.SPACE, 0, 0)  # what a page holds begins below its title's first letter


def make_heading(text: str) -> QLabel:
    """Return a bold line; like all labels here it shows names from outside letter by letter."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(theme.font("body", bold=True))
    return label


def dim(text: str = "") -> DimLabel:
    """Return a small line that explains."""
    return DimLabel(text)


class DimLabel(QLabel):
    """Small text in the dim colour of the theme of the moment."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(theme.font("small"))
        self._dress()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        sheet = f"color: {theme.tokens().text_dim}"
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)


class Attention(QWidget):
    """A framed text with a mark, for what the analyst should read before going on; hidden without a text.

    Widgets given to :meth:`add_row` stand below the text.
    """

    def __init__(self, icon: str = "caution", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._icon = icon, QLabel()
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        let_shrink(self.label)
        self._column = QVBoxLayout()
        self._column.setSpacing(2 * theme.SPACE)
        self._column.addWidget(self.label)
        row = QHBoxLayout(self)
        row.setContentsMargins(*[3 * theme.SPACE] * 4)
        row.setSpacing(3 * theme.SPACE)
        row.addWidget(self._icon)
        row.addLayout(self._column, 1)
        row.setAlignment(self._icon, row.alignment())
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """Return what is said, or nothing while hidden."""
        return "" if self.isHidden() else self.label.text()

    def show_text(self, text: str) -> None:
        """Say something, or go away with an empty text."""
        self.label.setText(text)
        self.setVisible(bool(text))

    def add_row(self, *widgets: QWidget) -> None:
        """Put widgets in a row below the text."""
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch()
        self._column.addLayout(row)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(t.caution if self._icon_name == "caution" else t.line_strong))
        painter.setBrush(QColor(t.raised))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), theme.RADIUS, theme.RADIUS)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._icon.setPixmap(assets.icon(self._icon_name).pixmap(QSize(20, 20), self.devicePixelRatio()))
