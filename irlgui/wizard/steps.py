"""The six steps at the wizard's left edge, with the one that is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from irlgui.views import theme

_ROW = 9 * theme.SPACE


class Steps(QWidget):
    """Draws names below each other; those before the current one are done."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._current, self._skipped = list(names), 0, frozenset[int]()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Steps"))
        self.set_current(0)

    def set_current(self, number: int, skipped: frozenset[int] = frozenset()) -> None:
        """Mark a step as the open one; ``skipped`` ones are not gone through this time."""
        self._current, self._skipped = number, skipped
        told = self.tr("Step {} of {}: {}").format(number + 1, len(self._names), self._names[number])
        self.setAccessibleDescription(told)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(148, _ROW * len(self._names))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), QColor(t.line))
        for number, name in enumerate(self._names):
            current, done = number == self._current, number < self._current and number not in self._skipped
            y = 4 * theme.SPACE + number * _ROW
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.accent if current or done else t.line_strong))
            radius = 5 if current else 4
            painter.drawEllipse(20 - radius, y + _ROW // 2 - radius, 2 * radius, 2 * radius)
            painter.setPen(QColor(t.text if current else t.text_dim if done else t.text_off))
            painter.setFont(theme.font("body", bold=current))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(36, y, self.width() - 40, _ROW, int(flags), name)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
