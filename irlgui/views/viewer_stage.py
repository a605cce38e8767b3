"""The panes of the viewer and the place that they show together: zoom, pan, keys, tools, overview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from irlgui.views.picture.camera import GRID_FROM, Camera
from irlgui.views.picture.overview import Overview
from irlgui.views.picture.pane import Pane, Tool
from irlgui.views.picture.sketch import Shape
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.annotations import Outline

Rect = tuple[int, int, int, int]

_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_STRIDE = 64  # logical pixels that an arrow key moves
_PEN_STEP = 8  # logical pixels that an arrow key moves the pen
_GAP = 8


@dataclass(frozen=True)
class View:
    """What is seen: stored x, y, width, height; the scale (1 = 100 %); whether it follows the window."""

    rect: tuple[float, float, float, float]
    scale: float
    fitted: bool


class Stage(QWidget):
    """One pane, or two beside each other at one place and zoom.

    All coordinates that go in and out are pixels of the stored grid; the EXIF orientation turns the display
    only.
    """

    view_changed = Signal(object)  # View
    area_selected = Signal(object)  # QRect
    area_dropped = Signal()  # by Escape
    peek_wanted = Signal(bool)  # while Space is held
    shape_drawn = Signal(object)  # Shape
    tool_dropped = Signal()  # by Escape, with nothing begun
    outline_chosen = Signal(object)  # the id of an outline | None
    outline_changed = Signal(object)  # Outline, as it was dragged
    outline_nudged = Signal(str, float, float)  # id, and by how many stored pixels

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = (Pane(self), Pane(self))
        self.overview = Overview(self.panes[0])
        self.camera = Camera(1, 1, 1, 1)
        self.turn = Turn(1, 1)
        self.fitted = True
        self.area: Rect | None = None
        self._tool: Tool = "pan"
        self._outlines: tuple[Outline, ...] = ()
        self._chosen_outline: str | None = None
        self._vacant = True
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for pane in self.panes:
            row.addWidget(pane, 1)
            pane.camera_wanted.connect(self._take_camera)
            pane.double_clicked.connect(self._take_double_click)
            pane.area_drawn.connect(self._take_area)
            pane.shape_drawn.connect(self._take_shape)
            pane.outline_pressed.connect(self.outline_chosen)
            pane.outline_dragged.connect(self.outline_changed)
            pane.clicked.connect(self._take_click_beside)
            pane.resized.connect(self._adopt_size)
            pane.focus_lost.connect(self._let_go)
        self.panes[1].hide()
        self.overview.place_wanted.connect(self._take_place)
        self.setFocusProxy(self.panes[0])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # The place

    def fit(self) -> None:
        """Show the whole picture, at 100 % at most, and keep it fitted when the window changes."""
        self.place(self.camera.fitted(), fitted=True)

    def zoom_to(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """Show at ``factor`` (1 = 100 %), the stored point ``at`` in the middle; None keeps the middle."""
        if at is None:
            self.place(self.camera.zoomed(factor))
        else:
            self.place(self.camera.at(*self.turn.to_shown(*at), factor))

    def zoom_step(self, direction: int) -> None:
        """Zoom in (+1) or out (-1) to the next handy factor."""
        self.place(self.camera.zoomed(self.camera.step(direction)))

    def show_rect(self, x: float, y: float, w: float, h: float) -> None:
        """Show a stored rectangle with some room around it, at 800 % at most."""
        left, top, width, height = self.turn.rect_to_shown(x, y, w, h)
        camera = self.camera
        scale = min(
            GRID_FROM, 0.6 * camera.view_width / max(1, width), 0.6 * camera.view_height / max(1, height)
        )
        self.place(camera.at(left + width / 2, top + height / 2, scale))

    def view_centre(self) -> tuple[float, float] | None:
        """Return the stored point (y, x) in the middle of the view, where an analysis may begin."""
        if self._vacant:
            return None
        x, y = self.turn.to_stored(*self.camera.centre)
        return y, x

    def place(self, camera: Camera, *, fitted: bool = False) -> None:
        """Show a place in all panes."""
        if self._vacant:
            return
        self.fitted = fitted
        self.camera = camera
        for pane in self.panes:
            if pane.isVisible() or pane is self.panes[0]:
                pane.set_camera(camera.resized(*pane.device_size()))
        self._put_overview()
        rect = self.turn.rect_to_stored(*camera.visible)
        self.view_changed.emit(View(rect, camera.scale, fitted))

    def begin(self, turn: Turn, *, vacant: bool) -> None:
        """Show another picture, fitted; ``vacant`` = there is none."""
        self._vacant, self.turn = vacant, turn
        self.camera = Camera(*turn.shown_size, *self.panes[0].device_size())
        for pane in self.panes:
            pane.set_turn(turn)
            pane.set_tool(self._tool)
        self.set_selected_area(None)
        self.fit()

    # What is drawn upon the picture

    def set_outlines(self, outlines: Iterable[Outline]) -> None:
        """Show the analyst's own outlines."""
        self._outlines = tuple(outlines)
        for pane in self.panes:
            pane.set_outlines(self._outlines, self._chosen_outline)

    def set_chosen_outline(self, number: str | None) -> None:
        """Show handles at the outline with this id, to change its shape by; None takes them away."""
        self._chosen_outline = number
        self.set_outlines(self._outlines)

    def set_tool(self, tool: Tool) -> None:
        """Choose what a drag does: pan, select an area, or draw an outline."""
        self._tool = tool
        for pane in self.panes:
            pane.set_tool(tool)

    def set_selected_area(self, area: Rect | None) -> None:
        """Show a selected area (x, y, width, height), or none."""
        self.area = area
        for pane in self.panes:
            pane.items_layer.set_area(area)

    def grab_view(self) -> QImage:
        """Return what is seen, with legend and scale bar, without the overview and the focus frame."""
        framed = [pane.framed for pane in self.panes]
        shown = self.overview.isVisibleTo(self)
        self.overview.hide()
        for pane in self.panes:
            pane.framed = False
        image = self.grab().toImage()
        for pane, was in zip(self.panes, framed, strict=True):
            pane.framed = was
        self.overview.setVisible(shown)
        return image

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move, + and - zoom, Space peeks (or moves while drawing), Escape drops; called by Qt.

        While drawing, arrows move a pen and Enter sets a corner; Alt and an arrow move the chosen outline.
        """
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._press_arrow(*_ARROWS[key], event.modifiers())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom_step(-1 if key == Qt.Key.Key_Minus else 1)
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key == Qt.Key.Key_Space:
            self._hold_space(True, event.isAutoRepeat())
        elif not self._press_while_drawing(key, event.modifiers()):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """End of Space; called by Qt."""
        if event.key() == Qt.Key.Key_Space:
            self._hold_space(False, event.isAutoRepeat())
        else:
            event.ignore()

    def _hold_space(self, on: bool, repeated: bool) -> None:
        if repeated:
            return
        if self._tool == "pan" or not on:
            self.peek_wanted.emit(on)
        for pane in self.panes:
            pane.set_hand(on and self._tool != "pan")

    def _let_go(self) -> None:
        """End what was held: the key's release goes to whoever has the keyboard now."""
        self._hold_space(False, False)

    def _press_arrow(self, right: int, down: int, held: Qt.KeyboardModifier) -> None:
        """Move the view, the pen that draws, or the chosen outline; signs are those of a moved picture."""
        shift, alt = held & Qt.KeyboardModifier.ShiftModifier, held & Qt.KeyboardModifier.AltModifier
        if alt and self._chosen_outline is not None:
            step = 10.0 if shift else 1.0
            dx, dy = self._stored_step(-right * step, -down * step)
            self.outline_nudged.emit(self._chosen_outline, dx, dy)
        elif self._tool != "pan" and not self._vacant:
            fine = held & Qt.KeyboardModifier.ControlModifier
            step = self.camera.scale / self.devicePixelRatioF() if fine else _PEN_STEP * (8 if shift else 1)
            self._follow_pen(*self.panes[0].step_pen(-right * step, -down * step))
        else:
            stride = round(_STRIDE * (4 if shift else 1) * self.devicePixelRatioF())
            self.place(self.camera.moved(right * stride, down * stride))

    def _stored_step(self, dx: float, dy: float) -> tuple[float, float]:
        """Return a step on the screen as one on the stored grid: the display may be turned."""
        (x0, y0), (x1, y1) = self.turn.to_stored(0, 0), self.turn.to_stored(dx, dy)
        return x1 - x0, y1 - y0

    def _follow_pen(self, x: float, y: float) -> None:
        """Move the view along when the pen leaves it."""
        left, top, width, height = self.camera.visible
        shown_x, shown_y = self.turn.to_shown(x, y)
        if not (left <= shown_x <= left + width and top <= shown_y <= top + height):
            self.place(self.camera.at(shown_x, shown_y, self.camera.scale))

    def _press_while_drawing(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if self._tool == "pan" or key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace):
            return False
        for pane in self.panes:
            if key == Qt.Key.Key_Backspace:
                pane.take_back()
            elif held & Qt.KeyboardModifier.ControlModifier or pane is self.panes[1] or not pane.press_pen():
                pane.finish_sketch()
        return True

    def _escape(self) -> bool:
        """Drop what was begun; if nothing was, the selected area; and else the tool."""
        dropped = [pane.cancel_sketch() for pane in self.panes]
        if any(dropped):
            return True
        if self.area is not None:
            self.set_selected_area(None)
            self.area_dropped.emit()
            return True
        if self._tool == "pan":
            return False
        self.set_tool("pan")
        self.tool_dropped.emit()
        return True

    # What the panes say

    def _take_camera(self, camera: Camera) -> None:
        self.place(camera.resized(self.camera.view_width, self.camera.view_height))

    def _take_double_click(self, at: tuple[float, float]) -> None:
        if self.fitted and self.camera.scale < 1:
            self.place(self.camera.zoomed(1.0, at))
        else:
            self.fit()

    def _take_area(self, area: Rect) -> None:
        self.set_selected_area(area)
        self.area_selected.emit(QRect(*area))

    def _take_shape(self, shape: Shape) -> None:
        self.shape_drawn.emit(shape)

    def _take_click_beside(self, _x: float, _y: float) -> None:
        self.outline_chosen.emit(None)

    def _take_place(self, x: float, y: float) -> None:
        self.place(self.camera.at(x, y, self.camera.scale))

    def _adopt_size(self) -> None:
        camera = self.camera.resized(*self.panes[0].device_size())
        self.place(camera.fitted() if self.fitted else camera, fitted=self.fitted)

    def _put_overview(self) -> None:
        pane, overview = self.panes[0], self.overview
        room = overview.width() * 3 < pane.width() and overview.height() * 2 < pane.height()
        overview.setVisible(not self._vacant and not self.camera.shows_all and room)
        # Below the names at the upper edge.
        overview.move(pane.width() - overview.width() - _GAP, 5 * _GAP)
        overview.set_seen(*self.camera.visible)
