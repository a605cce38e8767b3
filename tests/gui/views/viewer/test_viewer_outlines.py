"""Outlines in the viewer: drawn by keyboard, moved and changed by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.result_panel import ResultPanel
from irlgui.views.viewer import Viewer
from tests.gui.views.analysed import untouched
from tests.gui.views.viewer.scene import HEIGHT, LEFT, NONE, WIDTH, drag, point_at, save_picture, settle

Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def panel(viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path) -> ResultPanel:
    """A result column bound to the viewer, with a picture open."""
    panel = ResultPanel(session)
    session.picture_changed.connect(lambda image: panel.layer.set_annotations(untouched(image)))
    qtbot.addWidget(panel)
    panel.connect_viewer(viewer)
    session.set_picture(save_picture(tmp_path))
    settle(viewer, qtbot)
    viewer.zoom_to(1.0, (WIDTH / 2, HEIGHT / 2))
    return panel


def press(viewer: Viewer, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    for key in keys:
        QTest.keyClick(viewer.panes[0], key, held)


def by(viewer: Viewer, *places: tuple[float, float]) -> list[QPoint]:
    return [point_at(viewer, *place) for place in places]


def test_a_polygon_is_drawn_by_keyboard_alone(viewer: Viewer, panel: ResultPanel) -> None:
    panel.notes.draw_buttons["polygon"].defaultAction().trigger()
    press(viewer, Key.Key_Return, Key.Key_Return)  # the pen appears in the middle, then the first corner
    press(viewer, *[Key.Key_Right] * 5)
    press(viewer, Key.Key_Return)
    press(viewer, *[Key.Key_Down] * 5)
    press(viewer, Key.Key_Return, Key.Key_Return)

    [outline] = panel.layer.outlines
    assert outline.kind == "polygon"
    assert outline.box[2:] == pytest.approx((40, 40), abs=0.01)
    assert panel.notes._drawing.checkedAction() is None


def test_a_rectangle_is_drawn_by_keyboard_in_single_pixels_too(viewer: Viewer, panel: ResultPanel) -> None:
    panel.notes.draw_buttons["rectangle"].defaultAction().trigger()
    press(viewer, Key.Key_Right, Key.Key_Return)
    press(viewer, Key.Key_Right, held=Held.ShiftModifier)
    press(viewer, Key.Key_Down, Key.Key_Down, Key.Key_Down, held=Held.ControlModifier)
    press(viewer, Key.Key_Return)

    [outline] = panel.layer.outlines
    assert outline.kind == "rectangle"
    assert outline.box[2:] == pytest.approx((64, 3), abs=0.01)


def test_an_area_is_selected_by_keyboard(viewer: Viewer, panel: ResultPanel, qtbot: QtBot) -> None:
    viewer.set_tool("area")
    press(viewer, Key.Key_Right, Key.Key_Return, Key.Key_Down, Key.Key_Right)
    with qtbot.waitSignal(viewer.area_selected) as told:
        press(viewer, Key.Key_Return)

    assert told.args is not None
    assert told.args[0].width() in (8, 9)  # all pixels that the rectangle touches


def test_the_pen_stays_in_the_picture_and_the_view_goes_along(viewer: Viewer, panel: ResultPanel) -> None:
    viewer.zoom_to(8, (WIDTH / 2, HEIGHT / 2))
    before = viewer.camera.left
    viewer.set_tool("polygon")
    press(viewer, *[Key.Key_Right] * 60, held=Held.ShiftModifier)

    assert viewer.camera.left > before
    assert viewer.panes[0].step_pen(0, 0)[0] == WIDTH


def test_escape_ends_a_tool_with_which_nothing_was_begun(viewer: Viewer, panel: ResultPanel) -> None:
    panel.notes.draw_buttons["freehand"].defaultAction().trigger()
    press(viewer, Key.Key_Return, Key.Key_Return, Key.Key_Right, Key.Key_Escape)
    assert panel.notes._drawing.checkedAction() is not None  # only the line was dropped
    press(viewer, Key.Key_Escape)
    assert panel.notes._drawing.checkedAction() is None
    assert panel.layer.outlines == ()


def test_an_outline_is_chosen_moved_and_reshaped_by_the_mouse_each_in_one_step(
    viewer: Viewer, panel: ResultPanel
) -> None:
    layer = panel.layer
    outline = layer.add("rectangle", ((50.0, 50.0), (90.0, 80.0)))
    assert outline
    layer.choose(None)
    drag(viewer, *by(viewer, (70, 50), (80, 60), (80, 70)))
    assert layer.find(layer.chosen) == layer.outlines[0]
    assert layer.outlines[0].box == pytest.approx((60, 70, 40, 30), abs=1)

    drag(viewer, *by(viewer, (100, 100), (110, 110), (120, 130)))
    assert layer.outlines[0].box == pytest.approx((60, 70, 60, 60), abs=1)

    layer.undo_stack.undo()
    layer.undo_stack.undo()
    assert layer.outlines[0].box == pytest.approx((50, 50, 40, 30))
    QTest.mouseClick(viewer.panes[0].viewport(), LEFT, NONE, point_at(viewer, 250, 150))
    assert layer.chosen is None


def test_a_drag_of_an_outline_is_taken_back_by_escape(viewer: Viewer, panel: ResultPanel) -> None:
    layer = panel.layer
    layer.add("rectangle", ((50.0, 50.0), (90.0, 80.0)))
    viewport: QWidget = viewer.panes[0].viewport()
    QTest.mousePress(viewport, LEFT, NONE, point_at(viewer, 70, 50))
    QTest.mouseMove(viewport, point_at(viewer, 90, 90))
    press(viewer, Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, NONE, point_at(viewer, 90, 90))
    assert layer.outlines[0].box == pytest.approx((50, 50, 40, 30))


def test_alt_and_the_arrows_move_the_chosen_outline_by_pixels_in_one_step(
    viewer: Viewer, panel: ResultPanel
) -> None:
    layer = panel.layer
    layer.add("rectangle", ((50.0, 50.0), (90.0, 80.0)))
    press(viewer, Key.Key_Right, Key.Key_Right, Key.Key_Down, held=Held.AltModifier)
    press(viewer, Key.Key_Left, held=Held.AltModifier | Held.ShiftModifier)
    assert layer.outlines[0].box == pytest.approx((42, 51, 40, 30))
    layer.undo_stack.undo()
    assert layer.outlines[0].box == pytest.approx((50, 50, 40, 30))


def test_an_outline_without_area_is_refused(viewer: Viewer, panel: ResultPanel) -> None:
    layer = panel.layer
    layer.add("rectangle", ((50.0, 50.0), (90.0, 80.0)))
    drag(viewer, *by(viewer, (90, 80), (70, 70), (50, 50)))
    assert layer.outlines[0].area > 0
