"""What the window calls evidence, which no net may learn."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

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
