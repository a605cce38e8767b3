"""The page of models and the window's own choice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog

from irlgui.dialogs.models_page import ModelsPage
from irlgui.main_window import MainWindow
from irlgui.settings import Settings
from irlnet_core.model import locate, model_library


@pytest.fixture
def own(two_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's own models: "tiny2" and "tiny3"; "tiny" is shipped, and the default."""
    for home, name, source in (
        ("shipped", "tiny", "tiny"),
        ("own", "tiny2", "tiny2"),
        ("own", "tiny3", "tiny2"),
    ):
        shutil.copytree(two_models / source, tmp_path / home / name)
    for module in (locate, model_library):
        monkeypatch.setattr(module, "model_homes", lambda: [tmp_path / "shipped", tmp_path / "own"])
    return tmp_path / "own"


@pytest.fixture
def page(window: MainWindow, own: Path) -> ModelsPage:
    window.desk.choose_model("tiny2")
    window.commands["models"].trigger()
    (page,) = window.findChildren(ModelsPage)
    return page


def test_the_windows_model_keeps_its_place_under_another_name(
    window: MainWindow, page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.refresh("tiny2")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("mine", True))
    page.rename()
    page.reject()
    assert window.status.model.text() == "Model: mine"
    assert window.desk.card()
    again = MainWindow(Settings(tmp_path / "settings.ini"))
    assert again.status.model.text() == "Model: mine"
    assert again.shutdown()
    again.deleteLater()


def test_deleting_another_model_changes_nothing_and_deleting_the_windows_leaves_the_default(
    window: MainWindow, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "confirm_delete", lambda _entry: True)
    page.refresh("tiny3")
    page.delete()
    assert window.status.model.text() == "Model: tiny2"
    page.refresh("tiny2")
    page.delete()
    assert window.status.model.text() == "Model: tiny"
    page.reject()


def test_a_model_that_is_gone_is_named_where_others_are_at_hand(
    window: MainWindow, own: Path, page: ModelsPage
) -> None:
    page.reject()
    shutil.rmtree(own / "tiny2")
    window.desk.analyse([Path("a.png")])
    assert "tiny2" in window.notice.text
    assert "No model is installed" not in window.notice.text
