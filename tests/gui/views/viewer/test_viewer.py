"""What the viewer shows, through a session's doors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views import viewer_content
from irlgui.views.viewer import Viewer
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.localization import Localization
from tests.gui.views.viewer.scene import (
    HEIGHT,
    WIDTH,
    analysis_of,
    colour_at,
    drag,
    one_blob,
    point_at,
    save_picture,
    settle,
    show,
)


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


def test_a_response_that_can_not_be_prepared_is_not_missing_in_silence(
    viewer: Viewer, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_probability: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(viewer_content, "build_map", fail)
    with qtbot.captureExceptions() as caught:
        show(viewer, session, qtbot, save_picture(tmp_path))
    assert [kind for kind, _, _ in caught] == [MemoryError]


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
    drag(viewer, middle, QPoint(600, 40))
    assert colour_at(viewer, 110, 70) == (110, 70, 77)
    drag(viewer, QPoint(600, 40), QPoint(20, 40))
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

    drag(viewer, QPoint(viewer.panes[0].viewport().width() // 2, 40), QPoint(20, 40))
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
