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
