"""A selected area belongs to the picture in which it was selected."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from tests.gui.window.conftest import OpenPictures, PictureAt


def test_an_area_of_one_picture_is_not_analysed_in_the_next(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    window.viewer.panes[0].area_drawn.emit((20, 20, 60, 60))
    assert window.commands["analyse_area"].isEnabled()
    window.desk.show(second)
    qtbot.waitUntil(lambda: window.desk.session.path == second)
    assert not window.commands["analyse_area"].isEnabled()
    assert window.viewer.area is None


def test_selecting_and_drawing_end_each_other(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt
) -> None:
    open_pictures(picture_at("a.png"))
    select, draw = window.commands["select_area"], window.result.notes.draw_actions["polygon"]
    select.trigger()
    draw.trigger()
    assert (select.isChecked(), draw.isChecked()) == (False, True)
    select.trigger()
    assert (select.isChecked(), draw.isChecked()) == (True, False)
    assert "Select an area" in window.viewer.panes[0].said.label
