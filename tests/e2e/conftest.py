"""The program as a user starts it: the real main(), in folders of its own, with a tiny model."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
import torch
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.__main__ import main
from irlgui.main_window import MainWindow
from irlnet_core.config import ModelConfig
from irlnet_core.model import locate
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from tests.e2e.play import RunApp, Script, write_picture


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained net in a real model folder, fast, with responses on both sides of its threshold."""
    torch.manual_seed(1)
    config = ModelConfig(width=0.0625)
    folder = tmp_path_factory.mktemp("home") / "models" / "tiny"
    card = ModelCard("tiny", config, tile=64, overlap=16, threshold=0.49, threshold_source="a test")
    save_model(folder, build(config), card)
    return folder


@pytest.fixture
def home(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program keep settings, results, thumbnails and log below a folder of the test."""
    for name in ("DATA", "CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    monkeypatch.setattr(locate, "model_homes", lambda: [tiny_model.parent])
    return tmp_path / "home"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A folder of two small pictures."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    for seed, name in enumerate(("a.png", "b.png")):
        write_picture(folder / name, 160, seed=seed)
    return folder


@pytest.fixture
def run_app(home: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[RunApp]:
    """Run main() with arguments and play a script in its window; the window is closed when the script ends.

    Whatever the script raises, the test raises. No thread, no window and no crash report may be left.
    """
    before = set(QApplication.topLevelWidgets())

    def run(script: Script, *arguments: str | Path) -> int:
        raised: list[BaseException] = []

        def play() -> None:
            window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
            try:
                script(window)
            except BaseException as error:  # noqa: BLE001 - handed to the test
                raised.append(error)
            finally:
                QApplication.closeAllWindows()

        QTimer.singleShot(0, play)
        code = main([str(argument) for argument in arguments])
        if raised:
            raise raised[0]
        return code

    yield run
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert set(QApplication.topLevelWidgets()) - before == set()
    threads = [o for o in gc.get_objects() if issubclass(type(o), QThread) and shiboken6.isValid(o)]
    assert [thread for thread in threads if thread.isRunning()] == []
    assert list(home.rglob("crash-*.txt")) == []
