"""The viewer through its real doors: a session, the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QFocusEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from irlgui.session import Analysis, Session
from irlgui.views.picture.pyramid_loader import _alive
from irlgui.views.viewer import Viewer
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.annotations import make_outline
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import find_regions

WIDTH, HEIGHT = 300, 200
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def viewer(session: Session, qtbot: QtBot) -> Iterator[Viewer]:
    viewer = Viewer(session)
    qtbot.addWidget(viewer)
    viewer.resize(640, 480)
    viewer.show()
    yield viewer
    viewer.shutdown()
    qtbot.waitUntil(lambda: not _alive)


def save_picture(
    folder: Path, width: int = WIDTH, height: int = HEIGHT, orientation: int = 1
) -> SuspectImage:
    """Return a picture whose red is its column and whose green is its row."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns % 256, rows % 256, 0 * rows + 77], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(pixels).save(folder / "picture.png", exif=exif)
    return read_image(folder / "picture.png")


def one_blob() -> Localization:
    """Return a map with 0.9 in columns 100..139, rows 50..89, and 0.2 elsewhere."""
    probability = np.full((HEIGHT, WIDTH), 0.2, np.float32)
    probability[50:90, 100:140] = 0.9
    return Localization(probability)


def analysis_of(image: SuspectImage, localization: Localization) -> Analysis:
    record = cast(AnalysisRecord, SimpleNamespace(regions=find_regions(localization, 0.5)))
    return Analysis(image.sha256, localization, record, "small", "0" * 64)


def settle(viewer: Viewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not viewer.busy)
    QApplication.processEvents()


def show(viewer: Viewer, session: Session, qtbot: QtBot, image: SuspectImage) -> None:
    session.set_picture(image)
    session.set_analysis(analysis_of(image, one_blob()))
    settle(viewer, qtbot)


def colour_at(viewer: Viewer, x: float, y: float, pane: int = 0) -> tuple[int, int, int]:
    """Return the colour on the screen over the middle of a stored pixel."""
    canvas = viewer.panes[pane]
    place = canvas.camera.to_view(*canvas.turn.to_shown(x + 0.5, y + 0.5))
    colour = canvas.grab().toImage().pixelColor(int(place[0]), int(place[1]))
    return colour.red(), colour.green(), colour.blue()


def point_at(viewer: Viewer, x: float, y: float) -> QPoint:
    """Return where a stored point is on the first pane."""
    canvas = viewer.panes[0]
    left, top = canvas.camera.to_view(*canvas.turn.to_shown(x, y))
    return QPoint(int(left + 1e-6), int(top + 1e-6))


def drag(viewer: Viewer, qtbot: QtBot, start: QPoint, *stops: QPoint) -> None:
    viewport = viewer.panes[0].viewport()
    QTest.mousePress(viewport, LEFT, NONE, start)
    for stop in stops:
        QTest.mouseMove(viewport, stop)
        QApplication.processEvents()
    QTest.mouseRelease(viewport, LEFT, NONE, stops[-1])


def test_without_a_picture_it_says_what_to_do(viewer: Viewer) -> None:
    image = viewer.grab_view()

    assert len({image.pixel(x, y) for x in range(0, 640, 2) for y in range(200, 280, 2)}) > 1
    assert viewer.view_centre() is None


def test_a_picture_is_on_the_screen_before_its_smaller_sizes_are_made(
    viewer: Viewer, session: Session, tmp_path: Path
) -> None:
    session.set_picture(save_picture(tmp_path, 1200, 900))

    assert viewer.busy
    assert abs(colour_at(viewer, 200, 100)[1] - 100) <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_turns_the_display_and_no_coordinate(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path, orientation: int
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path, orientation=orientation))
    viewer.zoom_to(4, (110, 60))

    session.change_overlay(mode="none")
    assert colour_at(viewer, 112, 63) == (112, 63, 77)
    with qtbot.waitSignal(viewer.cursor_moved) as hovered:
        QTest.mouseMove(viewer.panes[0].viewport(), point_at(viewer, 120.5, 63.5))
    assert hovered.args == [(120, 63, (120, 63, 77), pytest.approx(0.9))]
    session.change_overlay(mode="mask", opacity=1.0)
    assert colour_at(viewer, 104, 56) == (213, 94, 0)
    assert colour_at(viewer, 96, 60) == (96, 60, 77)


def test_the_overlay_follows_the_threshold(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)

    assert colour_at(viewer, 110, 70) == (213, 94, 0)
    session.set_threshold(0.95)
    assert colour_at(viewer, 110, 70) == (110, 70, 77)
    session.set_threshold(0.1)
    assert colour_at(viewer, 30, 30) == (213, 94, 0)


def test_space_lifts_the_response_off_while_it_is_held(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    viewer.panes[0].setFocus()

    QTest.keyPress(viewer.panes[0], Qt.Key.Key_Space)
    assert colour_at(viewer, 110, 70) == (110, 70, 77)
    QTest.keyRelease(viewer.panes[0], Qt.Key.Key_Space)
    assert colour_at(viewer, 110, 70) == (213, 94, 0)


def test_side_by_side_shows_one_place_with_and_without_the_response(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    session.set_compare("side")
    qtbot.waitUntil(lambda: viewer.panes[1].isVisible() and viewer.panes[1].width() > 300)
    viewer.zoom_to(2, (110, 70))

    assert colour_at(viewer, 110, 72, pane=0) == (110, 72, 77)
    assert colour_at(viewer, 110, 72, pane=1) == (213, 94, 0)
    viewer.panes[1].camera_wanted.emit(viewer.panes[1].camera.moved(-60, -40))
    assert viewer.panes[0].camera.left == pytest.approx(viewer.panes[1].camera.left, abs=1)
    session.set_compare("single")
    assert not viewer.panes[1].isVisible()


def test_swiping_moves_the_border_between_picture_and_response(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    session.set_compare("swipe")

    middle = QPoint(viewer.panes[0].viewport().width() // 2, 40)
    drag(viewer, qtbot, middle, QPoint(600, 40))
    assert colour_at(viewer, 110, 70) == (110, 70, 77)
    drag(viewer, qtbot, QPoint(600, 40), QPoint(20, 40))
    assert colour_at(viewer, 110, 70) == (213, 94, 0)


def test_blinking_shows_both_in_turn(viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    viewer.set_blink_interval(100)
    session.set_compare("blink")

    qtbot.waitUntil(lambda: colour_at(viewer, 110, 70) == (213, 94, 0))
    qtbot.waitUntil(lambda: colour_at(viewer, 110, 70) == (110, 70, 77))


def test_a_known_original_is_compared_and_one_of_another_size_is_refused(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.set_compare("swipe")
    viewer.set_comparison(np.full((HEIGHT, WIDTH, 3), 200, np.uint8), "Original")
    settle(viewer, qtbot)

    drag(viewer, qtbot, QPoint(viewer.panes[0].viewport().width() // 2, 40), QPoint(20, 40))
    assert colour_at(viewer, 30, 30) == (200, 200, 200)
    with pytest.raises(ConfigError, match="Other has 10 x 20 pixels"):
        viewer.set_comparison(np.zeros((20, 10, 3), np.uint8), "Other")


def test_another_models_map_is_compared(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    session.set_compare("side")
    viewer.set_comparison(Localization(np.full((HEIGHT, WIDTH), 0.2, np.float32)), "model B")
    settle(viewer, qtbot)

    assert colour_at(viewer, 110, 72, pane=0) == (213, 94, 0)
    assert colour_at(viewer, 110, 72, pane=1) == (110, 72, 77)


def test_a_map_fills_in_tile_by_tile_and_what_is_not_done_is_darker(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.set_picture(save_picture(tmp_path))
    settle(viewer, qtbot)
    session.change_overlay(mode="mask", opacity=1.0)
    growing = np.zeros((HEIGHT, WIDTH), np.float32)

    growing[:100, :150] = 0.9
    viewer.set_partial(growing, Area(0, 0, 150, 100))
    assert colour_at(viewer, 20, 40) == (213, 94, 0)
    assert colour_at(viewer, 200, 60)[0] < 200
    viewer.set_partial(growing, QRect(150, 0, 150, 200))
    assert colour_at(viewer, 200, 60) == (200, 60, 77)
    assert session.picture is not None
    session.set_analysis(analysis_of(session.picture, one_blob()))
    settle(viewer, qtbot)
    assert colour_at(viewer, 20, 160) == (20, 160, 77)


def test_a_partial_map_of_another_picture_is_dropped(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.set_picture(save_picture(tmp_path))
    settle(viewer, qtbot)

    viewer.set_partial(np.ones((7, 9), np.float32), (0, 0, 9, 7))

    assert colour_at(viewer, 100, 60) == (100, 60, 77)


def test_outside_an_analysed_area_nothing_is_claimed(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    image = save_picture(tmp_path)
    session.set_picture(image)
    localization = Localization(one_blob().probability, Area(90, 40, 60, 60))
    session.set_analysis(analysis_of(image, localization))
    session.change_overlay(mode="mask", opacity=1.0)
    session.set_threshold(0.0)
    settle(viewer, qtbot)

    assert colour_at(viewer, 110, 70) == (213, 94, 0)
    assert colour_at(viewer, 20, 20) not in {(213, 94, 0), (20, 20, 77)}
    with qtbot.waitSignal(viewer.cursor_moved) as hovered:
        QTest.mouseMove(viewer.panes[0].viewport(), point_at(viewer, 20.5, 20.5))
    assert hovered.args == [(20, 20, (20, 20, 77), None)]


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

    drag(viewer, qtbot, QPoint(300, 200), QPoint(280, 200), QPoint(260, 200))
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
        drag(viewer, qtbot, point_at(viewer, 40, 30), point_at(viewer, 90, 80), point_at(viewer, 120, 90))

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
        drag(viewer, qtbot, point_at(viewer, 40, 30), *stops)

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


def test_an_adjusted_display_says_so_and_reads_the_stored_values(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="none")

    viewer.set_display((0, 100), 1.0, "red")
    assert colour_at(viewer, 60, 100) == (153, 153, 153)
    assert viewer.panes[0].said.adjusted == "Display adjusted · red only · levels 0–100"
    with qtbot.waitSignal(viewer.cursor_moved) as hovered:
        QTest.mouseMove(viewer.panes[0].viewport(), point_at(viewer, 60.5, 100.5))
    assert hovered.args is not None
    assert hovered.args[0][2] == (60, 100, 77)
    viewer.set_display()
    assert viewer.panes[0].said.adjusted == ""


def test_levels_that_make_no_sense_are_refused_with_a_cure(viewer: Viewer) -> None:
    with pytest.raises(ConfigError, match="Choose a black point below the white point"):
        viewer.set_display((200, 100))


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


def test_a_preview_gives_way_to_the_picture(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer.set_preview(np.full((150, 200, 3), 90, np.uint8), 1200, 900)
    assert colour_at(viewer, 600, 400) == (90, 90, 90)
    viewer.zoom_to(1, (700, 300))

    session.set_picture(save_picture(tmp_path, 1200, 900))
    settle(viewer, qtbot)

    assert viewer.camera.centre == pytest.approx((700, 300), abs=1)
    assert colour_at(viewer, 700, 200) == (700 % 256, 200, 77)


def test_a_map_that_comes_after_its_picture_was_left_is_not_shown(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    image = save_picture(tmp_path)
    session.set_picture(image)
    session.set_analysis(analysis_of(image, one_blob()))
    session.set_picture(replace(image))
    settle(viewer, qtbot)
    session.change_overlay(mode="mask", opacity=1.0)

    assert colour_at(viewer, 110, 70) == (110, 70, 77)


def test_a_grab_has_the_views_size_and_no_focus_frame(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    plain = viewer.grab_view()
    tabbed = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason)
    QApplication.sendEvent(viewer.panes[0], tabbed)
    assert viewer.grab().toImage() != plain

    grabbed = viewer.grab_view()

    assert (grabbed.width(), grabbed.height()) == (viewer.width(), viewer.height())
    assert grabbed == plain
    assert isinstance(grabbed, QImage)


def test_every_pane_and_the_overview_have_names_and_the_keyboard_reaches_the_picture(
    viewer: Viewer,
) -> None:
    named: list[QWidget] = [viewer, *viewer.panes, viewer.overview]

    assert all(widget.accessibleName() for widget in named)
    assert viewer.focusProxy() is viewer.panes[0]
    assert viewer.panes[0].focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_held_space_ends_when_the_picture_loses_the_keyboard(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    show(viewer, session, qtbot, save_picture(tmp_path))
    session.change_overlay(mode="mask", opacity=1.0)
    QTest.keyPress(viewer.panes[0], Qt.Key.Key_Space)

    QApplication.sendEvent(viewer.panes[0], QFocusEvent(QEvent.Type.FocusOut))

    assert colour_at(viewer, 110, 70) == (213, 94, 0)
