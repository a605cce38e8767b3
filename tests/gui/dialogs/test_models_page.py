"""The page of models: what may be done with which, and that a worse one is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from irlgui.dialogs.models_page import ModelsPage
from irlnet_core.model.model_library import ModelLibrary
from irlnet_core.training.promote import keep_model
from tests.gui.wizard.conftest import MakeRun


@pytest.fixture
def page(qtbot: QtBot, make_run: MakeRun, own_folders: Path) -> ModelsPage:
    """The shipped model, a better and a worse one of the user's own."""
    keep_model(make_run("better", "a"), own_folders, "good")
    keep_model(make_run("worse", "b"), own_folders, "bad", accept_worse=True)
    page = ModelsPage()
    QAbstractItemModelTester(page.table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    qtbot.addWidget(page)
    page.show()
    return page


def names(page: ModelsPage) -> list[str]:
    return [entry.name for entry in page.table.entries]


def enabled(page: ModelsPage) -> set[str]:
    return {name for name, button in page.buttons.items() if button.isEnabled()}


def test_shipped_models_stay_as_they_are_and_the_default_is_chosen_at_first(page: ModelsPage) -> None:
    assert names(page) == ["bad", "fast", "good"]
    chosen = page.chosen()
    assert chosen is not None
    assert chosen.default
    page.refresh("fast")
    assert enabled(page) & {"rename", "delete"} == set()
    page.refresh("good")
    assert enabled(page) >= {"rename", "delete", "export", "verify", "import_file"}


def test_another_default_is_told(page: ModelsPage, qtbot: QtBot) -> None:
    page.refresh("fast")
    page.buttons["set_default"].click()
    page.refresh("good")
    with qtbot.waitSignal(page.default_changed):
        page.buttons["set_default"].click()

    assert [entry.name for entry in page.table.entries if entry.default] == ["good"]


@pytest.mark.parametrize("agreed", [False, True])
def test_a_worse_model_becomes_the_default_only_after_a_question(
    page: ModelsPage, monkeypatch: pytest.MonkeyPatch, agreed: bool
) -> None:
    page.refresh("fast")
    page.set_default()
    monkeypatch.setattr(page, "confirm_worse", lambda _: agreed)
    page.refresh("bad")
    page.buttons["set_default"].click()

    assert [entry.name for entry in page.table.entries if entry.default] == ["bad" if agreed else "fast"]


def test_rename_and_delete(page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    page.refresh("good")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("better-name", True))
    page.buttons["rename"].click()
    assert names(page) == ["bad", "better-name", "fast"]
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("fast", True))
    page.buttons["rename"].click()
    assert "already" in page.notice.text

    monkeypatch.setattr(page, "confirm_delete", lambda _: False)
    page.buttons["delete"].click()
    assert len(names(page)) == 3
    monkeypatch.setattr(page, "confirm_delete", lambda _: True)
    page.buttons["delete"].click()
    assert names(page) == ["bad", "fast"]


def test_a_model_travels_as_one_file_and_anything_else_is_refused(
    page: ModelsPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.refresh("good")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "travel"), ""))
    page.buttons["export"].click()
    qtbot.waitUntil(lambda: "Written" in page.notice.text)
    assert (tmp_path / "travel.irlmodel").is_file()
    monkeypatch.setattr(page, "confirm_delete", lambda _: True)
    page.buttons["delete"].click()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "travel.irlmodel"), ""))
    page.buttons["import_file"].click()
    qtbot.waitUntil(lambda: "Imported" in page.notice.text)
    assert names(page) == ["bad", "fast", "good"]

    (tmp_path / "evil.irlmodel").write_bytes(b"\x80\x04not a model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "evil.irlmodel"), ""))
    page.buttons["import_file"].click()
    qtbot.waitUntil(lambda: "Working" not in page.notice.text)
    assert "Imported" not in page.notice.text
    assert names(page) == ["bad", "fast", "good"]


def test_altered_weights_are_found(page: ModelsPage, qtbot: QtBot) -> None:
    page.refresh("good")
    page.buttons["verify"].click()
    qtbot.waitUntil(lambda: "has the hash" in page.notice.text)
    weights = ModelLibrary().find("good").folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00\x01")
    page.buttons["verify"].click()
    qtbot.waitUntil(lambda: "cut or altered" in page.notice.text)


def test_curves_and_comparison_stay_with_the_model(page: ModelsPage) -> None:
    page.refresh("good")
    page.detail.setCurrentIndex(1)
    assert page.detail.curves.isVisible()
    page.detail.setCurrentIndex(2)
    assert page.detail.comparison.verdict.text() == "The new model is better on your material."
    page.refresh("fast")
    assert page.detail.no_comparison.isVisible()
