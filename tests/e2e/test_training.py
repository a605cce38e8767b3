"""Teaching a case through the real wizard, with the real child process and a tiny model."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from irlgui.jobs.evidence import Evidence
from irlgui.main_window import MainWindow
from irlgui.wizard.plan import runs_folder
from irlgui.wizard.training_wizard import Page, TrainingWizard
from irlnet_core.model import locate, model_library
from irlnet_core.model.card import read_card
from irlnet_core.training.finetune_policy import FinetunePolicy
from tests.e2e.play import RunApp, Script

Play = Callable[[Script], None]
PATIENCE = 90_000  # milliseconds; every child loads torch anew
FULL_AT = 65_536  # bytes that a file may have where the disk is "full": less than the weights
POLICY = FinetunePolicy(
    minutes=30,
    steps=5000,
    batch=2,
    validate_every=2,
    validation_count=4,
    patience=0,
    rehearsal=0.25,
    workers=0,
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Twelve pictures with a smooth hole and their masks, in a folder that can't be written to."""
    folder = tmp_path / "case"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for seed in range(12):
        chance = np.random.default_rng(seed)
        pixels = chance.integers(0, 256, (128, 160, 3), dtype=np.uint8)
        mask = np.zeros((128, 160), np.uint8)
        top, left = chance.integers(10, 60, 2)
        mask[top : top + 40, left : left + 50] = 255
        pixels[mask > 0] = chance.integers(0, 256, 3)
        Image.fromarray(pixels).save(folder / "images" / f"{seed:02}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{seed:02}.png")
    (folder / "images" / "lonely.png").write_bytes((folder / "images" / "00.png").read_bytes())
    for place in (folder / "images", folder / "masks", folder):
        place.chmod(0o555)
    return folder


@pytest.fixture(autouse=True)
def own_models(home: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the shipped models be the tiny one, and the user's own lie in a folder of the test."""
    own = home / "data" / "irlnet" / "models"
    for module in (locate, model_library):
        monkeypatch.setattr(module, "model_homes", lambda: [tiny_model.parent, own])
    return own


@pytest.fixture
def play(run_app: RunApp) -> Play:
    """Run a script in the program's window; where it fails no training is left to ask about."""

    def run(script: Script) -> None:
        def guarded(window: MainWindow) -> None:
            try:
                script(window)
            except BaseException:
                if window.training.wizard is not None:
                    window.training.wizard.process.kill()
                    window.training.wizard.process.shutdown(5000)
                raise

        run_app(guarded)

    return run


def open_wizard(window: MainWindow) -> TrainingWizard:
    window.commands["teach"].trigger()
    wizard = window.training.wizard
    assert wizard is not None
    wizard.plan.policy = POLICY
    wizard.plan.device = "cpu"
    return wizard


def go_to_settings(wizard: TrainingWizard, qtbot: QtBot, case: Path) -> None:
    wizard.data.folder.set_folder(case)
    qtbot.waitUntil(wizard.data.isComplete, timeout=PATIENCE)
    wizard.next()
    qtbot.waitUntil(wizard.check.isComplete, timeout=PATIENCE)
    wizard.next()
    assert wizard.currentId() == Page.SETTINGS


def train(wizard: TrainingWizard, qtbot: QtBot, case: Path, validations: int = 2) -> Path:
    go_to_settings(wizard, qtbot, case)
    wizard.next()
    assert wizard.currentId() == Page.RUN
    learn(wizard, qtbot, validations)
    assert wizard.plan.run is not None
    return wizard.plan.run


def learn(wizard: TrainingWizard, qtbot: QtBot, validations: int) -> None:
    known = len(wizard.run.state.validations)
    qtbot.waitUntil(
        lambda: len(wizard.run.state.validations) >= known + validations or not wizard.busy, timeout=PATIENCE
    )
    assert wizard.busy, (wizard.run.ending, wizard.run.log.toPlainText())


def wait_for_end(wizard: TrainingWizard, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: not wizard.busy, timeout=PATIENCE)
    assert wizard.run.ending is not None
    return wizard.run.ending.outcome


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def answer_box(name: str, words: str) -> None:
    """Press a button of the message box that is about to come up."""

    def press() -> None:
        box = next((w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)), None)
        if box is None or not box.isVisible():
            QTimer.singleShot(50, press)
            return
        assert box.objectName() == name
        next(button for button in box.buttons() if words in button.text()).click()

    QTimer.singleShot(50, press)


def test_from_a_folder_of_pairs_to_a_model_that_is_kept(
    play: Play, case: Path, own_models: Path, qtbot: QtBot
) -> None:
    before = files_below(case)

    def script(window: MainWindow) -> None:
        wizard = open_wizard(window)
        go_to_settings(wizard, qtbot, case)
        problems = [row.path.name for row in wizard.check.table.rows if row.bad]
        assert problems == ["lonely.png"]
        qtbot.waitUntil(lambda: wizard.choices.timed is not None, timeout=PATIENCE)
        assert "One step of 2 crops takes" in wizard.choices.estimate.text()
        wizard.next()
        learn(wizard, qtbot, 2)
        assert wizard.run.previews.shown()
        wizard.run.stop_button.click()
        assert wait_for_end(wizard, qtbot) == "stopped"
        wizard.next()
        qtbot.waitUntil(lambda: not wizard.comparison.process.running, timeout=PATIENCE)
        assert wizard.comparison.isComplete(), wizard.comparison.attention.text
        wizard.next()
        wizard.keeping.name.setText("my-case")
        wizard.keeping.notes.setPlainText("taught by a test")
        wizard.keeping.default.setChecked(False)
        wizard.keeping.accept_worse.setChecked(True)
        wizard.accept()
        assert wizard.keeping.failed.text == ""
        assert window.training.wizard is None

    play(script)
    card = read_card(own_models / "my-case")
    assert card.training["base"]["name"] == "tiny"
    assert "taught by a test" in card.notes
    assert (own_models / "my-case" / "curve.jsonl").is_file()
    assert files_below(case) == before
    assert files_below(runs_folder()) == []


def test_cancel_leaves_nothing(play: Play, case: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        wizard = open_wizard(window)
        train(wizard, qtbot, case, validations=1)
        wizard.run.cancel_button.click()
        if wizard.run.state.seconds >= 20:
            answer_box("cancel", "Cancel and discard")
        assert wait_for_end(wizard, qtbot) == "cancelled"
        assert wizard.currentId() == Page.SETTINGS
        wizard.choices.leave()
        wizard.reject()

    play(script)
    assert files_below(runs_folder()) == []
    assert list(runs_folder().iterdir()) == []


def test_a_full_disk_is_told_and_nothing_half_written_stays(
    play: Play, case: Path, tiny_model: Path, qtbot: QtBot
) -> None:
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    before = {path.name: path.read_bytes() for path in tiny_model.iterdir()}

    def script(window: MainWindow) -> None:
        wizard = open_wizard(window)
        go_to_settings(wizard, qtbot, case)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT, limits[1]))  # the child has it from this process
        try:
            wizard.next()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert wait_for_end(wizard, qtbot) == "failed"
        assert "cannot be written" in wizard.run.phase.text()
        assert not wizard.run.isComplete()
        assert not wizard.run.resume_button.isVisible()
        wizard.run.cancel_button.click()
        wizard.choices.leave()
        wizard.reject()

    play(script)
    assert files_below(runs_folder()) == []
    assert {path.name: path.read_bytes() for path in tiny_model.iterdir()} == before


def test_a_child_that_is_killed_can_be_resumed_and_stopped(play: Play, case: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        wizard = open_wizard(window)
        run = train(wizard, qtbot, case)
        os.kill(wizard.process.pid, signal.SIGKILL)
        assert wait_for_end(wizard, qtbot) == "lost"
        assert wizard.run.resume_button.isVisible()
        known = wizard.run.state.validations[0]
        wizard.run.resume_button.click()
        learn(wizard, qtbot, 1)
        assert wizard.run.state.validations[0].step == known.step == 0
        steps = [found.step for found in wizard.run.state.validations]
        assert steps == sorted(set(steps))
        wizard.run.stop_button.click()
        assert wait_for_end(wizard, qtbot) == "stopped"
        assert wizard.plan.run == run
        assert wizard.run.isComplete()

    play(script)


def test_closing_the_program_asks_pauses_and_the_next_window_goes_on(
    play: Play, case: Path, qtbot: QtBot
) -> None:
    runs: list[Path] = []

    def first(window: MainWindow) -> None:
        wizard = open_wizard(window)
        runs.append(train(wizard, qtbot, case))
        answer_box("closing", "Do not quit")
        assert not window.close()
        assert wizard.busy
        answer_box("closing", "Pause and quit")
        assert window.close()

    def second(window: MainWindow) -> None:
        assert window.status.training.text() == "A training waits"
        wizard = open_wizard(window)
        assert "was not finished" in wizard.data.waiting.text
        wizard.data.resume.click()
        assert wizard.currentId() == Page.RUN
        assert wizard.plan.run == runs[0]
        learn(wizard, qtbot, 1)
        wizard.run.cancel()
        assert wait_for_end(wizard, qtbot) == "cancelled"
        wizard.choices.leave()

    play(first)
    play(second)
    assert files_below(runs_folder()) == []


def test_a_second_window_may_not_train_at_the_same_time(play: Play, case: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        other = TrainingWizard(replace(open_wizard(window).plan), Evidence)
        try:
            assert other.lock.take() == ""
            wizard = window.training.wizard
            assert wizard is not None
            go_to_settings(wizard, qtbot, case)
            wizard.next()
            assert wizard.currentId() == Page.SETTINGS
            assert "Another window is training" in wizard.choices.attention.text
            assert not wizard.busy
            other.lock.release()
            wizard.choices.leave()
            wizard.reject()
        finally:
            assert other.shutdown(5)
            other.deleteLater()

    play(script)
