"""Any two models on a folder of pairs, with the real child process; neither is changed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from irlgui.dialogs.compare_models import CompareModels
from irlgui.dialogs.models_page import ModelsPage
from irlnet_core.model.model_library import ModelLibrary
from irlnet_core.training.promote import keep_model
from tests.gui.wizard.conftest import MakeRun, pairs

__all__ = ["pairs"]


@pytest.fixture
def dialog(qtbot: QtBot, make_run: MakeRun, own_folders: Path) -> Iterator[CompareModels]:
    keep_model(make_run("better", "a"), own_folders, "good")
    dialog = CompareModels(ModelLibrary().entries(), "good")
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.done(QDialog.DialogCode.Rejected)
    assert not Path(dialog._home.name).exists()


def test_two_models_are_measured_on_a_folder_and_stay_as_they_are(
    dialog: CompareModels, pairs: Path, qtbot: QtBot
) -> None:
    folders = [entry.folder for entry in ModelLibrary().entries()]
    before = {path: path.read_bytes() for folder in folders for path in folder.rglob("*.*")}
    assert (dialog.base.currentText(), dialog.new.currentText()) == ("fast", "good")
    dialog.data.set_folder(pairs)
    dialog.start.click()
    assert dialog.stop.isVisible()
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=90_000)

    assert dialog.attention.text == ""
    assert dialog.view.isVisible()
    assert "good" in dialog.view.verdict.text()
    assert "fast" in dialog.view.verdict.text()
    assert dialog.view.table.rowCount() == 10
    assert {path: path.read_bytes() for folder in folders for path in folder.rglob("*.*")} == before


def test_a_model_is_not_compared_with_itself_nor_without_pairs(dialog: CompareModels, pairs: Path) -> None:
    assert not dialog.start.isEnabled()
    dialog.data.set_folder(pairs)
    assert dialog.start.isEnabled()
    dialog.new.setCurrentText("fast")
    assert not dialog.start.isEnabled()


def test_a_folder_without_pairs_is_told(dialog: CompareModels, tmp_path: Path, qtbot: QtBot) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    dialog.data.set_folder(empty)
    dialog.start.click()
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=90_000)

    assert "holds no usable pair" in dialog.attention.text


def test_a_child_that_dies_is_told_and_one_that_is_cancelled_is_not(
    dialog: CompareModels, pairs: Path, qtbot: QtBot
) -> None:
    dialog.data.set_folder(pairs)
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.process.pid > 0)
    os.kill(dialog.process.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not dialog.process.running)
    assert "ended unexpectedly" in dialog.attention.text

    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.process.pid > 0)
    dialog.stop.click()
    qtbot.waitUntil(lambda: not dialog.process.running)
    assert dialog.attention.text == ""


def test_the_page_of_models_offers_it_when_there_are_two(
    qtbot: QtBot, make_run: MakeRun, own_folders: Path
) -> None:
    page = ModelsPage()
    qtbot.addWidget(page)
    assert not page.buttons["compare"].isEnabled()
    keep_model(make_run("better", "a"), own_folders, "good")
    page.refresh("good")
    page.buttons["compare"].click()

    dialog = page.findChild(CompareModels)
    assert dialog is not None
    dialog.reject()
