"""The check: bad rows with reason and cure, the analyst's answers, and ten thousand rows."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from irlgui.jobs import data_check
from irlgui.jobs.evidence import Evidence
from irlgui.wizard.check_page import CheckPage
from irlgui.wizard.check_row import CheckRow, describe_rows
from irlgui.wizard.check_table import PICTURE, REMARK, USE, CheckTable
from irlgui.wizard.plan import Plan
from irlnet_core.data.pair_check import CheckedPair, DataCheck, check_pairs
from irlnet_core.data.pairs import Pair, Problem
from irlnet_core.files import sha256_of_file
from irlnet_core.progress import Event
from tests.gui.wizard.conftest import write_pair

MakePage = Callable[[], CheckPage]


@pytest.fixture
def make_page(pairs: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[MakePage]:
    """Return a function that makes the page; its threads are ended also when the test fails."""
    made: list[CheckPage] = []

    def make() -> CheckPage:
        made.append(CheckPage(Plan(tmp_path / "shipped" / "fast", folder=pairs)))
        qtbot.addWidget(made[-1])
        return made[-1]

    yield make
    ended = [page.shutdown(10) for page in made]
    assert all(ended)


@pytest.fixture
def page(make_page: MakePage, qtbot: QtBot) -> CheckPage:
    page = make_page()
    page.resize(1000, 600)
    page.show()
    with qtbot.waitSignal(page.completeChanged):
        page.begin()
    qtbot.waitUntil(page.isComplete)
    return page


def choose(page: CheckPage, name: str) -> CheckRow:
    place = next(p for p in range(page.table.rowCount()) if page.table.row_at(p).path.name == name)
    page.view.selectRow(place)
    return page.table.row_at(place)


def uses(page: CheckPage) -> dict[str, str]:
    return {row.path.name: row.use for row in page.table.rows}


def test_bad_rows_are_named_with_reason_and_cure_and_good_ones_are_divided(page: CheckPage) -> None:
    told = uses(page)

    assert {name for name, use in told.items() if use == "can't be used"} == {"08.png", "09.png", "10.png"}
    assert told["lonely.png"] == "not paired"
    assert set(told.values()) >= {"to learn", "held out"}
    row = choose(page, "10.png")
    assert "sizes differ" in row.remark
    assert page.detail.reason.text() == row.remark
    assert page.detail.cure.text() == row.cure != ""
    assert "3 with a problem · 1 not paired" in page.counts.text()


def test_only_problems_shows_only_problems(page: CheckPage) -> None:
    assert page.only_problems.text() == "Only problems (4)"
    page.only_problems.setChecked(True)

    assert page.table.rowCount() == 4
    assert all(page.table.row_at(place).bad for place in range(4))


@pytest.mark.parametrize(("button", "marked"), [("invert", 0.18), ("right", 0.82)])
def test_a_mask_that_may_be_inverted_is_asked_about(
    page: CheckPage, qtbot: QtBot, button: str, marked: float
) -> None:
    choose(page, "08.png")
    getattr(page.detail, button).click()
    qtbot.waitUntil(lambda: uses(page)["08.png"] in ("to learn", "held out"))

    row = next(row for row in page.plan.rows if row.pair.image.name == "08.png")
    assert row.marked == pytest.approx(marked, abs=0.01)
    assert row in page.plan.kept


def test_a_pair_can_be_left_out_and_taken_in_again(page: CheckPage, qtbot: QtBot) -> None:
    choose(page, "02.png")
    page.detail.leave_out.click()
    qtbot.waitUntil(page.isComplete)
    assert uses(page)["02.png"] == "left out"
    assert len(page.plan.kept) == 7
    assert page.detail.leave_out.text() == "&Take in again"

    page.detail.leave_out.click()
    qtbot.waitUntil(page.isComplete)
    assert len(page.plan.kept) == 8


def test_with_everything_left_out_the_wizard_does_not_go_on(page: CheckPage) -> None:
    page.view.selectAll()
    page.detail.leave_out.click()

    assert not page.isComplete()
    assert page.attention.text


def test_pictures_of_one_source_can_not_be_divided(page: CheckPage, qtbot: QtBot) -> None:
    page.view.selectAll()
    page.detail.leave_out.click()
    choose(page, "02.png")
    page.detail.leave_out.click()
    qtbot.waitUntil(lambda: "one source" in page.attention.text)

    assert not page.isComplete()


def test_small_pictures_come_for_what_is_on_the_screen(page: CheckPage, qtbot: QtBot) -> None:
    pair = page.table.row_at(0).pair
    qtbot.waitUntil(lambda: page.table.thumbnail(pair) is not None)
    choose(page, "00.png")
    qtbot.waitUntil(lambda: page.detail.picture._image is not None)


def test_rows_are_shown_as_they_are_read_and_the_chosen_one_stays(
    make_page: MakePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(*words: Any, **more: Any) -> Generator[Event, None, DataCheck]:
        job, told = check_pairs(*words, **more), 0
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                return cast(DataCheck, stop.value)
            told += 1
            if told == 7:  # each pair tells its row and its progress
                gate.wait(60)
            yield event

    monkeypatch.setattr(data_check, "check_pairs", slow)
    page = make_page()
    page.begin()
    qtbot.waitUntil(lambda: "Reading pair 3 of 11" in page.counts.text())
    assert page.table.rowCount() == 3
    assert not page.isComplete()
    choose(page, "01.png")

    gate.set()
    qtbot.waitUntil(page.isComplete)
    assert page.table.rowCount() == 12
    assert [row.path.name for row in page.chosen()] == ["01.png"]


def test_another_folder_ends_the_reading_of_the_former_one(
    make_page: MakePage, tmp_path: Path, qtbot: QtBot
) -> None:
    page = make_page()
    page.begin()
    page.forget()
    other = tmp_path / "other"
    for name in ("images", "masks"):
        (other / name).mkdir(parents=True)
    for seed in range(3):
        write_pair(other, f"other-{seed}", seed)
    page.plan.folder = other
    page.begin()
    qtbot.waitUntil(page.isComplete)

    assert page.table.rowCount() == 3
    assert page.plan.check is not None
    assert page.plan.check.folder == other


def test_sorting_keeps_the_chosen_rows_chosen(page: CheckPage) -> None:
    choose(page, "02.png")
    page.view.sortByColumn(PICTURE, Qt.SortOrder.DescendingOrder)

    assert [row.path.name for row in page.chosen()] == ["02.png"]


def test_nothing_is_written_into_the_folder(page: CheckPage, pairs: Path) -> None:
    assert len([path for path in pairs.rglob("*") if path.is_file()]) == 23


def many(count: int) -> list[CheckRow]:
    rows = []
    for number in range(count):
        pair = Pair(Path(f"/d/images/{number:05}.png"), Path(f"/d/masks/{number:05}.png"))
        problem = Problem(pair.image, "is empty.", "Look.") if number % 7 == 0 else None
        row = CheckedPair(pair, problem, width=640, height=480, marked=number / count, levels="0/255")
        rows.append(CheckRow(pair.image, row, problem))
    return rows


def test_the_table_keeps_qts_rules(qapp: object) -> None:
    table = CheckTable()
    QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.set_rows(many(20))
    table.append_rows(many(30)[20:])
    table.sort(REMARK, Qt.SortOrder.AscendingOrder)
    table.set_only_problems(True)
    table.replace_rows(many(30))
    table.set_thumbnail(table.row_at(0).pair, None)
    table.set_only_problems(False)
    table.set_rows([])


def test_ten_thousand_rows_are_sorted_filtered_and_replaced_without_a_pause(qapp: object) -> None:
    table, rows = CheckTable(), many(10_000)
    began = time.process_time()
    for first in range(0, len(rows), 100):
        table.append_rows(rows[first : first + 100])
    table.sort(USE, Qt.SortOrder.DescendingOrder)
    table.sort(PICTURE, Qt.SortOrder.AscendingOrder)
    table.set_only_problems(True)
    table.set_only_problems(False)
    table.replace_rows(rows)
    describe_rows(rows)

    # Seconds a step; steps that grow with the square of the rows take many.
    assert (time.process_time() - began) / 7 < 0.5
    assert table.place_of(Path("/d/images/00007.png")) == 7


def test_pictures_of_the_case_are_refused_whether_they_were_read_or_not_and_after_an_answer(
    make_page: MakePage, pairs: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    copy = tmp_path / "case" / "exhibit.png"
    copy.parent.mkdir()
    shutil.copy(pairs / "images" / "02.png", copy)
    read = sha256_of_file(pairs / "images" / "08.png")
    page = make_page()
    page.plan.evidence = Evidence(frozenset([read]), (copy, tmp_path / "case" / "gone.png"))
    page.begin()
    qtbot.waitUntil(page.isComplete)
    assert "evidence of the case" in choose(page, "02.png").remark
    assert "evidence of the case" in choose(page, "08.png").remark
    page.invert()
    assert not page.bar.isHidden()
    qtbot.waitUntil(page.bar.isHidden)
    assert uses(page)["08.png"] == uses(page)["02.png"] == "can't be used"
