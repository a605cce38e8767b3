"""The main window with folders of its own and two tiny models, closed when the test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.jobs import picture_loader
from irlgui.main_window import MainWindow
from irlgui.settings import Settings
from irlnet_core.config import ModelConfig
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.model import locate
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build

PictureAt = Callable[..., Path]
OpenPictures = Callable[..., None]


@pytest.fixture(scope="session")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the untrained nets "tiny" and "tiny2", whose weights differ."""
    folder = tmp_path_factory.mktemp("models")
    for seed, name in enumerate(("tiny", "tiny2")):
        torch.manual_seed(1 + seed)
        config = ModelConfig(width=0.0625)
        card = ModelCard(name, config, tile=64, overlap=16, threshold=0.49, threshold_source="a test")
        save_model(folder / name, build(config), card)
    return folder


@pytest.fixture
def window(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, two_models: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The window on the model "tiny", with the automatic case open."""
    for name in ("DATA", "CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    monkeypatch.setattr(locate, "model_homes", lambda: [two_models])
    window = MainWindow(Settings(tmp_path / "settings.ini"), model="tiny")
    window.show()
    qtbot.waitUntil(lambda: window.desk.case.ready)
    yield window
    window.hide()
    assert window.shutdown()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def picture_at(tmp_path: Path) -> PictureAt:
    """Write a picture into the evidence folder; another ``seed`` is another picture."""

    def write(name: str, side: int = 96, *, seed: int = 0) -> Path:
        path = tmp_path / "evidence" / name
        path.parent.mkdir(exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return write


@pytest.fixture
def open_pictures(window: MainWindow, qtbot: QtBot) -> OpenPictures:
    """Put pictures into the list and wait until the first of them is shown and known to the case."""

    def open_them(*paths: Path) -> None:
        window.open_paths(paths)
        qtbot.waitUntil(lambda: window.desk.session.path == paths[0])
        qtbot.waitUntil(lambda: not window.browser.scan.busy)
        qtbot.waitUntil(lambda: window.desk.case.state.waiting == 0)

    return open_them


class SlowReading:
    """Reads every picture but a.png only when it may."""

    def __init__(self) -> None:
        self.begun, self.allowed, self.ended = Event(), Event(), Event()

    def read(self, path: Path, **options: int) -> SuspectImage:
        if path.name == "a.png":
            return read_image(path, **options)
        self.begun.set()
        self.allowed.wait(20)
        try:
            return read_image(path, **options)
        finally:
            self.ended.set()

    def end(self) -> None:
        """Let what is read come to its end."""
        self.allowed.set()
        assert self.ended.wait(20)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowReading:
    slow = SlowReading()
    monkeypatch.setattr(picture_loader, "read_image", slow.read)
    return slow
