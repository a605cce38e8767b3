"""The whole picture, small, with a frame around what is seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

_LONGEST = 168
_FRAME = QColor(24, 24, 24, 208)


class Overview(QWidget):
    """A press or drag in it asks for another place: ``place_wanted`` carries shown picture coordinates."""

    place_wanted = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._seen = QRectF()
        self._size = (1, 1)
        self.setAccessibleName(self.tr("Overview"))
        self.setAccessibleDescription(self.tr("The whole picture with a frame around the visible part"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.hide()

    def set_picture(self, pixels: NDArray[np.uint8], size: tuple[int, int]) -> None:
        """Show ``pixels`` (RGB uint8, as shown) of a picture of ``size`` = (width, height) shown pixels."""
        self._size = size
        factor = _LONGEST / max(size)
        width, height = max(8, round(size[0] * factor)), max(8, round(size[1] * factor))
        ratio = self.devicePixelRatioF()
        inner = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        small = cv2.resize(np.ascontiguousarray(pixels), inner, interpolation=cv2.INTER_AREA)
        image = QImage(np.asarray(small).data, *inner, 3 * inner[0], QImage.Format.Format_RGB888).copy()
        image.setDevicePixelRatio(ratio)
        self._image = image
        self.setFixedSize(width + 4, height + 4)
        self.update()

    def set_seen(self, x: float, y: float, width: float, height: float) -> None:
        """Frame the part of the picture that is seen (shown pixels)."""
        self._seen = QRectF(x, y, width, height)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint; called by Qt."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _FRAME)
        painter.drawImage(2, 2, self._image)
        sx, sy = (self.width() - 4) / self._size[0], (self.height() - 4) / self._size[1]
        box = QRectF(
            2 + self._seen.x() * sx,
            2 + self._seen.y() * sy,
            self._seen.width() * sx,
            self._seen.height() * sy,
        )
        if box.width() < 6 or box.height() < 6:  # still to be seen at 3200 %
            box = QRectF(box.center().x() - 3, box.center().y() - 3, 6, 6)
        for colour, width in ((QColor(16, 16, 16), 3), (QColor(255, 255, 255), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(box)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go there; called by Qt."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow a drag; called by Qt."""
        if event.buttons():
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        place = event.position()
        self.place_wanted.emit(
            (place.x() - 2) / max(1, self.width() - 4) * self._size[0],
            (place.y() - 2) / max(1, self.height() - 4) * self._size[1],
        )
