"""Closing the window: work that is being saved is waited for or asked about, and no thread aborts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from irlgui.dialogs import report_commands
from irlgui.dialogs.crash_dialog import CrashDialog
from irlgui.main_window import MainWindow
from irlgui.startup.crash import make_report
from tests.gui.window.conftest import OpenPictures, PictureAt

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def busy(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, monkeypatch: pytest.MonkeyPatch
) -> Event:
    """Notes are typed while the case's thread is busy; the event lets it go on. Nobody waits for it long."""
    open_pictures(picture_at("a.png"))
    case, begun, go_on = window.desk.case, Event(), Event()
    settle = case.settle
    monkeypatch.setattr(case, "settle", lambda _seconds: settle(0.1))

    def be_busy(_case: object) -> None:
        begun.set()
        go_on.wait(20)

    case.ask(be_busy)
    assert begun.wait(20)  # else the notes would be written before it
    window.result.notes.notes.setPlainText("the one important note")
    return go_on


def when_asked(window: MainWindow, do: Callable[[QMessageBox], object]) -> list[str]:
    """Let ``do`` answer the question; return the texts of the questions that came."""
    texts: list[str] = []

    def look() -> None:
        (box,) = window.findChildren(QMessageBox)
        texts.append(f"{box.text()} {box.informativeText()}")
        do(box)

    QTimer.singleShot(300, look)
    return texts


def press(name: str) -> Callable[[QMessageBox], object]:
    return lambda box: next(one for one in box.buttons() if one.text() == name).click()


def test_work_that_is_still_being_saved_is_asked_about(window: MainWindow, busy: Event, qtbot: QtBot) -> None:
    texts = when_asked(window, press("Stay"))
    assert not window.close()
    assert "Changes that are not saved: 1." in texts[0]
    assert "being saved" in texts[0]
    busy.set()
    qtbot.waitUntil(lambda: window.desk.case.state.waiting == 0)


def test_the_window_closes_by_itself_once_the_work_is_saved(window: MainWindow, busy: Event) -> None:
    texts = when_asked(window, lambda _: busy.set())
    assert window.close()
    assert len(texts) == 1
    asked = window.desk.case.ask(lambda case: case.overview().annotations.values())
    assert asked
    assert [one.notes for one in asked.result(10)] == ["the one important note"]


def test_work_may_be_given_up(window: MainWindow, busy: Event) -> None:
    texts = when_asked(window, press("Close and lose them"))
    assert window.close()
    assert len(texts) == 1
    busy.set()


STUCK = """
import os, sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from irlgui.__main__ import main
from irlgui.models import picture_list_scan
scandir = os.scandir

def stuck(place):
    if Path(place).name == "drive":
        QTimer.singleShot(0, QApplication.instance(), QApplication.closeAllWindows)
        time.sleep(30)
    return scandir(place)

picture_list_scan.os.scandir = stuck
sys.exit(main(sys.argv[1:]))
"""


def test_a_drive_that_does_not_answer_does_not_turn_the_end_into_an_abort(
    window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "drive").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", STUCK, str(tmp_path / "drive")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


def test_a_window_that_was_closed_in_full_screen_knows_that_it_is(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.close()
    other = MainWindow(window.settings, model="tiny")
    assert other.isFullScreen()
    assert other.commands["full_screen"].isChecked()
    assert other.shutdown()
    other.deleteLater()


def test_a_record_that_is_being_written_is_there_when_the_window_is_gone(
    window: MainWindow,
    open_pictures: OpenPictures,
    picture_at: PictureAt,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_pictures(picture_at("a.png"))
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=60_000)
    record = tmp_path / "out" / "a.record.zip"
    monkeypatch.setattr(report_commands, "ask_record", lambda *_: record)
    window.commands["record"].trigger()
    window.close()
    assert window.shutdown()
    assert record.is_file()


def test_a_failure_that_comes_again_and_again_is_shown_once(window: MainWindow, tmp_path: Path) -> None:
    for _ in range(3):
        window.show_crash(make_report(ZeroDivisionError("by hand"), "MainThread", tmp_path / "reports"))
    (dialog,) = window.findChildren(CrashDialog)
    dialog.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.show_crash(make_report(ZeroDivisionError("by hand"), "MainThread", tmp_path / "reports"))
    (dialog,) = window.findChildren(CrashDialog)
    dialog.close()
