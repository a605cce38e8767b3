"""Three columns: the outer two can be put away, and never take more than two fifths of the width together."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

LEFT_SHARE, RIGHT_SHARE = 0.175, 0.22


class Columns(QSplitter):
    """Left, middle and right; the middle gets what a growing window gives."""

    def __init__(self, left: QWidget, middle: QWidget, right: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.left, self.middle, self.right = left, middle, right
        self._state: QByteArray | None = QByteArray()  # None once it is restored
        for column in (left, middle, right):
            self.addWidget(column)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.setStretchFactor(1, 1)

    def restore(self, state: QByteArray | None) -> None:
        """Take the widths of an earlier session, or the usual ones, as soon as the columns are shown."""
        self._state = state or QByteArray()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if self._state is not None:
            QTimer.singleShot(0, self, self._apply)  # only then the columns have their room

    def _apply(self) -> None:
        state, self._state = self._state, None
        if state is not None and not self.restoreState(state):
            left, right = round(self.width() * LEFT_SHARE), round(self.width() * RIGHT_SHARE)
            self.setSizes([left, self.width() - left - right, right])
        self.setHandleWidth(1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        width = event.size().width()
        for column, share in ((self.left, LEFT_SHARE), (self.right, RIGHT_SHARE)):
            column.setMaximumWidth(max(column.minimumSizeHint().width(), round(width * share)))
        super().resizeEvent(event)
        self._fill()

    def _fill(self) -> None:
        """Give the middle what a column may no longer take; the splitter would leave an empty strip there."""
        left, middle, right = self.sizes()
        wanted = [min(left, self.left.maximumWidth()), middle, min(right, self.right.maximumWidth())]
        if wanted != [left, middle, right]:
            self.setSizes([wanted[0], middle + left - wanted[0] + right - wanted[2], wanted[2]])
