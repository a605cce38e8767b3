"""The analyst's digits come back: by path, size and time, and by hash wherever the picture lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list import PictureList
from irlgui.models.status_keeper import StatusKeeper

SHA = "ab" * 32


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "evidence" / "a.jpg"
    path.parent.mkdir()
    path.write_bytes(b"pixels")
    return path


def start(folder: Path, *paths: Path) -> tuple[PictureList, StatusKeeper]:
    """Return a list with the paths in it, as a new start of the program makes it."""
    pictures = PictureList()
    keeper = StatusKeeper(pictures, folder, pictures)
    pictures.add_paths(paths)
    return pictures, keeper


def status(pictures: PictureList, path: Path) -> int:
    found = pictures.find(path)
    assert found is not None
    return found.status


def judge(folder: Path, path: Path, digit: int, sha256: str = "") -> None:
    pictures, keeper = start(folder, path)
    pictures.set_status([path], digit)
    if sha256:
        keeper.learn(path, sha256)
    keeper.flush()


def test_a_digit_survives_a_restart_without_a_hash(qapp: object, tmp_path: Path, picture: Path) -> None:
    judge(tmp_path / "data", picture, 3)

    assert status(start(tmp_path / "data", picture)[0], picture) == 3


def test_a_digit_taken_back_stays_away(qapp: object, tmp_path: Path, picture: Path) -> None:
    judge(tmp_path / "data", picture, 3, SHA)
    judge(tmp_path / "data", picture, 0, SHA)
    pictures, keeper = start(tmp_path / "data", picture)
    keeper.learn(picture, SHA)

    assert status(pictures, picture) == 0


def test_a_file_that_changed_meanwhile_is_not_judged_yet(qapp: object, tmp_path: Path, picture: Path) -> None:
    judge(tmp_path / "data", picture, 3)
    picture.write_bytes(b"other pixels")

    assert status(start(tmp_path / "data", picture)[0], picture) == 0


def test_a_moved_picture_is_known_by_its_hash(qapp: object, tmp_path: Path, picture: Path) -> None:
    judge(tmp_path / "data", picture, 4, SHA)
    moved = picture.rename(picture.with_name("moved.jpg"))
    pictures, keeper = start(tmp_path / "data", moved)
    assert status(pictures, moved) == 0

    keeper.learn(moved, SHA)

    assert status(pictures, moved) == 4


@pytest.mark.parametrize(
    "damaged",
    [b"{", b"[]", b'{"by_hash": {"x": "3"}, "by_file": {"y": [1, 2]}}', b'{"by_hash": 3, "by_file": {}}'],
)
def test_a_damaged_file_costs_no_start_and_is_replaced(
    qapp: object, tmp_path: Path, picture: Path, damaged: bytes
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "statuses.json").write_bytes(damaged)
    judge(tmp_path / "data", picture, 2)

    assert status(start(tmp_path / "data", picture)[0], picture) == 2


def test_nothing_is_written_beside_the_evidence(qtbot: QtBot, picture: Path) -> None:
    pictures, keeper = start(picture.parent, picture)
    pictures.set_status([picture], 5)
    with qtbot.waitSignal(keeper.failed):
        keeper.flush()

    assert list(picture.parent.iterdir()) == [picture]
