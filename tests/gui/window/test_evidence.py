"""What the window calls evidence, which no net may learn, and beside which nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from irlgui import switchboard
from irlgui.dialogs import report_commands
from irlgui.main_window import MainWindow
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.image import read_image
from tests.gui.window.conftest import OpenPictures, PictureAt


def test_pictures_that_were_not_read_and_those_of_the_case_are_evidence_too(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second, third = picture_at("a.png"), picture_at("b.png", seed=1), picture_at("c.png", seed=2)
    path = tmp_path / "other.irlcase"
    hashes = {read_image(place).sha256 for place in (first, third)}
    with CaseFile.create(path) as case:
        case.add_item(read_image(first))
        case.add_item(read_image(third))
    window.desk.case.open(path)
    qtbot.waitUntil(lambda: window.desk.session.path == first)
    window.desk.remove([third])
    open_pictures(first, second)
    evidence = window.desk.evidence()
    assert evidence.hashes == hashes
    assert evidence.unread == (second,)


@pytest.mark.parametrize("door", ["export", "export_kept", "record", "regions"])
def test_nothing_is_written_beside_another_picture_of_the_list(
    window: MainWindow,
    open_pictures: OpenPictures,
    picture_at: PictureAt,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    door: str,
) -> None:
    first, other = picture_at("a.png"), tmp_path / "more evidence" / "b.png"
    other.parent.mkdir()
    Image.new("RGB", (80, 80)).save(other)
    open_pictures(first, other)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=60_000)
    monkeypatch.setattr(switchboard, "ask_output", lambda *_: other.parent)
    monkeypatch.setattr(report_commands, "ask_record", lambda *_: other.with_name("a.record.zip"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other.with_name("a.csv")), ""))
    told: list[str] = []
    for signal in (window.desk.exporter.ended, window.result.writer.failed, window.result.writer.told):
        signal.connect(told.append)
    if door == "export_kept":
        window.browser.export_requested.emit([first])
    elif door == "regions":
        window.result.regions.export_asked.emit("csv")
    else:
        window.commands[door].trigger()
    qtbot.waitUntil(lambda: bool(told))
    qtbot.waitUntil(lambda: not window.desk.exporter.busy)
    assert list(other.parent.iterdir()) == [other]
    assert "holds evidence" in told[0]
    assert "--output" not in told[0]
