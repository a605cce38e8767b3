"""The map's histogram on a log scale, with the card's measured marks; a drag moves the threshold."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from irlgui.views import theme
from irlgui.views.result_words import Mark
from irlnet_core.evidence.histogram import ResponseHistogram

INSET = 8  # the slider's handle is as wide on each side, so that both stand at one place
_TOP, _BOTTOM = 18, 16
_SNAP = 4


class ThresholdHistogram(QWidget):
    """Draws how many pixels respond how strongly; what lies above the threshold is in the accent's colour."""

    threshold_dragged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._histogram: ResponseHistogram | None = None
        self._bars: list[float] = []
        self._marks: tuple[Mark, ...] = ()
        self._threshold = 0.5
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Histogram of the response on a log scale"))
        self.setToolTip(
            self.tr("Number of pixels at each response, on a log scale. Drag to move the threshold.")
        )

    def set_histogram(self, histogram: ResponseHistogram | None) -> None:
        """Show another map's counts, or none."""
        self._histogram, self._bars = histogram, []
        self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show the card's operating points."""
        self._marks = marks
        self.update()

    def set_threshold(self, threshold: float) -> None:
        """Move the line; nothing is told."""
        self._threshold = threshold
        self.update()

    def threshold_at(self, x: float) -> float:
        """Return the threshold under a place of the widget; near a mark it is the mark's own."""
        width = max(1, self.width() - 2 * INSET)
        for mark in self._marks:
            if abs(self._x(mark.threshold) - x) <= _SNAP:
                return mark.threshold
        return round(min(1.0, max(0.0, (x - INSET) / width)), 3)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(280, 104)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, 104)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw; called by Qt."""
        painter, t = QPainter(self), theme.tokens()
        floor = self.height() - _BOTTOM
        painter.fillRect(QRectF(INSET, _TOP, self.width() - 2 * INSET, floor - _TOP), QColor(t.field))
        self._draw_bars(painter, floor)
        self._draw_scale(painter, floor)
        self._draw_marks(painter, floor)
        if self._histogram is not None:
            x = self._x(self._threshold)
            painter.setPen(QPen(QColor(t.text), 1.5))
            painter.drawLine(QPointF(x, _TOP - 2), QPointF(x, floor))

    def _drag(self, event: QMouseEvent) -> None:
        if self._histogram is not None:
            self.threshold_dragged.emit(self.threshold_at(event.position().x()))

    def _x(self, response: float) -> float:
        return INSET + response * (self.width() - 2 * INSET)

    def _draw_bars(self, painter: QPainter, floor: float) -> None:
        t, number = theme.tokens(), max(1, (self.width() - 2 * INSET) // 2)
        if self._histogram is None:
            return
        if len(self._bars) != number:
            self._bars = self._histogram.log_bars(number).tolist()
        room = floor - _TOP - 4
        for colour, above in ((t.line_strong, False), (t.accent, True)):
            left, right = (self._threshold, 1.0) if above else (0.0, self._threshold)
            painter.setClipRect(QRectF(self._x(left), 0, self._x(right) - self._x(left), self.height()))
            painter.fillPath(_steps(self._bars, INSET, self.width() - 2 * INSET, floor, room), QColor(colour))
        painter.setClipping(False)

    def _draw_scale(self, painter: QPainter, floor: float) -> None:
        t = theme.tokens()
        painter.setPen(QColor(t.line_strong))
        painter.drawLine(QPointF(INSET, floor), QPointF(self.width() - INSET, floor))
        painter.setPen(QColor(t.text_dim))
        painter.setFont(theme.font("small"))
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        place = QRectF(INSET, floor, self.width() - 2 * INSET, _BOTTOM)
        for text, side in zip(("0", self.tr("response"), "1"), sides, strict=True):
            painter.drawText(place, side | Qt.AlignmentFlag.AlignBottom, text)

    def _draw_marks(self, painter: QPainter, floor: float) -> None:
        """Draw a measured mark as a full line, an indicative one dashed; its rate stands above."""
        marks = sorted(self._marks, key=lambda mark: mark.threshold)
        painter.setFont(theme.font("small"))
        rooms = [painter.fontMetrics().horizontalAdvance(mark.label) + 6.0 for mark in marks]
        lefts = spread_labels([self._x(mark.threshold) for mark in marks], rooms, self.width())
        for mark, left, room in zip(marks, lefts, rooms, strict=True):
            x = self._x(mark.threshold)
            style = Qt.PenStyle.DashLine if mark.indicative else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(theme.tokens().text_dim), 1, style))
            painter.drawLine(QPointF(x, _TOP), QPointF(x, floor))
            painter.drawText(QRectF(left, 0, room, _TOP - 2), Qt.AlignmentFlag.AlignCenter, mark.label)


def spread_labels(centres: list[float], rooms: list[float], width: float) -> list[float]:
    """Return the left edges of labels over ascending ``centres``: side by side, and within ``width``.

    Labels that would touch form a block, which is centred over its marks.
    """
    blocks: list[list[int]] = []
    lefts: list[float] = []
    for number in range(len(centres)):
        blocks.append([number])
        lefts.append(_block_left(blocks[-1], centres, rooms, width))
        while len(blocks) > 1 and lefts[-2] + sum(rooms[i] for i in blocks[-2]) > lefts[-1]:
            last = blocks.pop()
            lefts.pop()
            blocks[-1] += last
            lefts[-1] = _block_left(blocks[-1], centres, rooms, width)
    placed = []
    for block, start in zip(blocks, lefts, strict=True):
        left = start
        for number in block:
            placed.append(left)
            left += rooms[number]
    return placed


def _block_left(block: list[int], centres: list[float], rooms: list[float], width: float) -> float:
    room = sum(rooms[number] for number in block)
    middle = sum(centres[number] for number in block) / len(block)
    return min(max(0.0, middle - room / 2), max(0.0, width - room))


def _steps(bars: list[float], left: float, width: float, floor: float, room: float) -> QPainterPath:
    path, step = QPainterPath(QPointF(left, floor)), width / len(bars)
    outline = QPolygonF([QPointF(left, floor)])
    for number, bar in enumerate(bars):
        y = floor - bar * room
        outline.append(QPointF(left + number * step, y))
        outline.append(QPointF(left + (number + 1) * step, y))
    outline.append(QPointF(left + width, floor))
    path.addPolygon(outline)
    return path
