"""The small signs on a picture's tile, drawn as shapes and figures: colour alone never says anything."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from irlgui.models.picture_list_entry import State

STROKE = 1.5


def draw_state(painter: QPainter, square: QRectF, state: State, colour: QColor) -> None:
    """Draw the sign of a state: ring of dashes, clock, arrow, tick, or triangle with exclamation mark."""
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_STATES[state](square.adjusted(1, 1, -1, -1)))


def draw_regions(painter: QPainter, square: QRectF, colour: QColor) -> None:
    """Draw the sign for regions: the corners of a frame."""
    painter.setPen(_pen(colour))
    box, leg = square.adjusted(1.5, 1.5, -1.5, -1.5), square.width() / 4
    for x, dx in ((box.left(), leg), (box.right(), -leg)):
        for y, dy in ((box.top(), leg), (box.bottom(), -leg)):
            painter.drawPolyline([QPointF(x + dx, y), QPointF(x, y), QPointF(x, y + dy)])


def draw_broken(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Draw a picture frame that is torn in two."""
    side = min(box.width(), box.height()) * 0.5
    frame = QRectF(0, 0, side * 1.25, side)
    frame.moveCenter(box.center())
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    left, right, top, bottom = frame.left(), frame.right(), frame.top(), frame.bottom()
    middle, tooth, gap = frame.center().x(), side / 8, side / 10
    tear = [(tooth, top), (-tooth, top + side / 3), (tooth, top + side * 2 / 3), (-tooth, bottom)]
    painter.drawPolyline(
        [QPointF(middle + dx - gap, y) for dx, y in tear] + [QPointF(left, bottom), QPointF(left, top)]
    )
    painter.drawLine(QPointF(left, top), QPointF(middle + tooth - gap, top))
    painter.drawPolyline(
        [QPointF(middle + dx + gap, y) for dx, y in tear] + [QPointF(right, bottom), QPointF(right, top)]
    )
    painter.drawLine(QPointF(right, top), QPointF(middle + tooth + gap, top))


def _pen(colour: QColor) -> QPen:
    return QPen(colour, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _lines(box: QRectF, *lines: tuple[tuple[float, float], ...]) -> QPainterPath:
    """Return a path of lines whose points are shares of the box."""
    path = QPainterPath()
    for line in lines:
        points = [QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in line]
        path.moveTo(points[0])
        for point in points[1:]:
            path.lineTo(point)
    return path


def _new(box: QRectF) -> QPainterPath:
    """Return a ring of dashes: nothing has run."""
    path = QPainterPath()
    for start in range(0, 360, 60):
        path.arcMoveTo(box, start)
        path.arcTo(box, start, 30)
    return path


def _queued(box: QRectF) -> QPainterPath:
    path = _lines(box, ((0.5, 0.25), (0.5, 0.5), (0.7, 0.62)))
    path.addEllipse(box)
    return path


def _running(box: QRectF) -> QPainterPath:
    return _lines(box, ((0.15, 0.02), (0.95, 0.5), (0.15, 0.98), (0.15, 0.02)))


def _done(box: QRectF) -> QPainterPath:
    return _lines(box, ((0.05, 0.55), (0.38, 0.88), (0.98, 0.15)))


def _failed(box: QRectF) -> QPainterPath:
    return _lines(
        box,
        ((0.5, 0.02), (1.0, 0.95), (0.0, 0.95), (0.5, 0.02)),
        ((0.5, 0.38), (0.5, 0.62)),
        ((0.5, 0.78), (0.5, 0.79)),
    )


_STATES = {"new": _new, "queued": _queued, "running": _running, "done": _done, "failed": _failed}
