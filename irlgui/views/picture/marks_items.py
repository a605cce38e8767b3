"""Lines over the picture, in stored coordinates: regions, the analyst's outlines, the sketch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from irlgui.views import theme
from irlgui.views.picture.grip import MOST_HANDLES
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.outline_drawing import COLOURS
from irlnet_core.evidence.regions import Region

_HALO = QColor(16, 16, 16, 200)
_REGION = QColor(255, 255, 255)
_SKETCH = QColor(*COLOURS[3])
_MOST_TAGS = 60
_DASH, _GAP = 9.0, 6.0  # logical pixels


class MarkItems(pg.GraphicsObject):  # type: ignore[misc]
    """Draws all of them with lines that are equally thin at every zoom; a dark line under each bright one."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(10)
        self._scale = 1.0
        self._regions: tuple[Region, ...] = ()
        self._chosen: int | None = None
        self._outlines: tuple[Outline, ...] = ()
        self._held: str | None = None
        self._pen: tuple[float, float] | None = None
        self._sketch: tuple[tuple[float, float], ...] = ()
        self._area: tuple[float, float, float, float] | None = None
        self.shown = True

    def set_scale(self, scale: float) -> None:
        """Tell how many logical pixels a stored pixel has."""
        self._scale = scale

    def set_regions(self, regions: Iterable[Region], chosen: int | None) -> None:
        """Show the numbers of the regions and the box of the chosen one."""
        self._regions, self._chosen = tuple(regions), chosen
        self.update()

    def set_outlines(self, outlines: Iterable[Outline], chosen: str | None = None) -> None:
        """Show the analyst's own outlines, with handles at the corners of the chosen one."""
        self._outlines, self._held = tuple(outlines), chosen
        self.update()

    def set_pen(self, place: tuple[float, float] | None) -> None:
        """Show the cross that the keyboard draws with."""
        self._pen = place
        self.update()

    def set_sketch(self, points: Iterable[tuple[float, float]]) -> None:
        """Show what is being drawn."""
        self._sketch = tuple(points)
        self.update()

    def set_area(self, area: tuple[float, float, float, float] | None) -> None:
        """Show the selected rectangle: x, y, width, height."""
        self._area = area
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return everywhere: the lines' width depends on the zoom, and the view clips."""
        return QRectF(-1e6, -1e6, 2e6, 2e6)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Draw; called by Qt."""
        if not self.shown:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for outline in self._outlines:  # dashed as in the report: the tool's own lines are not
            colour = QColor(*COLOURS[outline.colour % len(COLOURS)])
            _stroke(painter, _polygon(outline.corners), colour, closed=True, dashed=True)
            if outline.id == self._held and len(outline.corners) <= MOST_HANDLES:
                self._draw_handles(painter, outline.corners, colour)
        if self._area is not None:
            _stroke(painter, QPolygonF(QRectF(*self._area)), _REGION, closed=True)
        if self._sketch:
            _stroke(painter, _polygon(self._sketch), _SKETCH, closed=False)
            self._draw_corners(painter)
        self._draw_regions(painter)
        self._draw_tags(painter)
        if self._pen is not None:
            self._draw_pen(painter, *self._pen)

    def _draw_pen(self, painter: QPainter, x: float, y: float) -> None:
        near, far = 3 / self._scale, 14 / self._scale
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            arm = [(x + near * dx, y + near * dy), (x + far * dx, y + far * dy)]
            _stroke(painter, _polygon(arm), _REGION, closed=False)

    def _draw_handles(
        self, painter: QPainter, corners: Sequence[tuple[float, float]], colour: QColor
    ) -> None:
        half = 3.5 / self._scale
        painter.setPen(_pen(painter, _HALO, 1))
        painter.setBrush(colour)
        for x, y in corners:
            painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))

    def _draw_regions(self, painter: QPainter) -> None:
        for region in self._regions:
            if region.id == self._chosen:
                _stroke(painter, QPolygonF(self._around(region)), _REGION, closed=True)

    def _draw_tags(self, painter: QPainter) -> None:
        to_view = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setFont(theme.font("small"))
        for region in self._regions[:_MOST_TAGS]:
            box = to_view.mapRect(self._around(region))
            if max(box.width(), box.height()) > 20 or region.id == self._chosen:
                _tag(painter, box, str(region.id), strong=region.id == self._chosen)
        if self._area is not None:
            words = "{:.0f} × {:.0f} px".format(*self._area[2:])
            _tag(painter, to_view.mapRect(QRectF(*self._area)), words, strong=False)
        for outline in self._outlines:
            _tag(painter, to_view.mapRect(QRectF(*outline.box)), outline.label, strong=False)
        painter.restore()

    def _around(self, region: Region) -> QRectF:
        gap = 3 / self._scale
        return QRectF(region.x, region.y, region.width, region.height).adjusted(-gap, -gap, gap, gap)

    def _draw_corners(self, painter: QPainter) -> None:
        if len(self._sketch) > 40:  # a freehand line
            return
        radius = 3 / self._scale
        painter.setPen(_pen(painter, _HALO, 1))
        painter.setBrush(_SKETCH)
        for x, y in self._sketch:
            painter.drawEllipse(QPointF(x, y), radius, radius)


def _stroke(
    painter: QPainter, line: QPolygonF, colour: QColor, *, closed: bool, dashed: bool = False
) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, width in ((_HALO, 3.5), (colour, 1.5)):
        pen = _pen(painter, shade, width)
        if dashed:  # the pattern counts in widths of the pen
            pen.setDashPattern([_DASH / width, _GAP / width])
        painter.setPen(pen)
        if closed:
            painter.drawPolygon(line)
        else:
            painter.drawPolyline(line)


def _pen(painter: QPainter, colour: QColor, width: float) -> QPen:
    """Return a pen of ``width`` logical pixels at every zoom; Qt's cosmetic pens count device pixels."""
    pen = QPen(colour, width * painter.device().devicePixelRatio())
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _polygon(points: Sequence[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _tag(painter: QPainter, box: QRectF, text: str, *, strong: bool) -> None:
    """Write a region's number outside the upper left corner of its box."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height()
    place = QRectF(max(2.0, box.left() - 1), max(2.0, box.top() - height - 2), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_REGION if strong else _HALO)
    painter.drawRoundedRect(place, 2, 2)
    painter.setPen(QColor(16, 16, 16) if strong else _REGION)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
