"""Space lifts the response, wherever the keyboard is; Ctrl+F leads to the search box; page keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlgui.views.threshold_block import COARSE
from irlgui.views.viewer import Viewer
from tests.gui.window.conftest import OpenPictures, PictureAt


def is_lifted(viewer: Viewer) -> bool:
    return not viewer.panes[0].items_layer.isVisible()


def test_space_lifts_the_response_also_after_a_click_on_a_thumbnail(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    open_pictures(picture_at("a.png"), picture_at("b.png", seed=1))
    window.activateWindow()
    view = window.browser.view
    place = view.visualRect(window.browser.order.index(1, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qtbot.waitUntil(lambda: window.desk.session.path == window.desk.pictures.pictures[1].path)
    assert QApplication.focusWidget() is view
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert is_lifted(window.viewer)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert not is_lifted(window.viewer)
    QTest.keyPress(view, Qt.Key.Key_Space)
    window.browser.filters.search.setFocus()
    assert not is_lifted(window.viewer)


def test_control_f_puts_the_cursor_into_the_search_box_of_a_hidden_browser_too(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt
) -> None:
    open_pictures(picture_at("a.png"), picture_at("b.png", seed=1))
    window.activateWindow()
    window.commands["show_browser"].trigger()
    assert not window.browser.isVisible()
    QTest.keySequence(window, "Ctrl+F")
    assert window.browser.isVisible()
    assert QApplication.focusWidget() is window.browser.filters.search


def test_page_keys_move_the_threshold_where_its_slider_has_the_keyboard(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    window.commands["analyse"].trigger()
    session, slider = window.desk.session, window.result.threshold.slider
    qtbot.waitUntil(lambda: session.analysis is not None, timeout=60_000)
    window.activateWindow()
    slider.setFocus()
    before = session.threshold
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    assert session.threshold == pytest.approx(before - COARSE)
    assert window.desk.loader.loading is None
    window.viewer.setFocus()
    QTest.keyClick(window.viewer, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: session.path == second)
