"""A large picture is seen before it is read: until then nothing that is done meets another picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from irlgui.jobs import picture_loader
from irlgui.main_window import MainWindow
from irlnet_core.evidence.preview import Preview
from tests.gui.window.conftest import OpenPictures, PictureAt, SlowReading


@pytest.fixture
def previewed(
    window: MainWindow,
    open_pictures: OpenPictures,
    picture_at: PictureAt,
    slow: SlowReading,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> tuple[Path, Path]:
    """The first picture was analysed at a threshold of the analyst's; of the second a preview is seen."""
    first, second = picture_at("a.png"), picture_at("b.png", 128, seed=1)
    desk = window.desk
    open_pictures(first, second)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: desk.session.analysis is not None and desk.queue.running is None)
    desk.session.set_threshold(0.48)
    preview = Preview(second, np.full((64, 64, 3), 90, np.uint8), 128, 128)
    monkeypatch.setattr(picture_loader, "read_preview", lambda path, **_: preview if path == second else None)
    desk.show(second)
    assert slow.begun.wait(20)
    qtbot.waitUntil(lambda: window.viewer.turn.width == 128)
    return first, second


def check_that_it_is_back(window: MainWindow, first: Path) -> None:
    session = window.desk.session
    assert session.path == first
    assert session.analysis
    assert session.threshold == 0.48
    assert window.viewer.turn.width == 96
    assert window.windowTitle() == first.name
    assert window.result.head.above.text() != "Opening…"
    window.commands["status_3"].trigger()
    assert window.desk.case.judgement(session.analysis.image_sha256).status == 3


def test_a_preview_is_named_and_takes_no_judgement_for_the_former_picture(
    window: MainWindow, previewed: tuple[Path, Path], slow: SlowReading, qtbot: QtBot
) -> None:
    _, second = previewed
    assert window.windowTitle() == second.name
    assert window.result.head.above.text() == "Opening…"
    assert not window.result.judgement.status.isEnabled()
    assert not window.commands["export"].isEnabled()
    window.viewer.setFocus()
    window.commands["status_3"].trigger()
    assert window.desk.case.overview.judgements == {}
    slow.end()
    qtbot.waitUntil(lambda: window.desk.session.path == second)
    assert window.desk.session.analysis is None


def test_the_former_picture_comes_back_with_its_result_when_the_next_one_can_not_be_read(
    window: MainWindow, previewed: tuple[Path, Path], slow: SlowReading, qtbot: QtBot
) -> None:
    first, second = previewed
    second.unlink()
    slow.end()
    qtbot.waitUntil(lambda: "b.png" in window.notice.text)
    check_that_it_is_back(window, first)


def test_the_former_picture_comes_back_when_the_next_one_is_taken_off_the_list(
    window: MainWindow, previewed: tuple[Path, Path], slow: SlowReading, qtbot: QtBot
) -> None:
    first, second = previewed
    window.desk.remove([second])
    check_that_it_is_back(window, first)
    slow.end()
    qtbot.wait(50)
    assert window.desk.session.path == first


def test_without_a_former_picture_the_welcome_comes_back(
    window: MainWindow, previewed: tuple[Path, Path], slow: SlowReading
) -> None:
    window.desk.remove(previewed)
    assert window.desk.session.picture is None
    assert window.stage.currentWidget() is window.welcome
    assert window.windowTitle() == ""
    assert window.result.head.above.text() == "No picture"
    slow.end()


def test_the_former_picture_comes_back_without_the_result_of_a_model_that_was_left(
    window: MainWindow, previewed: tuple[Path, Path], slow: SlowReading, qtbot: QtBot
) -> None:
    window.desk.choose_model("tiny2")
    window.desk.remove([previewed[1]])
    assert window.desk.session.path == previewed[0]
    assert window.desk.session.analysis is None
    assert window.desk.session.threshold == 0.49  # of the model that was chosen, not of the one that was left
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None)
    assert "the case's own, by the model tiny." in window.notice.text
    slow.end()
