from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list import PictureList
from irlgui.models.picture_list_order import PictureOrder
from irlgui.models.thumbnail_shelf import ThumbnailShelf
from irlgui.views.browser_tile import Mode, TileDelegate, cell_size, place_parts
from irlgui.views.browser_view import PictureView, plan_thumbnails


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PictureView]:
    pictures = PictureList()
    pictures.add_paths(Path(f"/evidence/{number}.jpg") for number in range(200))
    order = PictureOrder(pictures)
    view = PictureView(order, TileDelegate(ThumbnailShelf()))
    qtbot.addWidget(view)
    view.resize(300, 500)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.setModel(None)


@given(st.integers(0, 500), st.integers(-1, 80), st.integers(0, 600))
def test_visible_rows_come_first_and_no_row_twice_or_out_of_range(first: int, more: int, count: int) -> None:
    plan = plan_thumbnails(first, first + more, count)
    visible = [row for row in range(first, first + more + 1) if row < count]

    assert plan[: len(visible)] == visible
    assert len(set(plan)) == len(plan)
    assert all(0 <= row < count for row in plan)


@pytest.mark.parametrize("mode", ["grid", "list"])
@given(width=st.integers(60, 2000), line=st.integers(10, 60))
def test_the_parts_of_a_tile_lie_inside_it_and_do_not_overlap(mode: Mode, width: int, line: int) -> None:
    cell = QRect(QPoint(0, 0), cell_size(mode, width, line))
    places = place_parts(mode, cell, line)

    if mode == "grid" or width > 4 * cell.height():
        assert cell.contains(places.picture)
        assert cell.contains(places.name)
        assert cell.contains(places.facts)
    assert not places.picture.intersects(places.name)
    assert not places.name.intersects(places.facts)


@pytest.mark.parametrize("mode", ["grid", "list"])
@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_it_knows_which_rows_are_in_view(view: PictureView, mode: Mode, share: float, qtbot: QtBot) -> None:
    view.set_mode(mode)
    qtbot.wait(1)
    bar = view.verticalScrollBar()
    bar.setValue(round(bar.maximum() * share))
    inside = [
        row
        for row in range(200)
        if view.visualRect(view.model().index(row, 0)).intersects(view.viewport().rect())
    ]

    assert view.visible_rows() == (inside[0], inside[-1])


def test_a_grid_uses_the_whole_width(view: PictureView, qtbot: QtBot) -> None:
    for width in (200, 264, 300, 520):
        view.resize(width, 500)
        qtbot.wait(1)
        columns = sum(1 for row in range(20) if view.visualRect(view.model().index(row, 0)).top() == 0)
        assert columns == max(1, (view.viewport().width() - 1) // 124)


def test_a_click_opens_a_picture_and_a_click_with_ctrl_only_selects(view: PictureView, qtbot: QtBot) -> None:
    place = view.visualRect(view.model().index(3, 0)).center()
    with qtbot.waitSignal(view.opened) as told:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [Path("/evidence/3.jpg")]

    other = view.visualRect(view.model().index(1, 0)).center()
    with qtbot.assertNotEmitted(view.opened, wait=200):
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, pos=other
        )
    assert view.selected_paths() == [Path("/evidence/1.jpg"), Path("/evidence/3.jpg")]


def test_a_held_arrow_key_passes_pictures_by_and_opens_the_last(view: PictureView, qtbot: QtBot) -> None:
    view.choose(view.model().index(0, 0))
    opened: list[Path] = []
    view.opened.connect(opened.append)
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: opened != [])

    assert opened == [Path("/evidence/5.jpg")]


def test_next_and_previous_stop_at_the_ends(view: PictureView, qtbot: QtBot) -> None:
    QTest.keyClick(view, Qt.Key.Key_N)
    assert view.currentIndex().row() == 0
    QTest.keyClick(view, Qt.Key.Key_P)
    assert view.currentIndex().row() == 0
    view.choose(view.model().index(199, 0))
    view.step(1)
    assert view.currentIndex().row() == 199
    with qtbot.waitSignal(view.opened) as told:
        view.step(-1)
    assert told.args == [Path("/evidence/198.jpg")]


def test_digits_set_the_status_and_are_kept_from_the_windows_shortcuts(
    view: PictureView, qtbot: QtBot
) -> None:
    from PySide6.QtGui import QShortcut

    shortcut = QShortcut(Qt.Key.Key_1, view.window())
    view.setFocus()
    with qtbot.assertNotEmitted(shortcut.activated), qtbot.waitSignal(view.status_pressed) as told:
        QTest.keyClick(view, Qt.Key.Key_1)

    assert told.args == [1]
    with qtbot.assertNotEmitted(view.status_pressed):
        QTest.keyClick(view, Qt.Key.Key_7)
        QTest.keyClick(view, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)


def test_thumbnails_are_asked_for_soon_after_scrolling_however_far(view: PictureView, qtbot: QtBot) -> None:
    qtbot.wait(60)
    with qtbot.waitSignal(view.looked):
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())

    assert view.wanted_paths()[0] == view.model().shown[view.visible_rows()[0]].path  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [200, 224, 252, 300, 420])
def test_the_first_tile_stands_at_the_top_also_without_a_scroll_bar(qtbot: QtBot, width: int) -> None:
    pictures = PictureList()
    pictures.add_paths([Path("/evidence/only.jpg")])
    view = PictureView(PictureOrder(pictures), TileDelegate(ThumbnailShelf()))
    qtbot.addWidget(view)
    view.resize(width, 500)
    view.show()
    qtbot.waitExposed(view)

    assert view.visualRect(view.model().index(0, 0)).topLeft() == QPoint(0, 0)
    view.setModel(None)
