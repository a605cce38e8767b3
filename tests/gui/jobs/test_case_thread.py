"""The thread that has the case open: nothing is lost, and nothing is called saved before it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from irlgui.jobs import case_thread
from irlgui.jobs.case_doors import door_to, door_to_automatic
from irlgui.jobs.case_thread import CaseThread, Change, Door, Opened, Saving
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import CaseWriteError
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import Annotations, write_annotations

SHA = "ab" * 32
Start = Callable[[Door], "Follower"]


class Follower(QObject):
    """Runs a thread and remembers what it tells."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.thread_ = CaseThread(door)
        self.opened: list[Opened] = []
        self.errors: list[Exception] = []
        self.saving: list[Saving] = []
        self.refused: list[str] = []
        self.thread_.opened.connect(self.take_opened)
        self.thread_.not_opened.connect(self.take_error)
        self.thread_.saving.connect(self.take_saving)
        self.thread_.refused.connect(self.take_refusal)
        self.thread_.start()

    @Slot(object)
    def take_opened(self, opened: Opened) -> None:
        self.opened.append(opened)

    @Slot(object)
    def take_error(self, error: Exception) -> None:
        self.errors.append(error)

    @Slot(object)
    def take_saving(self, saving: Saving) -> None:
        self.saving.append(saving)

    @Slot(str, object)
    def take_refusal(self, what: str, _error: Exception) -> None:
        self.refused.append(what)

    def put(self, do: Callable[[CaseFile], object], *, key: str = "x") -> None:
        self.thread_.put(Change(("test", key), key, do))

    @property
    def problem(self) -> str:
        return self.saving[-1].problem if self.saving else ""


@pytest.fixture
def start(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(case_thread, "_AGAIN_SECONDS", 0.1)
    started: list[Follower] = []

    def run(door: Door) -> Follower:
        started.append(Follower(door))
        qtbot.waitUntil(lambda: bool(started[-1].opened or started[-1].errors), timeout=10_000)
        return started[-1]

    yield run
    for follower in started:
        follower.thread_.shutdown()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    CaseFile.create(tmp_path / "cases" / "one.irlcase").close()
    return tmp_path / "cases" / "one.irlcase"


def opinion(path: Path) -> str:
    with CaseFile.open(path) as case:
        return case.judgement(SHA).opinion


def limit_pages(case: CaseFile, pages: int) -> None:
    """Let the disk be full from the point of view of SQLite."""
    case._rows.connection.execute(f"PRAGMA max_page_count = {pages}")


def test_what_was_put_is_on_the_disk_when_nothing_waits_any_more(
    start: Start, path: Path, qtbot: QtBot
) -> None:
    follower = start(door_to(path))
    follower.put(lambda case: case.judge(SHA, opinion="one"))
    qtbot.waitUntil(lambda: bool(follower.saving) and follower.saving[-1].waiting == 0)
    assert follower.thread_.shutdown()
    assert opinion(path) == "one"


def test_a_newer_change_takes_the_place_of_one_that_waits(start: Start, path: Path) -> None:
    follower, begun, held = start(door_to(path)), threading.Event(), threading.Event()

    def hold(_case: CaseFile) -> None:
        begun.set()
        held.wait(10)

    follower.put(hold, key="first")
    assert begun.wait(10)
    for number in range(100):
        follower.put(lambda case, n=number: case.judge(SHA, opinion=f"{n}"), key="opinion")  # type: ignore[misc]
    assert follower.thread_.waiting == 2
    held.set()
    assert follower.thread_.shutdown()
    with CaseFile.open(path) as case:
        assert case.judgement(SHA).opinion == "99"
        assert [entry.action for entry in case.audit()] == ["case made", "judged"]


def test_on_a_full_disk_the_work_stays_in_memory_is_told_and_saved_as_soon_as_there_is_room(
    start: Start, path: Path, qtbot: QtBot
) -> None:
    follower = start(door_to(path))
    follower.thread_.ask(lambda case: limit_pages(case, 1)).result(10)  # as many as there are
    for number in range(3):
        follower.put(lambda case, n=number: case.judge(f"{n}" * 64, opinion="x" * 9000), key=f"{number}")  # type: ignore[misc]
    qtbot.waitUntil(lambda: "cannot be written" in follower.problem)
    assert follower.thread_.waiting == 3
    assert follower.thread_.ask(lambda case: case.facts).result(10).id  # reading goes on
    follower.thread_.ask(lambda case: limit_pages(case, 100_000)).result(10)
    qtbot.waitUntil(lambda: follower.thread_.waiting == 0, timeout=10_000)
    assert follower.thread_.shutdown()
    with CaseFile.open(path) as case:
        assert {case.judgement(f"{number}" * 64).opinion for number in range(3)} == {"x" * 9000}
        assert case.verify() == []


def test_what_cannot_be_saved_to_the_end_is_told_at_the_end(start: Start, path: Path) -> None:
    follower = start(door_to(path))
    follower.thread_.ask(lambda case: limit_pages(case, 1)).result(10)
    follower.put(lambda case: case.judge(SHA, opinion="x" * 9000))
    assert not follower.thread_.shutdown()
    assert follower.thread_.waiting == 1


def test_a_change_that_never_can_be_made_is_told_and_stops_no_other(
    start: Start, path: Path, qtbot: QtBot
) -> None:
    follower = start(door_to(path))
    follower.put(lambda case: case.judge(SHA, status=9), key="wrong")
    follower.put(lambda case: case.judge(SHA, opinion="right"), key="right")
    qtbot.waitUntil(lambda: follower.refused == ["wrong"])
    assert follower.thread_.shutdown()
    assert opinion(path) == "right"


def test_a_case_that_can_only_be_read_is_shown_and_written_once_that_is_possible(
    start: Start, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, locked = CaseFile.open, threading.Event()
    locked.set()

    def open_locked(where: Path, *, read_only: bool = False) -> CaseFile:
        if locked.is_set() and not read_only:
            raise CaseWriteError("cannot be written (read-only).", path=where)
        return really(where, read_only=read_only)

    monkeypatch.setattr(CaseFile, "open", open_locked)
    follower = start(door_to(path))
    assert follower.opened[0].read_only
    follower.put(lambda case: case.judge(SHA, opinion="patient"))
    qtbot.waitUntil(lambda: "read-only" in follower.problem)
    assert follower.thread_.ask(lambda case: case.facts).result(10).id
    locked.clear()
    qtbot.waitUntil(lambda: follower.thread_.waiting == 0, timeout=10_000)
    assert follower.thread_.shutdown()
    monkeypatch.undo()
    assert opinion(path) == "patient"


def test_a_second_window_has_an_automatic_case_of_its_own_and_says_so(start: Start, tmp_path: Path) -> None:
    door = door_to_automatic(tmp_path / "cases", tmp_path / "annotations")
    first, second = start(door), start(door)
    assert first.opened[0].path.name == "automatic.irlcase"
    assert second.opened[0].path.name == "automatic-2.irlcase"
    assert "another window" in second.opened[0].notes[0]


def test_a_damaged_automatic_case_is_left_and_another_is_used(start: Start, tmp_path: Path) -> None:
    damaged = tmp_path / "cases" / "automatic.irlcase"
    damaged.parent.mkdir()
    damaged.write_bytes(b"no database")
    opened = start(door_to_automatic(tmp_path / "cases", tmp_path / "annotations")).opened[0]
    assert opened.path.name == "automatic-2.irlcase"
    assert "Nothing was deleted" in opened.notes[0]
    assert damaged.read_bytes() == b"no database"


def test_where_no_automatic_case_can_be_made_it_is_tried_again_and_nothing_is_lost(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "cases").write_text("a file where the folder should be")
    follower = start(door_to_automatic(tmp_path / "cases", tmp_path / "annotations"))
    assert "cannot be written" in str(follower.errors[0])
    follower.put(lambda case: case.judge(SHA, opinion="kept"))
    (tmp_path / "cases").unlink()
    qtbot.waitUntil(lambda: bool(follower.opened) and follower.thread_.waiting == 0, timeout=10_000)
    assert follower.thread_.shutdown()
    assert opinion(tmp_path / "cases" / "automatic.irlcase") == "kept"


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """What earlier versions kept: digits by hash and by file, outlines and notes, one file damaged."""
    folder = tmp_path / "annotations"
    folder.mkdir()
    kept = {"version": 1, "by_hash": {SHA: 3, "bad": "x"}, "by_file": {"/a.jpg": [7, 8, 2], "/b": [1]}}
    (folder / "statuses.json").write_text(json.dumps(kept))
    write_annotations(folder / f"{SHA}.json", Annotations(SHA, 9, 9, (), "a note"))
    (folder / f"{'cd' * 32}.json").write_text("{ damaged")
    return folder


def test_what_earlier_versions_kept_is_taken_over_once_and_nothing_is_deleted(
    start: Start, former: Path, tmp_path: Path
) -> None:
    before = sorted(path.name for path in former.iterdir())
    door = door_to_automatic(tmp_path / "cases", former)
    follower = start(door)
    found = follower.opened[0].overview
    assert (found.judgements[SHA].status, found.judgements[SHA].outcome) == (3, "inconsistent")
    assert found.annotations[SHA].notes == "a note"
    assert [(str(mark.path), mark.status) for mark in found.marks.values()] == [("/a.jpg", 2)]
    assert "cdcd" in follower.opened[0].notes[0]
    (away,) = tmp_path.glob("annotations.taken-over-*")
    assert sorted(path.name for path in away.iterdir()) == before
    assert not former.exists()
    assert follower.thread_.shutdown()
    with CaseFile.open(follower.opened[0].path) as case:
        assert case.verify() == []


def test_a_start_that_dies_between_taking_over_and_putting_away_overwrites_nothing_later(
    start: Start, former: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("irlgui.jobs.case_doors.put_former_away", lambda _: None)
    door = door_to_automatic(tmp_path / "cases", former)
    follower = start(door)
    follower.put(lambda case: case.judge(SHA, status=1))
    assert follower.thread_.shutdown()
    again = start(door).opened[0].overview
    assert again.judgements[SHA].status == 1
    assert len(again.annotations) == 1


def test_a_case_that_is_none_is_refused_in_words(start: Start, tmp_path: Path) -> None:
    (tmp_path / "x.irlcase").write_text("hello")
    follower = start(door_to(tmp_path / "x.irlcase"))
    assert isinstance(follower.errors[0], DataError)
    assert follower.thread_.wait(5000)


def test_nobody_waits_for_a_case_that_can_not_be_opened_where_nothing_is_to_be_saved(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").touch()
    follower = start(door_to_automatic(tmp_path / "file" / "cases", tmp_path / "annotations"))
    qtbot.waitUntil(lambda: bool(follower.errors))
    began = time.monotonic()
    assert follower.thread_.settle(5)
    assert time.monotonic() - began < 2
