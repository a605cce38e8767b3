"""The order of the pages, and what happens where nothing can be written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from irlgui.jobs.evidence import Evidence
from irlgui.jobs.training_process import Ending
from irlgui.jobs.training_process_arguments import train_arguments
from irlgui.wizard import run_page
from irlgui.wizard.compare_page import photographs_of
from irlgui.wizard.plan import Plan, frozen_file, runs_folder
from irlgui.wizard.training_lock import TrainingLock
from irlgui.wizard.training_wizard import Page, TrainingWizard
from irlnet_core.files import sha256_of_file
from irlnet_core.training.finetune_run_folder import RunFolder
from tests.gui.wizard.conftest import MakeRun, save


@pytest.fixture
def wizard(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainingWizard]:
    wizard = TrainingWizard(Plan(tmp_path / "shipped" / "fast"), Evidence)
    monkeypatch.setattr(wizard.choices, "time_step", lambda: None)
    wizard.choices._settle.timeout.disconnect()
    qtbot.addWidget(wizard)
    wizard.show()
    yield wizard
    assert wizard.shutdown(5)


def go_to_settings(wizard: TrainingWizard, qtbot: QtBot, pairs: Path) -> None:
    wizard.data.folder.set_folder(pairs)
    qtbot.waitUntil(wizard.data.isComplete)
    wizard.next()
    qtbot.waitUntil(wizard.check.isComplete)
    wizard.next()


def test_a_folder_without_pairs_leads_nowhere_and_says_why(
    wizard: TrainingWizard, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    wizard.data.folder.set_folder(tmp_path / "empty")
    qtbot.waitUntil(lambda: "has a mask" in wizard.data.summary.text())
    assert not wizard.data.isComplete()
    wizard.data.folder.set_folder(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: "nowhere" in wizard.data.summary.text())
    assert not wizard.data.isComplete()


def test_clean_pictures_need_no_check(wizard: TrainingWizard, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    for seed in range(5):
        pixels = np.random.default_rng(seed).integers(0, 256, (80, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "clean" / f"{seed}.png")
    wizard.data.clean.setChecked(True)
    wizard.data.folder.set_folder(tmp_path / "clean")
    qtbot.waitUntil(wizard.data.isComplete)
    wizard.next()

    assert wizard.currentId() == Page.SETTINGS
    order = wizard.plan.order(Path("/r"))
    assert (order.data, order.frozen, order.photos) == (None, None, tmp_path / "clean")


def test_photographs_that_are_evidence_are_named_to_the_child(
    wizard: TrainingWizard, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clean").mkdir()
    for seed in range(5):
        pixels = np.random.default_rng(seed).integers(0, 256, (80, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "clean" / f"{seed}.png")
    unread = Path(shutil.copy(tmp_path / "clean" / "3.png", tmp_path / "open in the window.png"))
    evidence = Evidence(frozenset({"a" * 64}), (unread,))
    monkeypatch.setattr(wizard, "_evidence", lambda: evidence)
    wizard.data.clean.setChecked(True)
    assert wizard.data.refuse_open.isVisible()
    wizard.data.folder.set_folder(tmp_path / "clean")
    qtbot.waitUntil(wizard.data.isComplete)
    wizard.next()

    assert wizard.plan.run is not None
    words = train_arguments(wizard.plan.order(wizard.plan.run))
    told = Path(words[words.index("--evidence") + 1]).read_text().split()
    assert told == sorted(["a" * 64, sha256_of_file(unread)])
    wizard.reject()
    assert list(runs_folder().iterdir()) == []


def test_the_manifest_is_written_beside_the_runs_and_goes_when_nothing_was_begun(
    wizard: TrainingWizard, qtbot: QtBot, pairs: Path
) -> None:
    go_to_settings(wizard, qtbot, pairs)
    assert wizard.currentId() == Page.SETTINGS
    assert [path.suffixes for path in runs_folder().iterdir()] == [[".data", ".json"]]

    wizard.reject()

    assert list(runs_folder().iterdir()) == []


def test_where_nothing_can_be_written_the_training_does_not_begin(
    wizard: TrainingWizard, qtbot: QtBot, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    go_to_settings(wizard, qtbot, pairs)
    assert "cannot be written" in wizard.choices.attention.text

    wizard.next()

    assert wizard.currentId() == Page.SETTINGS
    assert not wizard.busy


def test_another_choice_of_data_forgets_what_was_checked(
    wizard: TrainingWizard, qtbot: QtBot, pairs: Path
) -> None:
    go_to_settings(wizard, qtbot, pairs)
    wizard.back()
    wizard.back()
    wizard.data.authentic.setChecked(True)
    assert wizard.plan.check is None
    qtbot.waitUntil(wizard.data.isComplete)
    wizard.next()
    qtbot.waitUntil(wizard.check.isComplete)

    assert "lonely.png" in {row.path.name for row in wizard.check.table.rows if row.kept}


def test_a_run_that_has_ended_is_taken_up_for_its_comparison(
    tmp_path: Path, qtbot: QtBot, make_run: MakeRun
) -> None:
    run = make_run()
    wizard = TrainingWizard(Plan(tmp_path / "shipped" / "fast"), Evidence)
    qtbot.addWidget(wizard)
    wizard.show()
    assert "has ended" in wizard.data.waiting.text
    wizard.data.resume.click()
    assert wizard.currentId() == Page.RUN
    assert wizard.run.isComplete()
    assert not wizard.lock.held
    wizard.next()
    assert wizard.comparison.isComplete()
    wizard.next()
    assert wizard.currentId() == Page.KEEP
    wizard.discard_waiting(run)
    assert not run.exists()
    assert wizard.shutdown(5)


def test_photographs_for_rehearsal_may_be_given_with_the_settings(
    wizard: TrainingWizard, qtbot: QtBot, pairs: Path, tmp_path: Path
) -> None:
    go_to_settings(wizard, qtbot, pairs)
    assert "may forget more of what it knew" in wizard.choices.rehearsal.text
    wizard.choices.photos.set_folder(tmp_path)

    assert wizard.choices.rehearsal.text == ""
    assert wizard.plan.photos == wizard.data.photos.folder == tmp_path
    assert wizard.plan.run is not None
    assert frozen_file(wizard.plan.run).is_file()


def test_the_comparison_proposes_the_photographs_that_the_run_was_given(
    make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run("better")
    assert photographs_of(run) is None
    RunFolder(run).begin({"base": "", "data": [], "photos": str(tmp_path)})

    assert photographs_of(run) == tmp_path
    assert photographs_of(tmp_path / "nowhere") is None


def test_a_training_is_resumed_only_where_no_other_window_trains(
    wizard: TrainingWizard, qtbot: QtBot, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_page, "resume_arguments", lambda _run: ["--help"])
    wizard.plan.run = make_run()
    other = TrainingLock()
    assert other.take() == ""
    wizard.run.resume()
    assert not wizard.process.pid
    assert "Another window" in wizard.run.phase.text()

    other.release()
    wizard.run.resume()
    assert wizard.busy
    assert not other.is_free()
    qtbot.waitUntil(lambda: not wizard.busy, timeout=60_000)
    assert other.is_free()


def test_a_run_on_which_another_window_works_is_not_discarded(
    wizard: TrainingWizard, make_run: MakeRun
) -> None:
    run, other = make_run(), TrainingLock()
    assert other.take() == ""
    wizard.discard_waiting(run)
    assert run.is_dir()
    assert "Another window" in wizard.data.summary.text()
    other.release()
    wizard.discard_waiting(run)
    assert not run.exists()
    assert other.is_free()


def test_a_child_that_can_not_be_started_leaves_a_wizard_that_can_be_closed(
    wizard: TrainingWizard, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = Ending("failed", "The training could not be started: no room.")
    monkeypatch.setattr(wizard.process, "start", lambda _words: wizard.process.ended.emit(ending))
    wizard.plan.run = make_run()
    wizard.run.resume()
    assert "no room" in wizard.run.phase.text()
    assert wizard.button(TrainingWizard.WizardButton.CancelButton).text() == "Close"
    assert not wizard.lock.held


def test_the_base_that_is_shown_is_the_one_that_is_taught(wizard: TrainingWizard, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "mine"
    save(elsewhere, "mine")
    wizard.plan.base = elsewhere
    wizard.choices.begin()
    assert wizard.choices.base.currentText() == "mine"
    assert wizard.choices.base.currentData().folder == elsewhere

    shutil.rmtree(elsewhere)
    wizard.choices.begin()
    assert wizard.choices.base.currentText() == "fast (default)"
    assert wizard.plan.base == tmp_path / "shipped" / "fast"


def test_a_step_that_was_timed_with_other_settings_is_not_told(wizard: TrainingWizard, qtbot: QtBot) -> None:
    timed = {"event": "StepTimed", "seconds_per_step": 1.0, "seconds_per_validation": 1.0}
    wizard.choices.begin()
    qtbot.waitUntil(lambda: not wizard.choices._settle.isActive())
    wizard.choices.timing.reported.emit(timed)
    assert wizard.choices.timed
    wizard.choices.base.activated.emit(0)
    wizard.choices.leave()
    assert wizard.choices.timed is None


def test_pairs_that_were_opened_in_the_window_since_their_check_are_not_learned(
    wizard: TrainingWizard, qtbot: QtBot, pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to_settings(wizard, qtbot, pairs)
    read, unread = (pairs / "images" / name for name in ("00.png", "01.png"))
    evidence = Evidence(frozenset({sha256_of_file(read)}), (unread,))
    monkeypatch.setattr(wizard, "_evidence", lambda: evidence)
    wizard.next()
    assert wizard.currentId() == Page.SETTINGS
    assert not wizard.lock.held
    for path in (read, unread):
        assert path.name in wizard.choices.attention.text
