"""A case that can't be written: what the program itself has to say is left out, the analyst's words wait."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import CaseWriteError
from irlnet_core.case.marks import Mark
from irlnet_core.evidence.image import read_image
from tests.gui.window.conftest import PictureAt


@pytest.fixture
def locked(
    window: MainWindow, picture_at: PictureAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Event:
    """A case of a picture, and of another one that has a digit only, opened; the event keeps it closed."""
    path, locked = tmp_path / "locked.irlcase", Event()
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    with CaseFile.create(path, number="B-2") as case:
        case.add_item(read_image(first))
        case.add_item(read_image(second))
        status = second.stat()
        case.mark([Mark(second, status.st_size, status.st_mtime_ns, status=4)])
    really = CaseFile.open

    def open_locked(where: Path, *, read_only: bool = False) -> CaseFile:
        if locked.is_set() and where == path and not read_only:
            raise CaseWriteError("cannot be written.", path=where)
        return really(where, read_only=read_only)

    monkeypatch.setattr(CaseFile, "open", open_locked)
    locked.set()
    window.desk.case.open(path)
    qtbot.waitUntil(lambda: window.desk.session.path == first)
    return locked


def test_it_is_looked_through_and_left_without_anything_unsaved(
    window: MainWindow, locked: Event, qtbot: QtBot
) -> None:
    desk = window.desk
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: desk.session.analysis is not None and desk.queue.running is None)
    second = desk.pictures.pictures[1]
    desk.show(second.path)
    qtbot.waitUntil(lambda: desk.session.path == second.path)
    assert second.status == 4
    assert desk.case.state.read_only
    assert desk.case.state.waiting == 0
    window.commands["automatic_case"].trigger()
    qtbot.waitUntil(lambda: desk.case.state.automatic)


def test_the_analysts_words_wait_until_it_can_be_written(
    window: MainWindow, locked: Event, qtbot: QtBot
) -> None:
    case = window.desk.case
    window.viewer.setFocus()
    window.commands["status_3"].trigger()
    qtbot.waitUntil(lambda: bool(case.state.problem))
    assert case.state.waiting == 1
    locked.clear()
    case.try_again()
    qtbot.waitUntil(lambda: case.state.waiting == 0)
