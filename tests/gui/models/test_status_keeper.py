"""The analyst's digits come back: by path, size and time, and by hash wherever the picture lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.case_desk import CaseDesk
from irlgui.models.picture_list import PictureList
from irlgui.models.status_keeper import StatusKeeper
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.image import SuspectImage
from tests.gui.conftest import OpenCaseAt
from tests.gui.views.analysed import make_analysis, save_image


@pytest.fixture
def image(tmp_path: Path) -> SuspectImage:
    return save_image(tmp_path, "a.png")


@pytest.fixture
def picture(image: SuspectImage) -> Path:
    return image.path


def start(case: CaseDesk, *paths: Path) -> tuple[PictureList, StatusKeeper]:
    """Return a list with the paths in it, as a new start of the program makes it."""
    pictures = PictureList()
    keeper = StatusKeeper(pictures, case, pictures)
    pictures.add_paths(paths)
    return pictures, keeper


def status(pictures: PictureList, path: Path) -> int:
    found = pictures.find(path)
    assert found is not None
    return found.status


def judge(case: CaseDesk, path: Path, digit: int, image: SuspectImage | None = None) -> None:
    pictures, keeper = start(case, path)
    pictures.set_status([path], digit)
    if image:
        case.take_picture(image)
        keeper.learn(path, image.sha256)
    keeper.flush()
    assert case.shutdown()


def test_a_digit_survives_a_restart_without_a_hash(open_case: OpenCaseAt, picture: Path) -> None:
    judge(open_case(), picture, 3)

    assert status(start(open_case(), picture)[0], picture) == 3


def test_a_thousand_digits_at_once_are_one_change_and_no_picture_is_read(
    open_case: OpenCaseAt, tmp_path: Path
) -> None:
    paths = [tmp_path / "none" / f"{number}.jpg" for number in range(1000)]
    case = open_case()
    pictures, keeper = start(case, *paths)
    pictures.set_status(paths, 5)
    keeper.flush()
    assert case.state.waiting <= 1
    assert case.shutdown()
    again, _ = start(open_case(), *paths)
    assert {status(again, path) for path in paths} == {5}


def test_a_digit_taken_back_stays_away(open_case: OpenCaseAt, picture: Path, image: SuspectImage) -> None:
    judge(open_case(), picture, 3, image)
    judge(open_case(), picture, 0, image)
    case = open_case()
    pictures, keeper = start(case, picture)
    keeper.learn(picture, image.sha256)

    assert status(pictures, picture) == 0


def test_a_file_that_changed_meanwhile_is_not_judged_yet(open_case: OpenCaseAt, picture: Path) -> None:
    judge(open_case(), picture, 3)
    picture.write_bytes(b"other pixels")

    assert status(start(open_case(), picture)[0], picture) == 0


def test_a_moved_picture_is_known_by_its_hash(
    open_case: OpenCaseAt, picture: Path, image: SuspectImage
) -> None:
    judge(open_case(), picture, 4, image)
    moved = picture.rename(picture.with_name("moved.jpg"))
    pictures, keeper = start(open_case(), moved)
    assert status(pictures, moved) == 0

    keeper.learn(moved, image.sha256)

    assert status(pictures, moved) == 4


def test_a_digit_of_an_unread_file_becomes_its_judgement_once_it_is_read(
    open_case: OpenCaseAt, picture: Path, image: SuspectImage
) -> None:
    judge(open_case(), picture, 3, image)
    case = open_case()
    assert case.judgement(image.sha256).status == 3
    assert case.judgement(image.sha256).outcome == "inconsistent"
    assert {mark.status for mark in case.overview.marks.values()} == {0}
    assert case.shutdown()
    assert case.state.path
    with CaseFile.open(case.state.path) as kept:
        assert [entry.action for entry in kept.audit()][-2:] == ["judged", "unread file marked"]
        assert kept.verify() == []


def test_a_picture_of_the_case_comes_into_the_list_with_its_result(
    open_case: OpenCaseAt, picture: Path, image: SuspectImage, qtbot: QtBot
) -> None:
    case = open_case()
    analysis = make_analysis(image)
    case.take_analysis(picture, analysis)
    assert case.shutdown()
    pictures, _ = start(open_case(), picture)
    row = pictures.find(picture)
    assert row is not None
    assert (row.state, row.regions, row.sha256) == ("done", analysis.record.regions.count, image.sha256)
    assert row.response == pytest.approx(float(analysis.localization.probability.max()), abs=1e-5)


def test_nothing_is_kept_of_a_picture_beside_which_the_case_lies(
    open_case: OpenCaseAt, image: SuspectImage, qtbot: QtBot
) -> None:
    case = open_case("evidence")
    told: list[str] = []
    case.noted.connect(told.append)
    case.take_picture(image)
    case.judge(image.sha256, status=5)
    qtbot.waitUntil(lambda: case.state.refused == 2 and case.state.waiting == 0, timeout=10_000)
    assert "holds evidence" in told[0]
