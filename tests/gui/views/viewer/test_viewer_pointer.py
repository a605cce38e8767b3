"""The viewer under the mouse and the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.viewer import Viewer
from irlnet_core.evidence.annotations import make_outline
from tests.gui.views.viewer.scene import (
    HEIGHT,
    LEFT,
    NONE,
    WIDTH,
    drag,
    point_at,
    save_picture,
    show,
)


def test_a_click_chooses_the_region_under_it(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))

    QTest.mouseClick(viewer.panes[0].viewport(), LEFT, NONE, point_at(viewer, 120, 70))
    assert session.chosen_region == 1
    QTest.mouseClick(viewer.panes[0].viewport(), LEFT, NONE, point_at(viewer, 20, 20))
    assert session.chosen_region is None


def test_dragging_moves_the_picture_and_the_arrows_too(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    viewer.zoom_to(8, (150, 100))
    before = viewer.camera.left

    drag(viewer, QPoint(300, 200), QPoint(280, 200), QPoint(260, 200))
    assert viewer.camera.left == pytest.approx(before + 5)
    QTest.keyClick(viewer.panes[0], Qt.Key.Key_Left)
    assert viewer.camera.left == pytest.approx(before - 3)


def test_the_wheel_zooms_at_the_pointer_up_to_3200_percent(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    place = QPointF(point_at(viewer, 150.5, 100.5)) + QPointF(0.5, 0.5)

    for _ in range(40):
        event = QWheelEvent(
            place,
            place,
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewer.panes[0].viewport(), event)

    assert viewer.camera.scale == 32
    x, y = viewer.panes[0].stored_at(place)
    assert (int(x), int(y)) == (150, 100)


def test_fitted_it_stays_fitted_when_the_window_changes(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.set_picture(save_picture(tmp_path, 1200, 900))
    with qtbot.waitSignal(viewer.view_changed) as changed:
        viewer.resize(400, 300)

    assert changed.args is not None
    assert changed.args[0].fitted
    assert changed.args[0].rect == pytest.approx((0, 0, 1200, 900))
    assert changed.args[0].scale == pytest.approx(1 / 3)


def test_a_rectangle_is_shown_with_room_around_it(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    with qtbot.waitSignal(viewer.view_changed) as changed:
        viewer.show_rect(100, 50, 40, 40)

    assert changed.args is not None
    x, y, width, height = changed.args[0].rect
    assert x < 100
    assert y < 50
    assert x + width > 140
    assert y + height > 90


def test_an_area_is_selected_in_whole_stored_pixels(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path, orientation=6))
    viewer.zoom_to(1)
    viewer.set_tool("area")

    with qtbot.waitSignal(viewer.area_selected) as selected:
        drag(viewer, point_at(viewer, 40, 30), point_at(viewer, 90, 80), point_at(viewer, 120, 90))

    assert selected.args == [QRect(40, 30, 80, 60)]
    with qtbot.waitSignal(viewer.area_dropped):
        QTest.keyClick(viewer.panes[0], Qt.Key.Key_Escape)
    assert viewer.area is None


def test_a_polygon_is_drawn_by_clicks_and_closed_by_return(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    viewer.set_tool("polygon")
    viewport = viewer.panes[0].viewport()

    for x, y in ((40, 30), (90, 30), (200, 150), (90, 120)):
        QTest.mouseClick(viewport, LEFT, NONE, point_at(viewer, x, y))
    QTest.keyClick(viewer.panes[0], Qt.Key.Key_Backspace)
    with qtbot.waitSignal(viewer.shape_drawn) as drawn:
        QTest.keyClick(viewer.panes[0], Qt.Key.Key_Return)

    assert drawn.args is not None
    shape = drawn.args[0]
    assert (shape.kind, shape.points) == ("polygon", ((40, 30), (90, 30), (200, 150)))
    make_outline(shape.kind, shape.points, (WIDTH, HEIGHT))


@pytest.mark.parametrize("kind", ["rectangle", "freehand"])
def test_a_drag_draws_a_shape_that_becomes_an_outline(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    viewer.set_tool(kind)  # type: ignore[arg-type]
    stops = [point_at(viewer, x, y) for x, y in ((90, 30), (90, 90), (60, 100))]

    with qtbot.waitSignal(viewer.shape_drawn) as drawn:
        drag(viewer, point_at(viewer, 40, 30), *stops)

    assert drawn.args is not None
    outline = make_outline(drawn.args[0].kind, drawn.args[0].points, (WIDTH, HEIGHT))
    assert outline.area > 1000
    viewer.set_outlines([outline])
    before = viewer.grab_view()
    viewer.set_outlines([])
    assert viewer.grab_view() != before


def test_escape_drops_an_unfinished_outline(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    viewer.set_tool("polygon")
    plain = viewer.grab_view()
    QTest.mouseClick(viewer.panes[0].viewport(), LEFT, NONE, point_at(viewer, 40, 30))
    assert viewer.grab_view() != plain

    QTest.keyClick(viewer.panes[0], Qt.Key.Key_Escape)

    assert viewer.grab_view() == plain


def test_the_overview_appears_when_zoomed_in_and_leads_elsewhere(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.set_picture(save_picture(tmp_path, 1200, 900))
    assert not viewer.overview.isVisible()
    viewer.zoom_to(2, (100, 100))
    assert viewer.overview.isVisible()

    corner = viewer.overview.rect().bottomRight() - QPoint(4, 4)
    QTest.mouseClick(viewer.overview, LEFT, NONE, corner)

    assert viewer.camera.visible[0] + viewer.camera.visible[2] == pytest.approx(1200)
    assert viewer.camera.visible[1] + viewer.camera.visible[3] == pytest.approx(900)
