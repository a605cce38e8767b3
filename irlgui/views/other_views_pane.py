"""A map of another view at the viewer's place: a pure function cuts and scales, the widget only paints."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from irlgui.views import theme
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.views.view import Layer

Rect = tuple[float, float, float, float]
_MARGIN = 8
_SMALL = 500_000


def cut_out(layer: Layer, turn: Turn, rect: Rect, width: int, height: int) -> NDArray[np.uint8]:
    """Return what a layer shows of ``rect`` as RGB or grey uint8, ``height`` x ``width`` device pixels.

    ``rect`` (x, y, width, height) is in stored pixels of the picture that the layer is stretched over; the
    cut is turned as the picture is shown. Larger keeps hard pixel edges.
    """
    rows, columns = layer.pixels.shape[:2]
    step_x, step_y = columns / turn.width, rows / turn.height
    x, y, w, h = rect[0] * step_x, rect[1] * step_y, rect[2] * step_x, rect[3] * step_y
    left, top = min(columns - 1, int(x)), min(rows - 1, int(y))
    right, bottom = max(left + 1, int(np.ceil(x + w - 1e-6))), max(top + 1, int(np.ceil(y + h - 1e-6)))
    part: NDArray[np.uint8] = turn.apply(layer.pixels[top:bottom, left:right])
    # The part has whole pixels; the view may begin inside one.
    size = (part.shape[1], part.shape[0])
    x0, y0, w0, h0 = _inside((x - left, y - top, w, h), (right - left, bottom - top), turn)
    if layer.smaller == "average" and (w0 > width or h0 > height):
        scaled = cv2.resize(
            np.ascontiguousarray(part), _target(size, (w0, h0), (width, height)), interpolation=cv2.INTER_AREA
        )
        fx, fy = scaled.shape[1] / size[0], scaled.shape[0] / size[1]
        x0, y0, w0, h0 = x0 * fx, y0 * fy, w0 * fx, h0 * fy
        part = np.asarray(scaled, np.uint8)
    across = np.clip((x0 + (np.arange(width) + 0.5) * w0 / width).astype(np.intp), 0, part.shape[1] - 1)
    down = np.clip((y0 + (np.arange(height) + 0.5) * h0 / height).astype(np.intp), 0, part.shape[0] - 1)
    return np.ascontiguousarray(part[down[:, None], across])


def halve(layer: Layer) -> list[Layer]:
    """Return the layer and its halves, each half as large, so that a large one is not averaged at each step.

    Layers of which pixels are picked need none: picking costs the same from any size.
    """
    levels = [layer]
    while layer.smaller == "average" and levels[-1].pixels.size > _SMALL:
        rows, columns = levels[-1].pixels.shape[:2]
        size = (max(1, columns // 2), max(1, rows // 2))
        smaller = cv2.resize(levels[-1].pixels, size, interpolation=cv2.INTER_AREA)
        levels.append(Layer(layer.label, np.asarray(smaller, np.uint8)))
    return levels


def choose_level(levels: list[Layer], device_pixels: int, share: float) -> Layer:
    """Return the smallest level whose seen ``share`` (0..1) has a pixel for each device pixel."""
    fits = [
        level for level in levels if level.pixels.shape[0] * level.pixels.shape[1] * share >= device_pixels
    ]
    return fits[-1] if fits else levels[0]


def _inside(rect: Rect, size: tuple[int, int], turn: Turn) -> Rect:
    """Return a rectangle within the stored part as it lies in the shown part."""
    return Turn(size[0], size[1], turn.flag).rect_to_shown(*rect)


def _target(size: tuple[int, int], seen: tuple[float, float], device: tuple[int, int]) -> tuple[int, int]:
    """Return the size at which the seen part has about as many pixels as the device, never enlarged."""
    return (
        min(size[0], max(1, round(size[0] * min(1.0, device[0] / seen[0])))),
        min(size[1], max(1, round(size[1] * min(1.0, device[1] / seen[1])))),
    )


class LinkedPane(QWidget):
    """Paints one layer where the viewer is; a click asks the viewer to go there."""

    place_asked = Signal(object)  # (x, y) in stored pixels

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: Layer | None = None
        self._levels: list[Layer] = []
        self._turn = Turn(1, 1)
        self._rect: Rect = (0, 0, 1, 1)
        self._image: tuple[QImage, NDArray[np.uint8]] | None = None
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName(self.tr("Other view, at the viewer's place"))

    def set_layer(self, layer: Layer | None, words: str = "") -> None:
        """Show a layer; with none, ``words`` say why."""
        self._layer, self._words = layer, words
        self._levels = halve(layer) if layer else []
        self._renew()

    def set_turn(self, turn: Turn) -> None:
        """Begin with another picture, seen whole."""
        self._turn = turn
        self.set_rect((0, 0, turn.width, turn.height))

    def set_rect(self, rect: Rect) -> None:
        """Show this part of the picture (x, y, width, height in stored pixels)."""
        x0, y0 = max(0.0, rect[0]), max(0.0, rect[1])
        x1, y1 = min(self._turn.width, rect[0] + rect[2]), min(self._turn.height, rect[1] + rect[3])
        if x1 > x0 and y1 > y0:
            self._rect = (x0, y0, x1 - x0, y1 - y0)
        self._renew()

    @property
    def _area(self) -> int:
        return self._turn.width * self._turn.height

    @property
    def place(self) -> QRectF:
        """Return where in the widget the seen part is drawn, in its shape."""
        _, _, width, height = self._turn.rect_to_shown(*self._rect)
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        scale = min(room.width() / max(width, 1e-6), room.height() / max(height, 1e-6))
        place = QRectF(0, 0, max(1.0, width * scale), max(1.0, height * scale))
        place.moveCenter(QRectF(self.rect()).center())
        return place

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(280, 220)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place, at = self.place, event.position()
        if event.button() != Qt.MouseButton.LeftButton or self._layer is None or not place.contains(at):
            return
        left, top, width, height = self._turn.rect_to_shown(*self._rect)
        x = left + (at.x() - place.x()) / place.width() * width
        y = top + (at.y() - place.y()) / place.height() * height
        self.place_asked.emit(self._turn.to_stored(x, y))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw; called by Qt."""
        painter, t = QPainter(self), theme.tokens()
        painter.fillRect(self.rect(), QColor(t.surround))
        if self._layer is not None:
            painter.drawImage(self.place, self._picture())
            return
        painter.setPen(QColor(t.on_surround))
        room = self.rect().adjusted(16, 16, -16, -16)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)

    def _picture(self) -> QImage:
        ratio, place = self.devicePixelRatioF(), self.place
        size = (max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio)))
        if self._image is None or (self._image[0].width(), self._image[0].height()) != size:
            layer = choose_level(self._levels, size[0] * size[1], self._rect[2] * self._rect[3] / self._area)
            pixels = cut_out(layer, self._turn, self._rect, *size)
            kind = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
            image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], kind)
            self._image = image, pixels  # the picture doesn't own its bytes
        return self._image[0]

    def _renew(self) -> None:
        self._image = None
        self.update()
