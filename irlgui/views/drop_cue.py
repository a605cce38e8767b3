"""What the window shows while files are dragged over it: that letting go opens them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from irlgui.views import theme


class DropCue(QWidget):
    """A frame in the accent and one line of text over the whole of its parent; the pointer passes through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Drop to open"))
        self.hide()

    def begin(self) -> None:
        """Show it over all that the parent holds now."""
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw; called by Qt."""
        t, text = theme.tokens(), self.tr("Drop to open: files are only read, never changed")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.accent), 2))
        painter.drawRect(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.setFont(theme.font("body", bold=True))
        room = painter.fontMetrics().horizontalAdvance(text) + 12 * theme.SPACE
        box = QRectF((self.width() - room) / 2, self.height() / 2 - 24, room, 48)
        painter.setBrush(QColor(t.panel))
        painter.setPen(QPen(QColor(t.line_strong), 1))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
