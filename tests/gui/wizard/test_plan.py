"""Runs that wait, and the lock that lets one window train at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from irlgui.wizard.plan import discard, frozen_file, new_run, runs_folder, waiting_runs
from irlgui.wizard.training_lock import LOCK_NAME, TrainingLock
from tests.gui.wizard.conftest import MakeRun


def test_two_runs_of_one_second_get_two_folders(make_run: MakeRun) -> None:
    first = new_run()
    make_run(name=first.name)

    assert new_run() != first
    assert not new_run().exists()


def test_runs_wait_newest_first_until_they_are_discarded(make_run: MakeRun) -> None:
    old, new = make_run(name="20250101-000000"), make_run(name="20260101-000000")
    frozen_file(new).write_text("{}")
    assert waiting_runs() == [new, old]

    discard(new)
    assert waiting_runs() == [old]
    assert not frozen_file(new).exists()


def test_a_folder_that_is_no_run_is_never_deleted(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "card.json").write_text("mine")

    discard(tmp_path / "precious")

    assert (tmp_path / "precious" / "card.json").read_text() == "mine"


def test_one_window_at_a_time_may_train() -> None:
    first, second = TrainingLock(), TrainingLock()
    assert first.take() == ""
    assert first.held
    assert "Another window" in second.take()
    assert not second.is_free()
    first.release()
    assert second.is_free()
    assert second.take() == ""
    second.release()


def test_the_lock_of_a_window_that_was_killed_counts_as_free() -> None:
    runs_folder().mkdir(parents=True)
    code = (
        "import os, sys\nfrom PySide6.QtCore import QLockFile\n"
        "lock = QLockFile(sys.argv[1]); lock.setStaleLockTime(0)\n"
        "assert lock.tryLock(0); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(runs_folder() / LOCK_NAME)], check=False)
    assert (runs_folder() / LOCK_NAME).exists()

    lock = TrainingLock()
    assert lock.take() == ""
    lock.release()


def test_a_place_where_nothing_can_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))

    assert "can't be made" in TrainingLock().take()
