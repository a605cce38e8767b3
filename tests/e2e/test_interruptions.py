"""What goes wrong or is broken off: cancel, closing the window, files that are no pictures, no model."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlnet_core.model import locate
from tests.e2e.play import PATIENCE, RunApp, write_picture


def start_long_analysis(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
    window.commands["analyse"].trigger()
    qtbot.waitUntil(
        lambda: window.desk.watch.state is not None and window.desk.watch.state.done > 0, timeout=20_000
    )


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of some two thousand tiles."""
    (tmp_path / "large").mkdir()
    return write_picture(tmp_path / "large" / "large.png", 2000)


def test_an_empty_folder_is_told_and_a_missing_one_is_named(
    run_app: RunApp, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "empty").mkdir()

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.notice.text == "No pictures were found there.", timeout=PATIENCE)
        window.open_paths([tmp_path / "gone"])
        qtbot.waitUntil(lambda: window.notice.text.endswith("gone: does not exist."), timeout=PATIENCE)
        qtbot.waitUntil(lambda: not window.browser.scan.busy, timeout=PATIENCE)
        assert window.notice.text.endswith("gone: does not exist.")

    run_app(script, tmp_path / "empty")


def test_a_picture_that_is_opened_again_tells_that_it_failed_or_waits(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        desk, above = window.desk, window.result.head.above
        qtbot.waitUntil(lambda: desk.session.path == evidence / "a.png", timeout=PATIENCE)
        desk.pictures.set_state(evidence / "b.png", "failed", error="There is not enough memory.")
        desk.show(evidence / "b.png")
        qtbot.waitUntil(lambda: desk.session.path == evidence / "b.png", timeout=PATIENCE)
        qtbot.waitUntil(lambda: above.text() == "No result", timeout=PATIENCE)
        assert window.result.head.sentence.text() == "There is not enough memory."
        desk.queue.pause()
        desk.analyse([evidence / "a.png"])
        desk.show(evidence / "a.png")
        qtbot.waitUntil(lambda: above.text() == "Waiting to be analysed", timeout=PATIENCE)

    run_app(script, evidence)


def test_cancel_answers_at_once_ends_soon_and_keeps_the_picture(
    run_app: RunApp, large: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        start_long_analysis(window, qtbot)
        began = time.monotonic()
        window.status.cancel.click()
        assert window.status.job.text() == "Cancelling…"
        qtbot.waitUntil(lambda: window.desk.watch.state is None, timeout=PATIENCE)
        assert time.monotonic() - began < 15  # 3 on a quiet machine, see packaging/measure_jobs.py
        row = window.desk.pictures.find(large)
        assert row is not None
        assert row.state == "new"
        assert window.desk.session.analysis is None
        assert window.desk.session.path == large
        assert window.commands["analyse"].isEnabled()
        assert not window.commands["stop"].isEnabled()

    run_app(script, large)


def test_the_window_can_be_closed_while_an_analysis_runs(run_app: RunApp, large: Path, qtbot: QtBot) -> None:
    began = []

    def script(window: MainWindow) -> None:
        start_long_analysis(window, qtbot)
        began.append(time.monotonic())
        window.close()
        assert not window.isVisible()
        assert time.monotonic() - began[0] < 5

    assert run_app(script, large) == 0
    assert time.monotonic() - began[0] < 20


def test_a_corrupt_file_among_good_ones_is_named_and_stops_nothing(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    broken = evidence / "aa.png"
    broken.write_bytes((evidence / "a.png").read_bytes()[:2000])

    def script(window: MainWindow) -> None:
        pictures = window.desk.pictures
        qtbot.waitUntil(
            lambda: len(pictures.pictures) == 3 and window.desk.session.picture is not None, timeout=PATIENCE
        )
        window.desk.analyse(p.path for p in pictures.pictures)
        qtbot.waitUntil(
            lambda: sorted(p.state for p in pictures.pictures) == ["done", "done", "failed"], timeout=PATIENCE
        )
        row = pictures.find(broken)
        assert row is not None
        assert row.state == "failed"
        assert row.error
        assert "aa.png" in window.notice.text

    run_app(script, evidence)


def test_a_failed_open_keeps_the_current_picture_and_its_result(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    text = tmp_path / "elsewhere" / "letter.jpg"
    text.parent.mkdir()
    text.write_text("no picture")

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        analysis = window.desk.session.analysis
        window.open_paths([text])
        qtbot.waitUntil(lambda: "letter.jpg" in window.notice.text, timeout=PATIENCE)
        assert window.desk.session.path == evidence / "a.png"
        assert window.desk.session.analysis is analysis
        assert window.stage.currentWidget() is window.viewer

    run_app(script, "--analyse", evidence / "a.png")


def test_a_path_that_does_not_exist_is_said_and_the_window_stays_useful(
    run_app: RunApp, tmp_path: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: "does not exist" in window.notice.text, timeout=PATIENCE)
        assert window.stage.currentWidget() is window.welcome

    assert run_app(script, tmp_path / "nowhere.jpg") == 0


def test_without_a_model_pictures_are_shown_and_analyse_says_calmly_what_is_missing(
    run_app: RunApp, evidence: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate, "model_homes", list)

    def script(window: MainWindow) -> None:
        assert "No model is installed" in window.welcome.model_line.text()
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        window.commands["analyse"].trigger()
        assert "No model is installed" in window.notice.text
        assert window.status.model.text() == "No model"

    run_app(script, evidence / "a.png")
