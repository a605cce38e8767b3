"""Another case is opened: nothing of what was on its way for the former one lands in it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from irlgui.dialogs.case_dialog import CaseDialog
from irlgui.main_window import MainWindow
from irlgui.models import picture_list_scan
from irlgui.models.picture_list_scan import PicturesFound
from irlnet_core.case.case_file import CaseFile
from tests.gui.window.conftest import OpenPictures, PictureAt, SlowReading


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another case, of no pictures."""
    path = tmp_path / "other.irlcase"
    CaseFile.create(path, number="B-2").close()
    return path


@pytest.fixture
def open_other(window: MainWindow, other: Path, qtbot: QtBot) -> Callable[[], None]:
    def open_it() -> None:
        window.desk.case.open(other)
        qtbot.waitUntil(lambda: window.desk.case.state.path == other)

    return open_it


def names_in(window: MainWindow) -> list[str]:
    """Return the evidence of the open case, as it is on the disk."""
    asked = window.desk.case.ask(lambda case: [item.name for item in case.items()])
    assert asked
    names: list[str] = asked.result(10)
    return names


def test_the_pictures_of_a_new_case_that_could_not_be_made_go_into_no_other(
    window: MainWindow,
    open_pictures: OpenPictures,
    picture_at: PictureAt,
    open_other: Callable[[], None],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    open_pictures(picture_at("a.png"), picture_at("b.png", seed=1))
    (tmp_path / "file").write_text("no folder")
    with qtbot.waitSignal(window.desk.noted) as told:
        window.desk.make_case(tmp_path / "file" / "new.irlcase", {}, keep=True)
    assert "was not opened" in told.args[0]  # type: ignore[index]
    open_other()
    assert list(window.desk.pictures.pictures) == []
    assert window.desk.session.picture is None
    assert names_in(window) == []


def test_a_new_case_takes_in_the_pictures_of_the_list(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tmp_path: Path, qtbot: QtBot
) -> None:
    open_pictures(picture_at("a.png"), picture_at("b.png", seed=1))
    window.desk.make_case(tmp_path / "own" / "new.irlcase", {}, keep=True)
    qtbot.waitUntil(lambda: len(window.desk.case.overview.items) == 2)
    assert not window.desk.case.state.automatic
    assert len(window.desk.pictures.pictures) == 2


@pytest.fixture
def half_read(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, slow: SlowReading
) -> tuple[Path, Path]:
    """Open two pictures, the first shown, the second being read."""
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    window.desk.show(second)
    assert slow.begun.wait(20)
    return first, second


def test_a_picture_that_is_being_read_when_another_case_is_opened_does_not_become_its_evidence(
    window: MainWindow,
    half_read: tuple[Path, Path],
    open_other: Callable[[], None],
    qtbot: QtBot,
    slow: SlowReading,
) -> None:
    open_other()
    slow.end()
    qtbot.wait(50)
    assert window.desk.session.picture is None
    assert names_in(window) == []


def test_a_picture_that_is_taken_off_the_list_while_it_is_read_is_not_shown(
    window: MainWindow, half_read: tuple[Path, Path], qtbot: QtBot, slow: SlowReading
) -> None:
    first, second = half_read
    window.desk.remove([second])
    slow.end()
    qtbot.wait(50)
    assert window.desk.session.path == first


def test_a_kept_result_that_comes_after_its_picture_was_left_is_not_written_down(
    window: MainWindow,
    open_pictures: OpenPictures,
    picture_at: PictureAt,
    open_other: Callable[[], None],
    qtbot: QtBot,
) -> None:
    path, desk = picture_at("a.png"), window.desk
    open_pictures(path)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: desk.session.analysis is not None and desk.queue.running is None)
    picture, recalled = desk.session.picture, []
    assert picture
    desk.recall.recalled.disconnect(desk._take_recalled)
    desk.recall.recalled.connect(lambda *answer: recalled.append(answer))
    desk.recall.look_up(picture, model="tiny")
    qtbot.waitUntil(lambda: bool(recalled))
    open_other()
    desk._take_recalled(*recalled[0])
    assert names_in(window) == []


def test_a_folder_that_is_still_being_searched_is_not_listed_in_another_case(
    window: MainWindow,
    picture_at: PictureAt,
    open_other: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    path, go_on = picture_at("a.png"), Event()

    def search(_paths: object) -> Generator[PicturesFound, None, int]:
        go_on.wait(20)
        yield PicturesFound((path,))
        return 1

    monkeypatch.setattr(picture_list_scan, "scan_pictures", search)
    window.open_paths([path.parent])
    open_other()
    go_on.set()
    qtbot.waitUntil(lambda: not window.browser.scan.busy)
    assert list(window.desk.pictures.pictures) == []
    assert names_in(window) == []


def test_the_facts_of_a_case_that_was_left_meanwhile_are_not_those_of_the_next(
    window: MainWindow, open_other: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: CaseDialog) -> int:
        dialog.fields.edits["number"].setText("A-1")
        open_other()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(CaseDialog, "exec", answer)
    window.commands["case_facts"].trigger()
    assert window.desk.case.state.facts
    assert window.desk.case.state.facts.number == "B-2"
    assert "was left" in window.notice.text


def test_a_case_that_was_opened_is_named_and_called_saved_at_once(
    window: MainWindow, open_other: Callable[[], None], qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.status.case.text() == "Automatic case · saved")
    assert window.commands["verify_case"].isEnabled()
    open_other()
    qtbot.waitUntil(lambda: window.status.case.text() == "B-2 · saved")
    assert window.windowTitle() == "B-2"
    assert window.commands["automatic_case"].isEnabled()


def test_what_was_left_out_of_the_list_is_not_told_of_another_case(
    window: MainWindow, open_other: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    window.open_paths([tmp_path / "gone.png"])
    qtbot.waitUntil(window.browser.foot.note.isVisible)
    open_other()
    assert not window.browser.foot.note.isVisible()
