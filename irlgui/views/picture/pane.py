"""A canvas that follows the pointer: pan, zoom, swipe, select, draw. It decides nothing about other panes."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from irlgui.views.picture.canvas import Canvas
from irlgui.views.picture.grip import Grip, find_grip
from irlgui.views.picture.sketch import Kind, Point, Sketch, whole_pixels
from irlnet_core.evidence.annotations import Outline

Tool = Literal["pan", "area", "polygon", "rectangle", "freehand"]
_GRIP = 6  # logical pixels around the swipe line that take hold of it
_CLICK = 4  # logical pixels of movement that are still a click


class Pane(Canvas):
    """One canvas with its pointer. Points are stored picture coordinates."""

    camera_wanted = Signal(object)  # Camera
    hovered = Signal(object)  # (x, y) | None
    clicked = Signal(float, float)
    double_clicked = Signal(object)  # device pixel of the view (x, y)
    area_drawn = Signal(object)  # x, y, width, height in whole pixels
    shape_drawn = Signal(object)  # Shape
    outline_pressed = Signal(object)  # str, the id of one that was taken hold of
    outline_dragged = Signal(object)  # Outline, with its new points
    split_moved = Signal(float)
    focus_lost = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool: Tool = "pan"
        self._hand = False
        self._sketch: Sketch | None = None
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._drag: Literal["", "pan", "split", "sketch", "outline"] = ""
        self._outlines: tuple[Outline, ...] = ()
        self._chosen: str | None = None
        self._grip: Grip | None = None
        self._changed: Outline | None = None
        self._pen: Point | None = None  # where the keyboard draws
        self.setAcceptDrops(False)  # dropping files is the window's business
        self.viewport().setAcceptDrops(False)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_tool(self, tool: Tool) -> None:
        """Choose what a drag of the left button does; an unfinished outline is dropped."""
        self._tool = tool
        self._put_pen_away()
        self._new_sketch()
        self._set_cursor()

    def set_hand(self, on: bool) -> None:
        """While on, a drag moves the picture whatever the tool."""
        self._hand = on
        self._set_cursor()

    def set_outlines(self, outlines: tuple[Outline, ...], chosen: str | None) -> None:
        """Show the analyst's outlines; the chosen one can be taken by its corners."""
        self._outlines, self._chosen = outlines, chosen
        self.items_layer.set_outlines(outlines, chosen)

    def cancel_sketch(self) -> bool:
        """Drop an unfinished outline, or the change of one that is being dragged; tell if there was any."""
        started = self._grip is not None or (self._sketch is not None and self._sketch.started)
        if self._grip is not None:
            self._drag, self._grip, self._changed = "", None, None
            self.items_layer.set_outlines(self._outlines, self._chosen)
        self._new_sketch()
        return started

    def step_pen(self, dx: float, dy: float) -> Point:
        """Move the keyboard's pen by logical pixels, at first from the view's middle; return where it is."""
        ratio = self.viewport().devicePixelRatioF()
        if self._pen is None:
            self._pen = self.stored_at(QPointF(self.viewport().rect().center()))
        elif dx or dy:
            x, y = self.camera.to_view(*self.turn.to_shown(*self._pen))
            place = self.stored_at(QPointF(x / ratio + dx, y / ratio + dy))
            width, height = self.turn.width, self.turn.height
            self._pen = min(max(place[0], 0.0), width), min(max(place[1], 0.0), height)
        if self._sketch is not None and self._sketch.started:
            self._sketch.move(*self._pen)
            self._show_sketch()
        self.items_layer.set_pen(self._pen)
        self.hovered.emit(self._pen)
        return self._pen

    def press_pen(self) -> bool:
        """Set a corner where the keyboard's pen is, or end the shape; False while the pointer draws."""
        if self._sketch is None or (self._pen is None and self._sketch.started):
            return False
        if self._pen is None:
            self.step_pen(0, 0)
        elif not self._sketch.started:
            self._prepare_sketch()
            self._take(self._sketch.press(*self._pen))
        elif self._tool == "polygon":
            again = self._pen == self._sketch.points[-1] and len(self._sketch.points) >= 3
            self._take(self._sketch.close() if again else self._sketch.press(*self._pen))
        elif self._tool == "area":
            self._end_area(self._sketch.points[0], self._pen)
        else:
            self._take(self._sketch.release(*self._pen))
        return True

    def finish_sketch(self) -> None:
        """Close an unfinished polygon."""
        if self._sketch is not None and self._sketch.started:
            self._take(self._sketch.close())

    def take_back(self) -> None:
        """Remove the last corner of an unfinished polygon."""
        if self._sketch is not None:
            self._sketch.take_back()
            self.items_layer.set_sketch(self._sketch.outline())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show a frame when the focus came by the keyboard; called by Qt."""
        by_keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._set_framed(event.reason() in by_keys)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Take the frame away and tell; called by Qt."""
        self._set_framed(False)
        self.focus_lost.emit()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave the keys to the viewer; called by Qt."""
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave the keys to the viewer; called by Qt."""
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a drag; called by Qt."""
        event.accept()
        if self.views is None or event.button() not in (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.MiddleButton,
        ):
            return
        self._pressed = self._last = event.position()
        if event.button() == Qt.MouseButton.MiddleButton or self._hand:
            self._drag = "pan"
        elif self._on_divider(event.position()):
            self._drag = "split"
        elif self._sketch is not None:
            self._drag = "sketch"
            self._put_pen_away()
            self._prepare_sketch()
            self._take(self._sketch.press(*self.stored_at(event.position())))
        elif (grip := self._grip_at(event.position())) is not None:
            self._drag, self._grip = "outline", grip
            self.outline_pressed.emit(grip.outline.id)
        else:
            self._drag = "pan"
        self._set_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag or hover; called by Qt."""
        event.accept()
        here = event.position()
        if self.views is None:
            return
        if self._drag == "pan":
            ratio, step = self.viewport().devicePixelRatioF(), here - self._last
            self.camera_wanted.emit(self.camera.moved(step.x() * ratio, step.y() * ratio))
        elif self._drag == "split":
            self.split_moved.emit(min(1.0, max(0.0, here.x() / max(1, self.viewport().width()))))
        elif self._drag == "outline":
            self._drag_outline(here)
        elif self._sketch is not None and self._sketch.started:
            self._put_pen_away()
            self._sketch.move(*self.stored_at(here))
            self._show_sketch()
        self._last = here
        self._set_cursor()
        self.hovered.emit(self.stored_at(here))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End a drag, or tell of a click; called by Qt."""
        event.accept()
        drag, pressed, self._drag, self._pressed = self._drag, self._pressed, "", None
        if self.views is None or pressed is None:
            return
        here = event.position()
        if drag == "outline":
            self._end_outline()
        elif drag == "sketch" and self._sketch is not None:
            if self._tool == "area":
                if (here - pressed).manhattanLength() > _CLICK:
                    self._end_area(self.stored_at(pressed), self.stored_at(here))
                else:
                    self._new_sketch()
            else:
                self._take(self._sketch.release(*self.stored_at(here)))
        elif drag == "pan" and (here - pressed).manhattanLength() <= _CLICK and self._tool == "pan":
            self.clicked.emit(*self.stored_at(here))
        self._set_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Close a polygon, or zoom; called by Qt."""
        event.accept()
        if self._sketch is not None:
            self.finish_sketch()
        elif self.views is not None and not self._on_divider(event.position()):
            ratio = self.viewport().devicePixelRatioF()
            self.double_clicked.emit((event.position().x() * ratio, event.position().y() * ratio))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom at the pointer, or move with a touchpad; called by Qt."""
        event.accept()
        if self.views is None:
            return
        ratio, step = self.viewport().devicePixelRatioF(), event.pixelDelta()
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.phase() != Qt.ScrollPhase.NoScrollPhase and not step.isNull() and not held:
            self.camera_wanted.emit(self.camera.moved(step.x() * ratio, step.y() * ratio))
        elif event.angleDelta().y():
            at = (event.position().x() * ratio, event.position().y() * ratio)
            self.camera_wanted.emit(self.camera.zoomed(self.camera.wheel(event.angleDelta().y() / 120), at))

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Zoom by pinching; called by Qt."""
        pinch = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == pinch and self.views is not None:
            ratio = self.viewport().devicePixelRatioF()
            at = (event.position().x() * ratio, event.position().y() * ratio)
            self.camera_wanted.emit(self.camera.zoomed(self.camera.scale * (1 + event.value()), at))
            return True
        return bool(super().viewportEvent(event))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Show the tool's pointer; called by Qt."""
        self._set_cursor()
        super().enterEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802
        """Tell that the pointer has gone; called by Qt."""
        self.hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Tell of the new size; called by Qt, and by pyqtgraph without an event."""
        super().resizeEvent(event)
        if event is not None:
            self.resized.emit()

    def stored_at(self, place: QPointF) -> Point:
        """Return the stored picture coordinates under a logical viewport coordinate."""
        ratio = self.viewport().devicePixelRatioF()
        return self.turn.to_stored(*self.camera.to_picture(place.x() * ratio, place.y() * ratio))

    def _set_framed(self, on: bool) -> None:
        if on != self.framed:
            self.framed = on
            self.viewport().update()

    def _on_divider(self, place: QPointF) -> bool:
        return self.split is not None and abs(place.x() - self.split * self.viewport().width()) <= _GRIP

    def _grip_at(self, place: QPointF) -> Grip | None:
        """Return which outline can be taken hold of at a place of the viewport."""
        if not self._outlines or not self.items_layer.isVisible():
            return None
        reach = _GRIP * self.viewport().devicePixelRatioF() / self.camera.scale
        return find_grip(self._outlines, self._chosen, *self.stored_at(place), reach)

    def _drag_outline(self, here: QPointF) -> None:
        """Show the held outline where the pointer has pulled it; it is changed when it is let go."""
        if self._grip is None or self._pressed is None:
            return
        if self._changed is None and (here - self._pressed).manhattanLength() <= _CLICK:
            return
        (x0, y0), (x1, y1) = self.stored_at(self._pressed), self.stored_at(here)
        changed = self._changed = self._grip.dragged(x1 - x0, y1 - y0, (self.turn.width, self.turn.height))
        shown = (changed if outline.id == changed.id else outline for outline in self._outlines)
        self.items_layer.set_outlines(shown, changed.id)

    def _end_outline(self) -> None:
        changed, self._grip, self._changed = self._changed, None, None
        self.items_layer.set_outlines(self._outlines, self._chosen)
        if changed is not None:
            self.outline_dragged.emit(changed)

    def _put_pen_away(self) -> None:
        self._pen = None
        self.items_layer.set_pen(None)

    def _end_area(self, start: Point, end: Point) -> None:
        area = whole_pixels(start, end, self.turn.width, self.turn.height)
        self._new_sketch()
        if area[2] and area[3]:
            self.area_drawn.emit(area)

    def _prepare_sketch(self) -> None:
        """Let what counts as near follow the zoom, as long as nothing is drawn."""
        if self._sketch is not None and not self._sketch.started:
            self._new_sketch()

    def _new_sketch(self) -> None:
        kinds: dict[Tool, Kind] = {
            "area": "rectangle",
            "polygon": "polygon",
            "rectangle": "rectangle",
            "freehand": "freehand",
        }
        kind = kinds.get(self._tool)
        per_pixel = self.viewport().devicePixelRatioF() / self.camera.scale
        size = (self.turn.width, self.turn.height)
        self._sketch = Sketch(kind, *size, reach=8 * per_pixel, detail=0.75 * per_pixel) if kind else None
        self.items_layer.set_sketch(())

    def _take(self, shape: object) -> None:
        self._show_sketch()
        if shape is not None:
            self._new_sketch()
            self.shape_drawn.emit(shape)

    def _show_sketch(self) -> None:
        if self._sketch is not None:
            self.items_layer.set_sketch(self._sketch.outline())

    def _set_cursor(self) -> None:
        shape = Qt.CursorShape.CrossCursor
        if self.views is None:
            shape = Qt.CursorShape.ArrowCursor
        elif self._drag == "pan":
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._drag == "split" or self._on_divider(self._last):
            shape = Qt.CursorShape.SplitHCursor
        elif self._hand:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._tool == "pan" and (grip := self._grip or self._grip_at(self._last)) is not None:
            whole = grip.corner is None
            shape = Qt.CursorShape.SizeAllCursor if whole else Qt.CursorShape.PointingHandCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)
