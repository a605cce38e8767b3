"""From a picture on the disk to its exported result, through the program's own window."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlnet_core.evidence.result_store import ResultStore
from tests.e2e.play import PATIENCE, RunApp


def show_picture(window: MainWindow, qtbot: QtBot, name: str) -> None:
    qtbot.waitUntil(
        lambda: window.desk.session.path is not None and window.desk.session.path.name == name,
        timeout=PATIENCE,
    )


def analyse(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["analyse"].trigger()
    qtbot.waitUntil(
        lambda: window.desk.session.analysis is not None and not window.desk.watch.state, timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: not window.desk.finder.busy, timeout=PATIENCE)


def test_open_analyse_move_the_threshold_and_export(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "results"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(output))

    def script(window: MainWindow) -> None:
        session = window.desk.session
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)
        assert session.threshold == 0.49
        before = session.regions
        window.commands["threshold_up"].trigger()
        qtbot.waitUntil(lambda: session.regions is not before, timeout=PATIENCE)
        assert session.regions is not None
        assert session.regions.threshold == 0.5
        window.commands["export"].trigger()
        qtbot.waitUntil(lambda: "a.overlay.png" in window.notice.text, timeout=PATIENCE)

    assert run_app(script, evidence) == 0

    record = json.loads((output / "a.json").read_text("utf-8"))
    assert record["threshold"] == {"value": 0.5, "source": "analyst"}
    probability = np.asarray(Image.open(output / "a.probability.png"))
    mask = np.asarray(Image.open(output / "a.mask.png"))
    assert np.array_equal(mask, probability >= 32768)
    assert [path.name for path in evidence.iterdir()] == ["a.png", "b.png"] or len(
        list(evidence.iterdir())
    ) == 2


def test_an_output_folder_that_holds_evidence_is_refused_in_words(
    run_app: RunApp, evidence: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(evidence))

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)
        window.commands["export"].trigger()
        qtbot.waitUntil(lambda: "holds evidence" in window.notice.text, timeout=PATIENCE)

    run_app(script, evidence)
    assert len(list(evidence.iterdir())) == 2


def test_a_kept_result_is_there_at_once_when_a_picture_is_opened_again(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    def first(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)

    def second(window: MainWindow) -> None:
        ran: list[object] = []
        window.desk.queue.progress.connect(lambda *_: ran.append(1))
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        assert ran == []
        row = window.desk.pictures.find(evidence / "a.png")
        assert row is not None
        assert row.state == "done"

    run_app(first, evidence / "a.png")
    run_app(second, evidence / "a.png")


def test_the_option_analyse_analyses_the_first_picture(run_app: RunApp, evidence: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)

    assert run_app(script, "--analyse", evidence / "b.png") == 0


def test_an_opened_picture_has_the_keyboard_and_waits_at_the_models_threshold(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        session = window.desk.session
        assert (session.threshold, session.threshold_source) == (0.49, "model card: a test")
        qtbot.waitUntil(lambda: window.viewer.isAncestorOf(window.focusWidget()))
        assert window.result.regions.export_button.isEnabled()

    run_app(script, evidence)
    run_app(
        lambda window: window.result.regions.export_button.isEnabled() and pytest.fail("nothing to write")
    )


def test_next_and_previous_walk_through_the_list(run_app: RunApp, evidence: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        window.commands["next"].trigger()
        show_picture(window, qtbot, "b.png")
        window.commands["previous"].trigger()
        show_picture(window, qtbot, "a.png")

    run_app(script, evidence)


def test_the_table_of_all_pictures_is_written(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "table.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        window.commands["analyse_all"].trigger()
        pictures = window.desk.pictures.pictures
        qtbot.waitUntil(lambda: [p.state for p in pictures] == ["done", "done"], timeout=PATIENCE)
        window.commands["export_table"].trigger()
        qtbot.waitUntil(table.exists, timeout=PATIENCE)

    run_app(script, evidence)
    assert table.read_text("utf-8-sig").count("done") == 2


def test_a_picture_opened_before_the_disk_has_kept_its_result_shows_it(
    run_app: RunApp, evidence: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ResultStore, "save", lambda *_: None)

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        other = evidence / "b.png"
        window.desk.analyse([other])
        row = window.desk.pictures.find(other)
        assert row is not None
        qtbot.waitUntil(lambda: row.state == "done", timeout=PATIENCE)
        window.desk.show(other)
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        assert window.desk.session.path == other

    run_app(script, evidence)
