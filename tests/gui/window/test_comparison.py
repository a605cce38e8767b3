"""What the picture is compared with: the last that was asked for, until it is ended itself."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from tests.gui.window.conftest import OpenPictures, PictureAt


def test_a_known_original_stays_when_a_view_that_was_shown_before_is_put_away(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    open_pictures(picture_at("a.png"))
    views = window.other_views
    window.commands["show_views"].trigger()
    views.chooser.setCurrentIndex(views.chooser.findData("noise"))
    qtbot.waitUntil(lambda: not views.maker.busy)
    views.enlarge.click()
    with qtbot.waitSignal(window.desk.comparison.ready):
        window.desk.comparison.with_original(picture_at("original.png", seed=1))
    assert not views.enlarge.isChecked()
    window.commands["show_views"].trigger()
    shown = window.viewer.panes[1].views
    assert shown
    assert shown.main.label == "Known original: original.png"
