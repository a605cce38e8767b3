"""Files that change, go and come back while they are open: what is shown is always of one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from irlgui import switchboard
from irlgui.main_window import MainWindow
from irlnet_core.files import sha256_of_file
from tests.gui.window.conftest import OpenPictures, PictureAt


def test_a_file_that_has_changed_is_opened_again_with_its_own_result(
    window: MainWindow, qtbot: QtBot, picture_at: PictureAt, open_pictures: OpenPictures
) -> None:
    path = picture_at("a.png")
    open_pictures(path)
    picture_at("a.png", seed=1)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=60_000)

    session, now = window.desk.session, sha256_of_file(path)
    assert session.picture
    assert session.analysis
    assert (session.picture.sha256, session.analysis.image_sha256) == (now, now)
    assert "a.png has changed" in window.notice.text
    assert window.result.head.above.text().startswith("Above threshold")


def test_a_file_that_has_come_back_is_no_longer_called_unreadable(
    window: MainWindow, qtbot: QtBot, picture_at: PictureAt, open_pictures: OpenPictures
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    kept = second.read_bytes()
    second.unlink()
    window.desk.show(second)
    row = window.desk.pictures.find(second)
    assert row
    qtbot.waitUntil(lambda: bool(row.unreadable))
    second.write_bytes(kept)
    window.desk.show(second)
    qtbot.waitUntil(lambda: window.desk.session.path == second)
    assert row.unreadable == ""
    qtbot.waitUntil(lambda: second in window.browser.shelf)


def test_what_the_pointer_read_of_one_picture_is_not_told_of_the_next(
    window: MainWindow, qtbot: QtBot, picture_at: PictureAt, open_pictures: OpenPictures
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    viewport = window.viewer.panes[0].viewport()
    QTest.mouseMove(viewport, viewport.rect().center())
    qtbot.waitUntil(lambda: "RGB" in window.status.cursor_label.text())
    window.desk.show(second)
    qtbot.waitUntil(lambda: window.desk.session.path == second)
    assert window.status.cursor_label.text() == ""


def test_the_result_for_which_a_folder_is_asked_is_the_one_that_is_written(
    window: MainWindow,
    qtbot: QtBot,
    picture_at: PictureAt,
    open_pictures: OpenPictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    open_pictures(first, second)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=60_000)

    def choose_slowly(*_: object) -> Path:
        window.desk.show(second)  # it was asked for a moment before the dialog
        qtbot.waitUntil(lambda: window.desk.session.path == second)
        return tmp_path / "out"

    monkeypatch.setattr(switchboard, "ask_output", choose_slowly)
    with qtbot.waitSignal(window.desk.exporter.ended, timeout=20_000):
        window.commands["export"].trigger()
    assert (tmp_path / "out" / "a.json").is_file()
