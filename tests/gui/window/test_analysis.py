"""Analyses that are stopped, paused, or overtaken by another model leave the window saying one thing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlgui.models.picture_list_entry import Picture
from tests.gui.window.conftest import OpenPictures, PictureAt

LARGE = 500  # a hundred tiles and more


class Tiles:
    """Counts what is computed."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.count, self._qtbot = 0, qtbot
        window.desk.queue.tile_ready.connect(self._take)

    def _take(self, *_: object) -> None:
        self.count += 1

    def wait(self) -> None:
        """Wait until the analysis that begins now has some."""
        before = self.count
        self._qtbot.waitUntil(lambda: self.count > before)


@pytest.fixture
def tiles(window: MainWindow, qtbot: QtBot) -> Tiles:
    return Tiles(window, qtbot)


def row_of(window: MainWindow, path: Path) -> Picture:
    row = window.desk.pictures.find(path)
    assert row
    return row


def analyse(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["analyse"].trigger()
    wait_for_the_end(window, qtbot)
    assert window.desk.session.analysis


def wait_for_the_end(window: MainWindow, qtbot: QtBot) -> None:
    queue = window.desk.queue
    qtbot.waitUntil(lambda: queue.running is None and not queue.waiting)
    qtbot.waitUntil(lambda: not window.viewer.busy)


def test_a_result_that_is_computed_anew_is_shown_again_when_that_is_stopped(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tiles: Tiles, qtbot: QtBot
) -> None:
    path = picture_at("a.png", LARGE)
    open_pictures(path)
    analyse(window, qtbot)
    told, reading = window.result.head.above.text(), window.viewer._read((5.0, 5.0))
    assert reading
    window.viewer.panes[0].area_drawn.emit((0, 0, 400, 400))
    window.commands["analyse_area"].trigger()
    tiles.wait()
    window.commands["stop"].trigger()
    wait_for_the_end(window, qtbot)
    assert window.result.head.above.text() == told
    assert window.viewer._read((5.0, 5.0)) == reading
    assert row_of(window, path).state == "done"
    assert window.commands["export"].isEnabled()


def test_a_result_stays_when_computing_it_anew_fails(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    path = picture_at("a.png")
    open_pictures(path)
    analyse(window, qtbot)
    told = window.result.head.above.text()
    path.unlink()
    window.viewer.panes[0].area_drawn.emit((0, 0, 64, 64))
    window.commands["analyse_area"].trigger()
    wait_for_the_end(window, qtbot)
    assert "a.png" in window.notice.text
    assert window.result.head.above.text() == told
    assert row_of(window, path).state == "done"


def test_a_model_that_is_chosen_while_another_one_runs_takes_over_what_runs_and_waits(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tiles: Tiles, qtbot: QtBot
) -> None:
    desk = window.desk
    first, second = picture_at("a.png", LARGE), picture_at("b.png", seed=1)
    open_pictures(first, second)
    models = []
    desk.queue.analysed.connect(lambda path, analysis: models.append((path.name, analysis.model_name)))
    window.commands["analyse_all"].trigger()
    tiles.wait()
    desk.choose_model("tiny2")
    assert window.status.model.text() == "Model: tiny2"
    wait_for_the_end(window, qtbot)
    assert models == [("a.png", "tiny2"), ("b.png", "tiny2")]
    assert desk.session.analysis
    assert desk.session.analysis.model_name == "tiny2"


def test_analyse_all_asks_the_present_model_and_says_when_nothing_is_left(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    path = picture_at("a.png")
    open_pictures(path)
    analyse(window, qtbot)
    window.commands["analyse_all"].trigger()
    assert "analysed with the model tiny," in window.notice.text
    window.desk.choose_model("tiny2")
    window.commands["analyse_all"].trigger()
    wait_for_the_end(window, qtbot)
    assert row_of(window, path).model == "tiny2"


def test_the_queue_does_not_stay_paused_when_what_it_held_is_taken_off_the_list(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tiles: Tiles, qtbot: QtBot
) -> None:
    first, second = picture_at("a.png", LARGE), picture_at("b.png", seed=1)
    open_pictures(first, second)
    window.commands["analyse"].trigger()
    tiles.wait()
    window.commands["pause"].trigger()
    window.desk.remove([first])
    wait_for_the_end(window, qtbot)
    assert not window.commands["pause"].isChecked()
    window.desk.show(second)
    qtbot.waitUntil(lambda: window.desk.session.path == second)
    analyse(window, qtbot)


def test_a_picture_that_waits_is_not_called_being_analysed(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, qtbot: QtBot
) -> None:
    open_pictures(picture_at("a.png"))
    window.desk.queue.pause()
    window.commands["analyse"].trigger()
    assert window.result.head.above.text() == "Waiting to be analysed"
    window.desk.queue.resume()
    assert window.result.head.above.text() == "Analysing…"
    wait_for_the_end(window, qtbot)
