from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list import PictureList, PictureRole, StatusRole
from irlgui.models.picture_list_entry import natural_key

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def paths(count: int) -> list[Path]:
    return [Path(f"/evidence/IMG_{number}.jpg") for number in range(count)]


@pytest.fixture
def pictures(qtbot: QtBot) -> PictureList:
    model = PictureList()
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    return model


def test_ten_thousand_pictures_satisfy_qts_model_tester_and_come_in_at_once(pictures: PictureList) -> None:
    started = time.thread_time()
    added = pictures.add_paths(paths(10_000))

    assert added == pictures.rowCount() == 10_000
    assert time.thread_time() - started < 5  # seconds; ten times what an idle machine needs


def test_a_picture_is_added_once_however_its_path_is_written(pictures: PictureList, tmp_path: Path) -> None:
    again = tmp_path / "folder" / ".." / "a.jpg"

    assert pictures.add_paths([tmp_path / "a.jpg", again, tmp_path / "a.jpg"]) == 1
    assert pictures.add_paths([again]) == 0


def test_removing_keeps_the_others_in_order_and_their_indexes_alive(pictures: PictureList) -> None:
    pictures.add_paths(paths(6))
    last = QPersistentModelIndex(pictures.index(5))

    assert pictures.remove_paths([paths(6)[1], paths(6)[3], Path("/elsewhere.jpg")]) == 2

    names = [picture.name for picture in pictures.pictures]
    assert names == ["IMG_0.jpg", "IMG_2.jpg", "IMG_4.jpg", "IMG_5.jpg"]
    assert [picture.row for picture in pictures.pictures] == [0, 1, 2, 3]
    assert last.row() == 3
    assert pictures.find(paths(6)[1]) is None


def test_removing_from_the_list_leaves_the_file(pictures: PictureList, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"evidence")
    pictures.add_paths([file])
    pictures.remove_paths([file])

    assert file.read_bytes() == b"evidence"


def test_facts_of_a_former_state_do_not_outlive_it(pictures: PictureList) -> None:
    pictures.add_paths(paths(1))
    path = paths(1)[0]
    pictures.set_state(path, "done", response=0.7, regions=2, area=0.1, sha256="ab")
    pictures.set_state(path, "failed", error="is cut short.")

    picture = pictures.pictures[0]
    assert (picture.response, picture.regions, picture.area) == (None, None, None)
    assert picture.error == "is cut short."
    assert picture.sha256 == "ab"


def test_an_answer_for_a_picture_that_was_removed_is_dropped(pictures: PictureList) -> None:
    pictures.set_state(Path("/gone.jpg"), "done", response=1.0)

    assert pictures.rowCount() == 0


def test_an_unknown_state_or_digit_is_refused(pictures: PictureList) -> None:
    pictures.add_paths(paths(1))

    with pytest.raises(ValueError, match="forged"):
        pictures.set_state(paths(1)[0], "forged")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="6"):
        pictures.set_status(paths(1), 6)
    assert not pictures.setData(pictures.index(0), 9, StatusRole)


def test_the_analysts_digit_is_kept_apart_from_the_tools_result(pictures: PictureList, qtbot: QtBot) -> None:
    pictures.add_paths(paths(2))
    pictures.set_state(paths(1)[0], "done", response=0.9, regions=1)
    with qtbot.waitSignal(pictures.status_set) as told:
        assert pictures.setData(pictures.index(0), 2, StatusRole)

    assert told.args == [paths(1)[0], 2]
    picture = pictures.data(pictures.index(0), PictureRole)
    assert (picture.status, picture.state, picture.response) == (2, "done", 0.9)


def test_a_row_is_read_aloud_as_sentences(pictures: PictureList) -> None:
    pictures.add_paths(paths(1))
    pictures.set_state(paths(1)[0], "done", response=0.714, regions=3, area=0.0412)
    pictures.set_status(paths(1), 3)

    assert pictures.data(pictures.index(0), Qt.ItemDataRole.AccessibleTextRole) == (
        "IMG_0.jpg. Analysed: largest response 0.71, 3 regions, 4.1 % of the area. "
        "Your status: 3, Inconsistent."
    )


def test_what_did_not_run_and_what_failed_is_not_called_nothing_found(pictures: PictureList) -> None:
    pictures.add_paths(paths(2))
    pictures.set_state(paths(2)[1], "failed", error="Out of memory.")
    pictures.set_unreadable(paths(2)[0], "is empty (0 bytes).")

    first, second = (pictures.data(pictures.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in (0, 1))
    assert first == "IMG_0.jpg. Not analysed. This file is empty (0 bytes)."
    assert second == "IMG_1.jpg. Failed: Out of memory."
    assert "is empty (0 bytes)" in pictures.data(pictures.index(0), Qt.ItemDataRole.ToolTipRole)


def test_numbers_in_names_are_sorted_as_numbers() -> None:
    names = ["img10.jpg", "IMG2.jpg", "img1.jpg", "7.png", "a.jpg", "²3.jpg"]

    assert sorted(names, key=natural_key)[:5] == ["7.png", "a.jpg", "img1.jpg", "IMG2.jpg", "img10.jpg"]
