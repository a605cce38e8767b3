"""One pane: pyqtgraph's view and scene for what is drawn as items, our own sheets for the pixels beneath."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QRegion, QTransform
from PySide6.QtWidgets import QWidget

from irlgui.views import theme
from irlgui.views.picture.camera import GRID_FROM, Camera, whole
from irlgui.views.picture.frame import FrameMaker, Look, Sheet
from irlgui.views.picture.furniture import Furniture, draw_empty, draw_furniture
from irlgui.views.picture.marks_items import MarkItems
from irlgui.views.picture.side import Side, Views
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.area import Area

_OPAQUE, _CLEAR = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied
_VEIL = QColor(0, 0, 0, 72)
_GRID = QColor(128, 128, 128, 96)


class Canvas(pg.GraphicsView):  # type: ignore[misc]
    """Draws one or two sides of a picture at a camera; knows nothing of the pointer.

    The pixels are painted in device pixels beneath the scene, one to one. The scene's items (regions,
    outlines, what is being drawn) live in stored picture coordinates in a ViewBox that shows the same place.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.turn = Turn(1, 1)
        self.camera = Camera(1, 1, 1, 1)
        self.views: Views | None = None
        self.look = Look()
        self.said = Furniture()
        self.split: float | None = None  # the swipe line, 0..1 of the width
        self.undone: QRegion | None = None  # where no tile has been computed yet, in stored pixels
        self.empty = ("", "")
        self.framed = False  # whether the keyboard's focus is shown
        self._makers = (FrameMaker(), FrameMaker())
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        self._box.disableAutoRange()
        self.setCentralItem(self._box)
        self.items_layer = MarkItems()
        self._box.addItem(self.items_layer, ignoreBounds=True)

    def device_size(self) -> tuple[int, int]:
        """Return the view's width and height in device pixels."""
        ratio = self.viewport().devicePixelRatioF()
        return max(1, whole(self.viewport().width() * ratio)), max(1, whole(self.viewport().height() * ratio))

    def set_turn(self, turn: Turn) -> None:
        """Show a picture of another size or orientation."""
        self.turn = turn
        self.items_layer.setTransform(QTransform(*turn.matrix()))
        for maker in self._makers:
            maker.forget()

    def set_camera(self, camera: Camera) -> None:
        """Show another place."""
        self.camera = camera
        right, bottom = camera.to_picture(camera.view_width, camera.view_height)
        self._box.setRange(
            xRange=(camera.left, right), yRange=(camera.top, bottom), padding=0, disableAutoRange=False
        )
        self.items_layer.set_scale(camera.scale / self.viewport().devicePixelRatioF())
        self.viewport().update()

    def set_views(self, views: Views | None) -> None:
        """Show other sides."""
        self.views = views
        self.viewport().update()

    def set_look(self, look: Look) -> None:
        """Draw the sides otherwise."""
        self.look = look
        self.viewport().update()

    def say(self, said: Furniture) -> None:
        """Change what is said over the view."""
        if said != self.said:
            self.said = said
            self.viewport().update()

    def drawBackground(self, painter: QPainter, _rect: QRectF) -> None:  # noqa: N802
        """Paint the surround and the pixels; called by Qt."""
        painter.save()
        painter.resetTransform()
        painter.fillRect(self.viewport().rect(), QColor(theme.tokens().surround))
        if self.views is not None:
            self._draw_sides(painter, self.views)
        painter.restore()

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:  # noqa: N802
        """Paint what stands over the items; called by Qt."""
        painter.save()
        painter.resetTransform()
        size = (float(self.viewport().width()), float(self.viewport().height()))
        if self.views is None:
            draw_empty(painter, QRectF(self.viewport().rect()), *self.empty)
        else:
            if self.split is not None:
                self._draw_divider(painter)
            draw_furniture(painter, size, self.said, self.look, self.camera)
        if self.framed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(QColor(theme.tokens().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
        painter.restore()

    def _draw_sides(self, painter: QPainter, views: Views) -> None:
        if self.split is None or views.second is None:
            self._draw_side(painter, views.main, 0)
        else:
            at = whole(self.split * self.viewport().width())
            box = self.viewport().rect()
            painter.setClipRect(QRect(0, 0, at, box.height()))
            self._draw_side(painter, views.main, 0)
            painter.setClipRect(QRect(at, 0, box.width() - at, box.height()))
            self._draw_side(painter, views.second, 1)
            painter.setClipping(False)
        if self.undone is not None:
            self._draw_veil(painter, self.undone)
        if self.camera.scale >= GRID_FROM:
            self._draw_grid(painter)

    def _draw_side(self, painter: QPainter, side: Side, which: Literal[0, 1]) -> None:
        maker = self._makers[which]
        # Lines are as thick on a dense screen as on another.
        look = replace(self.look, line=max(1, round(self.viewport().devicePixelRatioF())))
        place = (self.turn, self.camera, look)
        self._draw_sheet(painter, maker.picture(side, *place), _OPAQUE)
        painter.save()
        if side.response is not None and side.response.analysed is not None and look.mode != "none":
            self._draw_limits(painter, side.response.analysed)
        for sheet in (maker.heat(side, *place), maker.marks(side, *place)):
            if sheet is not None:
                self._draw_sheet(painter, sheet, _CLEAR)
        painter.restore()

    def _draw_limits(self, painter: QPainter, analysed: Area) -> None:
        """Grey and hatch what was not analysed, as the report does, and draw nothing else there."""
        to_view = self._to_view()
        box = to_view.mapRect(QRectF(analysed.x, analysed.y, analysed.width, analysed.height))
        outside = QPainterPath()
        outside.addRect(to_view.mapRect(QRectF(0, 0, self.turn.width, self.turn.height)))
        outside.addRect(box)  # odd and even: the inner rectangle is a hole
        painter.fillPath(outside, QColor(96, 96, 96, 128))
        painter.fillPath(outside, QBrush(QColor(150, 150, 150), Qt.BrushStyle.BDiagPattern))
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)

    def _draw_sheet(self, painter: QPainter, sheet: Sheet, kind: QImage.Format) -> None:
        ratio = self.viewport().devicePixelRatioF()
        pixels = np.ascontiguousarray(sheet.pixels)
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, kind)
        image.setDevicePixelRatio(ratio)
        painter.save()
        painter.translate(sheet.x / ratio, sheet.y / ratio)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _draw_veil(self, painter: QPainter, undone: QRegion) -> None:
        """Darken where no tile has answered yet: nothing found there is not the same as not looked yet."""
        path = QPainterPath()
        path.addRegion(undone)
        painter.fillPath(self._to_view().map(path), _VEIL)

    def _draw_grid(self, painter: QPainter) -> None:
        ratio = self.viewport().devicePixelRatioF()
        x0, y0, x1, y1 = (place / ratio for place in self.camera.window())
        left, top, width, height = self.camera.visible
        painter.setPen(QPen(_GRID, 0))
        for column in range(int(left) + 1, int(left + width) + 1):
            x = self.camera.to_view(column, 0)[0] / ratio
            painter.drawLine(round(x), round(y0), round(x), round(y1))
        for row in range(int(top) + 1, int(top + height) + 1):
            y = self.camera.to_view(0, row)[1] / ratio
            painter.drawLine(round(x0), round(y), round(x1), round(y))

    def _draw_divider(self, painter: QPainter) -> None:
        at, height = whole((self.split or 0) * self.viewport().width()), self.viewport().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(at - 1.5, 0, 3, height), QColor(16, 16, 16, 160))
        painter.fillRect(QRectF(at - 0.5, 0, 1, height), QColor(255, 255, 255))
        painter.setPen(QPen(QColor(16, 16, 16), 1))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawRoundedRect(QRectF(at - 4, height / 2 - 16, 8, 32), 4, 4)

    def _to_view(self) -> QTransform:
        """Return the map from stored pixels to the viewport's logical pixels."""
        ratio = self.viewport().devicePixelRatioF()
        scale = self.camera.scale / ratio
        shown = QTransform(scale, 0, 0, scale, -self.camera.left * scale, -self.camera.top * scale)
        return QTransform(*self.turn.matrix()) * shown
