from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt, QThread
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list import PictureList
from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.views import theme
from irlgui.views.browser import Browser
from irlgui.views.browser_menu import items, make_menu


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    for number in range(12):
        Image.fromarray(np.full((60, 80, 3), 20 * number, np.uint8)).save(folder / f"{number}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    return folder


@pytest.fixture
def browser(tmp_path: Path, qtbot: QtBot) -> Iterator[Browser]:
    browser = Browser(PictureList(), cache=ThumbnailCache(tmp_path / "cache", 1 << 20))
    browser.resize(300, 600)
    qtbot.addWidget(browser)
    browser.show()
    qtbot.waitExposed(browser)
    yield browser
    assert browser.shutdown()


@pytest.fixture
def filled(browser: Browser, evidence: Path, qtbot: QtBot) -> Browser:
    with qtbot.waitSignal(browser.scan.ended):
        browser.open_paths([evidence])
    return browser


def select(browser: Browser, *names: str) -> None:
    selection = browser.view.selectionModel()
    selection.clear()
    for name in names:
        path = next(p.path for p in browser.pictures.pictures if p.name == name)
        selection.setCurrentIndex(browser.order.index_of(path), selection.SelectionFlag.Select)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_an_empty_browser_says_what_to_do_next(browser: Browser) -> None:
    assert browser._nothing.isVisible()
    assert "Ctrl+O" in browser._nothing.label.text()
    assert browser.foot.text.text() == "No pictures"


def test_a_folder_fills_the_browser_with_thumbnails_and_calm_broken_tiles(
    filled: Browser, evidence: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: all(evidence / f"{n}.png" in filled.shelf for n in range(6)), timeout=10_000)
    filled.view.scrollToBottom()
    qtbot.waitUntil(lambda: bool(filled.pictures.find(evidence / "broken.jpg").unreadable), timeout=10_000)  # type: ignore[union-attr]

    tip = filled.order.index_of(evidence / "broken.jpg").data(Qt.ItemDataRole.ToolTipRole)
    assert "This file is a JPEG that" in tip
    assert filled.foot.text.text() == "13 pictures"
    assert sorted(path.name for path in evidence.iterdir()) == sorted(
        [*(f"{n}.png" for n in range(12)), "broken.jpg"]
    )


def test_the_tile_shows_the_thumbnail_the_result_and_the_status(filled: Browser, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: filled.pictures.pictures[11].path in filled.shelf or filled.shelf._total > 0)
    index = filled.order.index(0)
    before = filled.view.grab(filled.view.visualRect(index)).toImage()
    filled.pictures.set_state(filled.order.shown[0].path, "done", response=0.5, regions=2)
    after = filled.view.grab(filled.view.visualRect(index)).toImage()
    filled.pictures.set_status([filled.order.shown[0].path], 4)
    judged = filled.view.grab(filled.view.visualRect(index)).toImage()

    assert before != after
    assert after != judged


def test_searching_and_chips_narrow_the_list_and_one_button_shows_all_again(
    filled: Browser, qtbot: QtBot
) -> None:
    QTest.keyClicks(filled.filters.search, "1.png")
    qtbot.waitUntil(lambda: filled.foot.text.text() == "2 of 13 pictures")
    filled.filters.chips["failed"].click()
    assert filled._no_match.isVisible()
    QTest.mouseClick(filled._no_match.button, Qt.MouseButton.LeftButton)

    assert filled.order.rowCount() == 13
    assert filled.view.isVisible()
    assert not filled.filters.criteria.filters


def test_sorting_by_response_begins_with_the_largest(filled: Browser) -> None:
    for number in range(4):
        filled.pictures.set_state(filled.pictures.pictures[number].path, "done", response=number / 10)
    filled.filters.sort.setCurrentIndex(filled.filters.sort.findData("response"))

    assert filled.order.shown[0].response == 0.3
    filled.filters.direction.click()
    assert filled.order.shown[0].response == 0.0


def test_the_count_line_tells_regions_and_selection(filled: Browser, qtbot: QtBot) -> None:
    for picture in filled.pictures.pictures[:3]:
        filled.pictures.set_state(picture.path, "done", response=0.9, regions=1)
    filled.view.selectAll()

    qtbot.waitUntil(lambda: filled.foot.text.text() == "13 pictures · 3 with regions · 13 selected")


def test_the_open_picture_is_current_again_when_it_is_no_longer_hidden(
    filled: Browser, evidence: Path
) -> None:
    filled.set_current(evidence / "7.png")
    filled.filters.chips["failed"].click()
    assert filled.order.index_of(evidence / "7.png").row() == -1
    filled.filters.clear()

    assert filled.view.currentIndex() == filled.order.index_of(evidence / "7.png")


def test_hiding_pictures_opens_none(filled: Browser, evidence: Path, qtbot: QtBot) -> None:
    filled.set_current(evidence / "7.png")
    with qtbot.assertNotEmitted(filled.picture_activated, wait=200):
        QTest.keyClicks(filled.filters.search, "2")
        filled.set_current(evidence / "2.png")


def test_a_picture_that_comes_late_takes_no_step_back(filled: Browser, qtbot: QtBot) -> None:
    shown = [picture.path for picture in filled.order.shown]
    filled.show_next()
    with qtbot.waitSignal(filled.picture_activated) as opened:
        filled.show_next()
    assert opened.args == [shown[1]]
    filled.show_next()
    filled.set_current(shown[1])  # the one that was opened before is read only now
    with qtbot.waitSignal(filled.picture_activated) as opened:
        pass
    assert opened.args == [shown[2]]


def test_what_was_left_out_of_one_list_is_not_told_of_the_next(
    browser: Browser, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(browser.scan.ended):
        browser.open_paths([tmp_path / "gone.png"])
    assert browser.foot.note.isVisible()
    browser.leave_list()
    assert not browser.foot.note.isVisible()
    browser.foot.add_note("one more")
    assert browser.foot.note.text() == "1 place left out"


def test_digits_judge_all_selected_pictures(filled: Browser) -> None:
    select(filled, "1.png", "2.png")
    QTest.keyClick(filled.view, Qt.Key.Key_3)

    assert names([p.path for p in filled.order.shown if p.status == 3]) == ["1.png", "2.png"]


def test_the_menu_asks_and_never_deletes(filled: Browser, evidence: Path, qtbot: QtBot) -> None:
    filled.pictures.set_state(evidence / "1.png", "failed", error="Out of memory.")
    filled.pictures.set_state(evidence / "2.png", "done", response=0.1)
    select(filled, "1.png", "2.png", "3.png")
    asked: list[tuple[str, list[str]]] = []
    for signal in ("analyse_requested", "export_requested", "remove_requested"):
        getattr(filled, signal).connect(lambda paths, signal=signal: asked.append((signal, names(paths))))
    for name in ("analyse", "retry", "export", "remove"):
        filled._run(name)

    assert asked == [
        ("analyse_requested", ["2.png", "3.png"]),
        ("analyse_requested", ["1.png"]),
        ("export_requested", ["2.png"]),
        ("remove_requested", ["1.png", "2.png", "3.png"]),
    ]
    assert filled.pictures.rowCount() == 13
    assert (evidence / "1.png").exists()


def test_the_menu_opens_by_keyboard_and_offers_what_fits(filled: Browser, qtbot: QtBot) -> None:
    select(filled, "1.png")
    filled.view.setFocus()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(filled.view, event)
    menu = QApplication.activePopupWidget()

    assert isinstance(menu, QMenu)
    enabled = {action.objectName(): action.isEnabled() for action in menu.actions() if action.objectName()}
    assert enabled == {
        **dict.fromkeys(("analyse", "reveal", "copy_path", "copy_hash", "remove"), True),
        **dict.fromkeys(("retry", "export"), False),
    }
    menu.close()


def test_every_entry_of_the_menu_is_done(
    filled: Browser, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr("irlgui.views.browser.reveal", shown.append)
    select(filled, "1.png")
    done: list[str] = []
    menu = make_menu(filled._selected(), done.append, lambda digit: done.append(str(digit)), filled)
    for action in menu.actions():
        if action.menu():
            menu.findChildren(QMenu)[0].actions()[5].trigger()
        else:
            action.trigger()
    filled._run("reveal")

    assert done == ["analyse", "reveal", "copy_path", "copy_hash", "5", "remove"]
    assert {item.name for item in items() if item} >= set(done) - {"5"}
    assert names(shown) == ["1.png"]


def test_paths_and_hashes_are_copied(filled: Browser, evidence: Path, qtbot: QtBot) -> None:
    def digest(name: str) -> str:
        return hashlib.sha256((evidence / name).read_bytes()).hexdigest()

    clipboard: Callable[[], str] = QGuiApplication.clipboard().text
    select(filled, "1.png", "2.png")
    filled._run("copy_path")
    assert clipboard() == f"{evidence / '1.png'}\n{evidence / '2.png'}"
    filled._run("copy_hash")
    both = f"{digest('1.png')}  {evidence / '1.png'}\n{digest('2.png')}  {evidence / '2.png'}\n"
    qtbot.waitUntil(lambda: clipboard() == both and filled._hashing is None)
    select(filled, "3.png")
    filled._run("copy_hash")
    qtbot.waitUntil(lambda: clipboard() == digest("3.png"))


def test_blurring_remakes_what_is_shown(filled: Browser, qtbot: QtBot) -> None:
    first = filled.order.shown[0].path
    qtbot.waitUntil(lambda: first in filled.shelf, timeout=10_000)
    filled.set_blurred(True)
    assert first not in filled.shelf
    qtbot.waitUntil(lambda: first in filled.shelf, timeout=10_000)


def test_clearing_the_cache_empties_the_disk_and_fills_the_view_again(filled: Browser, qtbot: QtBot) -> None:
    cache, first = filled.thumbnails.cache, filled.order.shown[0].path
    assert cache is not None
    qtbot.waitUntil(lambda: first in filled.shelf and not filled.thumbnails.busy, timeout=10_000)
    assert cache.size_bytes() > 0
    with qtbot.waitSignal(filled.thumbnails.cleared):
        filled.filters.menu_button.menu().actions()[-2].trigger()
    qtbot.waitUntil(lambda: first in filled.shelf, timeout=10_000)


def test_the_table_is_asked_for_as_it_is_shown(filled: Browser, qtbot: QtBot) -> None:
    filled.filters.search.setText("1.png")
    qtbot.waitUntil(lambda: filled.order.rowCount() == 2)
    with qtbot.waitSignal(filled.table_requested) as told:
        filled.filters.menu_button.menu().actions()[-1].trigger()

    assert told.args is not None
    assert [picture.name for picture in told.args[0]] == ["1.png", "11.png"]


def test_every_control_has_a_name_and_is_reached_by_keyboard(filled: Browser) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for widget in filled.filters.findChildren(kind)
        if widget.parent() is filled.filters
    ]
    assert len(controls) == 13
    assert all(widget.accessibleName() for widget in controls)
    reached, widget = set(), filled.filters.search
    for _ in range(40):
        reached.add(widget)
        widget = widget.nextInFocusChain()  # type: ignore[assignment]
    assert {*controls, filled.view} <= reached
    assert all(w.focusPolicy() & Qt.FocusPolicy.TabFocus for w in [*controls, filled.view])


def test_a_change_of_theme_reaches_the_tiles(filled: Browser, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.palette(), app.styleSheet()
    try:
        theme.apply(app, "dark")
        dark = filled.grab().toImage().pixelColor(150, 500).lightness()
        theme.apply(app, "light")
        light = filled.grab().toImage().pixelColor(150, 500).lightness()
    finally:
        app.setPalette(QPalette(before[0]))
        app.setStyleSheet(before[1])

    assert dark < 80
    assert light > 200


def test_closing_while_everything_is_at_work_leaves_no_thread(evidence: Path, qtbot: QtBot) -> None:
    browser = Browser(PictureList())
    qtbot.addWidget(browser)
    browser.show()
    browser.pictures.add_paths(evidence.iterdir())
    browser.open_paths([evidence])
    browser.view.selectAll()
    browser._run("copy_hash")
    browser._want_thumbnails()

    assert browser.shutdown()
    assert not any(thread.isRunning() for thread in browser.findChildren(QThread))


def test_a_browser_gone_is_gone_with_all_its_parts(evidence: Path, qtbot: QtBot) -> None:
    before = set(QApplication.topLevelWidgets())
    browser = Browser(PictureList())
    browser.show()
    browser.shutdown()
    gone: list[bool] = []
    browser.destroyed.connect(lambda: gone.append(True))
    browser.deleteLater()
    qtbot.waitUntil(lambda: gone == [True])

    left: set[QWidget] = set(QApplication.topLevelWidgets()) - before
    assert not any(isinstance(widget, QMenu | Browser) for widget in left)
