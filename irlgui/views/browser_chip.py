"""A small button that is on or off: one condition of a filter."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from irlgui.views import theme


class Chip(QAbstractButton):
    """Shows its text in a rounded frame; filled in the accent while it is on."""

    def __init__(self, text: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        metrics = QFontMetrics(theme.font("small"))
        height = metrics.height() + 2 * theme.SPACE
        return QSize(max(height, metrics.horizontalAdvance(self.text()) + 4 * theme.SPACE), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()  # a condition that can't be read is none

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        on, radius = self.isChecked() and self.isEnabled(), box.height() / 2
        painter.setPen(QPen(QColor(t.accent if on or self.hasFocus() else t.line_strong), 1))
        painter.setBrush(QColor(t.accent if on else self._ground()))
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            inner = box.adjusted(1.5, 1.5, -1.5, -1.5)
            painter.setPen(QPen(QColor(t.on_accent if on else t.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        font = theme.font("small")
        painter.setFont(font)
        painter.setPen(QColor(t.on_accent if on else t.text if self.isEnabled() else t.text_off))
        width = self.width() - 2 * theme.SPACE
        text = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _ground(self) -> str:
        t = theme.tokens()
        if not self.isEnabled():
            return t.window
        return t.hover if self.underMouse() else t.field
