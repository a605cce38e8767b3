from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list import PictureList
from irlgui.models.picture_list_entry import Picture
from irlgui.models.picture_list_order import Criteria, PictureOrder, order_pictures

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def path(name: str) -> Path:
    return Path("/evidence") / name


def make(pictures: PictureList) -> PictureOrder:
    order = PictureOrder(pictures)
    order.tester = QAbstractItemModelTester(order, FATAL)  # type: ignore[attr-defined]
    return order


def names(order: PictureOrder) -> list[str]:
    return [order.index(row).data() for row in range(order.rowCount())]


@pytest.fixture
def pictures(qtbot: QtBot) -> PictureList:
    model = PictureList()
    model.add_paths([path(name) for name in ("b2.jpg", "b10.jpg", "a.png", "c.jpg", "d.jpg")])
    model.set_state(path("b2.jpg"), "done", response=0.2, regions=0, area=0.0)
    model.set_state(path("b10.jpg"), "done", response=0.9, regions=3, area=0.1)
    model.set_state(path("c.jpg"), "failed", error="is cut short.")
    model.set_status([path("a.png")], 4)
    return model


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("name", False, "a.png b2.jpg b10.jpg c.jpg d.jpg"),
        ("name", True, "d.jpg c.jpg b10.jpg b2.jpg a.png"),
        ("response", False, "b2.jpg b10.jpg a.png c.jpg d.jpg"),
        ("response", True, "b10.jpg b2.jpg a.png c.jpg d.jpg"),
        ("regions", True, "b10.jpg b2.jpg a.png c.jpg d.jpg"),
        ("status", True, "a.png b2.jpg b10.jpg c.jpg d.jpg"),
        ("added", False, "b2.jpg b10.jpg a.png c.jpg d.jpg"),
    ],
)
def test_pictures_are_sorted_and_unknown_values_come_last(
    pictures: PictureList, sort: str, descending: bool, expected: str
) -> None:
    order = make(pictures)
    order.set_criteria(sort=sort, descending=descending)

    assert " ".join(names(order)) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"text": "B"}, "b2.jpg b10.jpg"),
        ({"text": "evid jpg 10"}, "b10.jpg"),
        ({"statuses": frozenset({4})}, "a.png"),
        ({"statuses": frozenset({0, 4}), "text": "a.p"}, "a.png"),
        ({"chips": frozenset({"regions"})}, "b10.jpg"),
        ({"chips": frozenset({"failed"})}, "c.jpg"),
        ({"chips": frozenset({"not analysed"})}, "a.png d.jpg"),
        ({"chips": frozenset({"failed", "regions"})}, "b10.jpg c.jpg"),
        ({"text": "nothing is called so"}, ""),
    ],
)
def test_pictures_are_filtered(pictures: PictureList, criteria: dict[str, object], expected: str) -> None:
    order = make(pictures)
    order.set_criteria(**criteria)

    assert " ".join(names(order)) == expected


def test_the_order_follows_results_within_a_moment(pictures: PictureList, qtbot: QtBot) -> None:
    order = make(pictures)
    order.set_criteria(sort="response", descending=True)
    with qtbot.waitSignal(order.layoutChanged):
        pictures.set_state(path("d.jpg"), "done", response=0.95)

    assert names(order)[0] == "d.jpg"


def test_the_selection_survives_sorting_filtering_adding_and_removing(pictures: PictureList) -> None:
    order = make(pictures)
    selection = QItemSelectionModel(order)
    for name in ("b10.jpg", "c.jpg"):
        selection.select(order.index_of(path(name)), QItemSelectionModel.SelectionFlag.Select)
    current = QPersistentModelIndex(order.index_of(path("b10.jpg")))

    order.set_criteria(sort="response", descending=True)
    pictures.add_paths([path("b3.jpg"), path("0.jpg")])
    order.set_criteria(sort="name", descending=True)
    pictures.remove_paths([path("a.png"), path("b2.jpg")])
    order.set_criteria(text="b")

    assert [index.data() for index in selection.selectedIndexes()] == ["b10.jpg"]
    assert current.data() == "b10.jpg"


def test_both_models_point_at_each_other(pictures: PictureList) -> None:
    order = make(pictures)
    order.set_criteria(sort="response", descending=True, text="jpg")

    for row in range(order.rowCount()):
        index = order.index(row)
        assert order.mapFromSource(order.mapToSource(index)) == index
    hidden = pictures.index_of(path("a.png"))
    assert not order.mapFromSource(hidden).isValid()
    assert not order.index_of(path("a.png")).isValid()


def test_emptying_the_list_empties_the_order(pictures: PictureList) -> None:
    order = make(pictures)
    pictures.clear()

    assert order.rowCount() == 0
    pictures.add_paths([path("z.jpg")])
    assert names(order) == ["z.jpg"]


def test_sorting_ten_thousand_pictures_takes_less_than_a_blink(qtbot: QtBot) -> None:
    model = PictureList()
    chance = random.Random(0)
    model.add_paths(path(f"IMG_{chance.randrange(10**6)}_{number}.jpg") for number in range(10_000))
    order = PictureOrder(model)
    for picture in model.pictures[::2]:
        picture.response = chance.random()
    started = time.thread_time()
    order.set_criteria(sort="response", descending=True)

    assert time.thread_time() - started < 0.5  # about 0.05 s on a free core
    assert order.shown[0].response == max(picture.response or 0 for picture in model.pictures)


@given(
    operations=st.lists(
        st.tuples(st.sampled_from(["add", "remove", "done", "text", "sort"]), st.integers(0, 15)), max_size=25
    )
)
def test_whatever_happens_the_order_is_what_the_criteria_say(operations: list[tuple[str, int]]) -> None:
    model = PictureList()
    order = make(model)
    for what, number in operations:
        target = path(f"{number}.jpg")
        if what == "add":
            model.add_paths([target, path(f"{number + 3}.jpg")])
        elif what == "remove":
            model.remove_paths([target, path(f"{number + 5}.jpg")])
        elif what == "done":
            model.set_state(target, "done", response=number / 20, regions=number % 3)
        elif what == "text":
            order.set_criteria(text=str(number) if number < 10 else "")
        else:
            key = ("name", "response", "regions", "added")[number % 4]
            order.set_criteria(sort=key, descending=number > 7)
    order.refresh()

    assert list(order.shown) == order_pictures(order.criteria, model.pictures)
    assert [picture.row for picture in model.pictures] == list(range(model.rowCount()))


def test_criteria_say_whether_they_hide_anything() -> None:
    assert not Criteria(text="  ", sort="response").filters
    assert Criteria(statuses=frozenset({0})).filters


def test_equal_values_are_sorted_by_name_in_both_directions() -> None:
    rows = [Picture(path(name), number, number) for number, name in enumerate(("b.jpg", "a.jpg"))]
    for descending in (False, True):
        shown = order_pictures(Criteria(sort="status", descending=descending), rows)
        assert [picture.name for picture in shown] == ["a.jpg", "b.jpg"]
