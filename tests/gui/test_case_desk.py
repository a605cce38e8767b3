"""What the window knows of a case, and that another case takes its place only when that works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.case_desk import CaseDesk
from irlgui.case_pictures import CasePictures
from irlgui.models.picture_list import PictureList
from irlgui.models.status_keeper import StatusKeeper
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.image import SuspectImage
from tests.gui.conftest import OpenCaseAt
from tests.gui.views.analysed import make_analysis, save_image

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def image(tmp_path: Path) -> SuspectImage:
    return save_image(tmp_path, "a.png")


def saved(case: CaseDesk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: case.state.waiting == 0, timeout=10_000)


def open_other(case: CaseDesk, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(case.opened, timeout=10_000):
        case.open(path)


def test_everything_is_in_the_file_with_an_entry_in_the_log_each(
    open_case: OpenCaseAt, image: SuspectImage, qtbot: QtBot
) -> None:
    case, analysis = open_case(), make_analysis(image)
    case.take_picture(image)
    case.take_analysis(image.path, analysis)
    case.judge(image.sha256, status=2, opinion="It may be glare.")
    case.annotate(Annotations(image.sha256, 200, 120, (), "look"))
    case.set_facts(examiner="E. Xaminer")
    saved(case, qtbot)
    assert case.state.path
    head = case.head
    assert case.shutdown()
    with CaseFile.open(case.state.path) as kept:
        (item,) = kept.items()
        exhibit = kept.exhibit(item)
        assert exhibit.record.regions == analysis.record.regions
        assert (exhibit.judgement.outcome, exhibit.judgement.opinion) == ("inconclusive", "It may be glare.")
        assert exhibit.annotations.notes == "look"
        assert kept.facts.examiner == "E. Xaminer"
        assert head == kept.head
        assert [entry.action for entry in kept.audit()] == [
            *("case made", "evidence added", "evidence seen", "analysis added", "judged", "annotated"),
            "case described",
        ]
        assert kept.verify() == []


def test_one_analysis_is_kept_once_however_often_it_is_shown(
    open_case: OpenCaseAt, image: SuspectImage, qtbot: QtBot
) -> None:
    case, analysis = open_case(), make_analysis(image)
    for _ in range(3):
        case.take_analysis(image.path, analysis)
        saved(case, qtbot)
    assert case.shutdown()
    assert case.state.path
    with CaseFile.open(case.state.path) as kept:
        assert len(kept.analyses(kept.items()[0])) == 1


def test_a_kept_analysis_comes_back_from_the_case(
    open_case: OpenCaseAt, image: SuspectImage, qtbot: QtBot
) -> None:
    case, analysis = open_case(), make_analysis(image)
    case.take_analysis(image.path, analysis)
    with qtbot.waitSignal(case.analysis_found, timeout=10_000) as answer:
        case.find_analysis(image.sha256)
    found = answer.args[1]  # type: ignore[index]
    assert found.record.regions == analysis.record.regions
    with qtbot.waitSignal(case.analysis_found) as answer:
        case.find_analysis("00" * 32)
    assert answer.args[1] is None  # type: ignore[index]


def test_another_case_takes_the_place_and_begins_without_the_words_of_this_one(
    open_case: OpenCaseAt, image: SuspectImage, tmp_path: Path, qtbot: QtBot
) -> None:
    case = open_case()
    case.take_picture(image)
    case.judge(image.sha256, status=3)
    with qtbot.waitSignal(case.opened, timeout=10_000):
        case.create(tmp_path / "own" / "b.irlcase", {"number": "7", "title": "B"})
    assert (case.name, case.state.automatic, case.judgement(image.sha256).status) == ("7 B", False, 0)
    with qtbot.waitSignal(case.opened, timeout=10_000):
        case.open_automatic()
    assert case.judgement(image.sha256).status == 3


def test_a_new_case_may_begin_with_what_was_said_of_the_pictures_of_the_list(
    open_case: OpenCaseAt, image: SuspectImage, tmp_path: Path, qtbot: QtBot
) -> None:
    case, other = open_case(), save_image(tmp_path, "b.png", seed=1)
    for one in (image, other):
        case.take_picture(one)
        case.judge(one.sha256, opinion=one.path.name)
    carried = case.carried([image.path])
    with qtbot.waitSignal(case.opened, timeout=10_000):
        case.create(tmp_path / "own" / "b.irlcase", {}, carried)
    assert case.judgement(image.sha256).opinion == "a.png"
    assert case.judgement(other.sha256).opinion == ""


def test_a_case_that_is_open_in_another_program_is_refused_and_this_one_stays(
    open_case: OpenCaseAt, image: SuspectImage, tmp_path: Path, qtbot: QtBot
) -> None:
    case, other = open_case(), tmp_path / "other.irlcase"
    CaseFile.create(other).close()
    code = "import sys; from irlnet_core.case.case_file import CaseFile; case = CaseFile.open(sys.argv[1])"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; print(1, flush=True); input()", str(other)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with qtbot.waitSignal(case.noted, timeout=10_000) as told:
            case.open(other)
        assert "is open in another program" in told.args[0]  # type: ignore[index]
        process.kill()
    assert case.state.automatic
    case.take_picture(image)
    case.judge(image.sha256, status=1)
    saved(case, qtbot)
    open_other(case, other, qtbot)
    assert not case.state.automatic


def test_a_case_is_not_left_while_its_work_is_not_saved(
    open_case: OpenCaseAt, image: SuspectImage, tmp_path: Path, qtbot: QtBot
) -> None:
    case, other = open_case(), tmp_path / "other.irlcase"
    CaseFile.create(other).close()
    case.take_picture(image)
    saved(case, qtbot)
    future = case.ask(lambda kept: kept._rows.connection.execute("PRAGMA max_page_count = 1"))
    assert future
    future.result(10)
    case.judge(image.sha256, opinion="x" * 19_000)
    qtbot.waitUntil(lambda: bool(case.state.problem), timeout=10_000)
    with qtbot.waitSignal(case.noted, timeout=20_000) as told:
        case.open(other)
    assert "1 changes of this one are not saved" in told.args[0]  # type: ignore[index]
    assert case.state.automatic
    assert case.judgement(image.sha256).opinion
    assert not case.shutdown()


def test_the_case_that_is_open_keeps_its_lock_when_it_is_asked_for_again(
    open_case: OpenCaseAt, qtbot: QtBot
) -> None:
    case = open_case()
    assert case.state.path
    with qtbot.waitSignal(case.noted) as told:
        case.open(case.state.path)
    assert "is the case that is open" in told.args[0]  # type: ignore[index]
    code = "import sys; from irlnet_core.case.case_file import CaseFile; CaseFile.open(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(case.state.path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "is open in another program" in done.stderr


def test_a_status_set_before_the_case_could_be_read_leaves_the_stored_opinion(
    open_case: OpenCaseAt, image: SuspectImage, tmp_path: Path, qtbot: QtBot
) -> None:
    case = open_case()
    case.take_picture(image)
    case.judge(image.sha256, status=1, opinion="A long considered opinion.")
    assert case.shutdown()
    case = CaseDesk(tmp_path / "cases", tmp_path / "annotations")
    with qtbot.waitSignal(case.opened):
        case.start()
        case.take_picture(image)
        case.judge(image.sha256, status=2)
        case.judge(image.sha256, status=3)
        assert case.judgement(image.sha256).status == 3
    assert case.judgement(image.sha256).opinion == "A long considered opinion."
    assert case.state.path
    assert case.shutdown()
    with CaseFile.open(case.state.path) as kept:
        found = kept.judgement(image.sha256)
    assert (found.status, found.outcome) == (3, "inconsistent")
    assert found.opinion == "A long considered opinion."


@pytest.fixture
def moved_case(tmp_path: Path) -> Path:
    """A case of two pictures on a stick that came to another place: one moved along, one did not."""
    home = tmp_path / "before"
    path = home / "cases" / "one.irlcase"
    with CaseFile.create(path) as case:
        case.add_item(save_image(home / "near", "a.png"))
        case.add_item(save_image(home / "far", "b.png", seed=1))
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.move(home / "cases", stick / "cases")
    shutil.move(home / "near", stick / "near")
    (tmp_path / "archive" / "deep").mkdir(parents=True)
    shutil.move(home / "far" / "evidence" / "b.png", tmp_path / "archive" / "deep" / "renamed.png")
    (tmp_path / "archive" / "decoy.png").write_bytes(b"\0" * (stick / "near/evidence/a.png").stat().st_size)
    return stick / "cases" / "one.irlcase"


def test_moved_evidence_is_found_beside_the_case_or_in_a_folder_that_is_named(
    open_case: OpenCaseAt, moved_case: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    case = open_case()
    pictures = PictureList()
    StatusKeeper(pictures, case, pictures)
    listing = CasePictures(pictures, case, pictures)
    told: list[str] = []
    listing.noted.connect(told.append)
    open_other(case, moved_case, qtbot)
    listing.list_all()
    qtbot.waitUntil(lambda: len(listing.missing) == 1, timeout=10_000)
    near = tmp_path / "stick" / "near" / "evidence" / "a.png"
    lost = tmp_path / "before" / "far" / "evidence" / "b.png"
    assert [one.path for one in pictures.pictures] == [near, lost]
    assert "1 of 2 pictures had been moved" in told[-1]
    assert "1 of 2 pictures are not where they were." in told[-1]

    listing.search(tmp_path / "archive")
    qtbot.waitUntil(lambda: not listing.missing, timeout=10_000)
    found = tmp_path / "archive" / "deep" / "renamed.png"
    assert [one.path for one in pictures.pictures] == [near, found]
    assert all(one.sha256 for one in pictures.pictures)
    saved(case, qtbot)
    assert listing.shutdown()
    assert case.shutdown()
    with CaseFile.open(moved_case) as kept:
        assert [item.places[-1] for item in kept.items()] == [near, found]
        assert kept.verify() == []


def test_a_file_that_changed_at_its_place_is_missing_evidence_and_no_other(
    open_case: OpenCaseAt, tmp_path: Path, qtbot: QtBot
) -> None:
    image, path = save_image(tmp_path, "a.png"), tmp_path / "own" / "one.irlcase"
    with CaseFile.create(path) as kept:
        kept.add_item(image)
    image.path.write_bytes(image.path.read_bytes()[:-1] + b"\0")
    case = open_case()
    listing = CasePictures(PictureList(), case)
    open_other(case, path, qtbot)
    listing.list_all()
    qtbot.waitUntil(lambda: len(listing.missing) == 1, timeout=10_000)
    assert listing.shutdown()


def test_a_case_that_is_asked_for_while_another_one_opens_is_not_passed_over_in_silence(
    open_case: OpenCaseAt, tmp_path: Path, qtbot: QtBot
) -> None:
    case = open_case()
    for name in ("one", "two"):
        CaseFile.create(tmp_path / f"{name}.irlcase").close()
    with qtbot.waitSignal(case.noted) as told, qtbot.waitSignal(case.opened) as opened:
        case.open(tmp_path / "one.irlcase")
        case.open(tmp_path / "two.irlcase")
    assert "being opened" in told.args[0]
    assert opened.args[0].path == tmp_path / "one.irlcase"
