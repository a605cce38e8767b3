"""A picture is opened off the GUI thread: first a small look, then all of it; late answers never show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from irlgui.jobs.picture_loader import PictureLoader
from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.preview import Preview
from tests.gui.jobs.conftest import PictureAt


class Shown(QObject):
    def __init__(self, loader: PictureLoader) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []
        self.threads: set[bool] = set()
        self.error: Exception | None = None
        loader.preview_ready.connect(self.preview)
        loader.loaded.connect(self.picture)
        loader.failed.connect(self.failure)

    @Slot(object)
    def preview(self, preview: Preview) -> None:
        self.told.append(("preview", preview.path.name))
        self.threads.add(QThread.currentThread() is self.thread())

    @Slot(object)
    def picture(self, picture: SuspectImage) -> None:
        self.told.append(("picture", picture.path.name))
        self.threads.add(QThread.currentThread() is self.thread())

    @Slot(object, object)
    def failure(self, path: Path, error: Exception) -> None:
        self.told.append(("failed", path.name))
        self.error = error


@pytest.fixture
def loader(qapp: object) -> Iterator[PictureLoader]:
    loader = PictureLoader()
    yield loader
    assert loader.shutdown()
    loader.deleteLater()


@pytest.fixture
def shown(loader: PictureLoader) -> Shown:
    return Shown(loader)


def test_a_small_look_comes_before_the_whole_picture_with_its_hashes(
    qtbot: QtBot, loader: PictureLoader, shown: Shown, picture_at: PictureAt
) -> None:
    path = picture_at("a.jpg", size=(4200, 400))
    with qtbot.waitSignal(loader.loaded) as loaded:
        loader.load(path)
        assert loader.loading == path
    assert shown.told == [("preview", "a.jpg"), ("picture", "a.jpg")]
    assert shown.threads == {True}
    assert loaded.args[0].sha256 == read_image(path).sha256
    assert loader.loading is None


def test_a_png_comes_at_once_in_full(
    qtbot: QtBot, loader: PictureLoader, shown: Shown, picture_at: PictureAt
) -> None:
    with qtbot.waitSignal(loader.loaded):
        loader.load(picture_at("a.png"))
    assert shown.told == [("picture", "a.png")]


def test_a_broken_or_missing_file_is_told_with_its_reason(
    qtbot: QtBot, loader: PictureLoader, shown: Shown, picture_at: PictureAt, tmp_path: Path
) -> None:
    broken = picture_at("a.png")
    broken.write_bytes(b"not a picture")
    for path in (broken, tmp_path / "gone.png"):
        with qtbot.waitSignal(loader.failed):
            loader.load(path)
        assert isinstance(shown.error, ImageReadError)
        assert shown.error.cure


def test_an_unexpected_error_is_told_in_the_same_way(
    qtbot: QtBot,
    loader: PictureLoader,
    shown: Shown,
    picture_at: PictureAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("irlgui.jobs.picture_loader.read_image", lambda *_, **__: 1 // 0)
    with qtbot.waitSignal(loader.failed):
        loader.load(picture_at("a.png"))
    assert isinstance(shown.error, ImageReadError)
    assert "ZeroDivisionError" in str(shown.error)


def test_the_newest_request_wins_and_the_late_answer_is_dropped(
    qtbot: QtBot,
    loader: PictureLoader,
    shown: Shown,
    picture_at: PictureAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(path: Path, **options: Any) -> Any:
        if path.name == "slow.png":
            begun.set()
            go.wait(20)
        return read_image(path, **options)

    monkeypatch.setattr("irlgui.jobs.picture_loader.read_image", slow)
    loader.load(picture_at("slow.png"))
    assert begun.wait(20)
    loader.load(picture_at("skipped.png", seed=1))
    with qtbot.waitSignal(loader.loaded):
        loader.load(picture_at("wanted.png", seed=2))
        go.set()
    assert shown.told == [("picture", "wanted.png")]


def test_a_cancelled_request_gets_no_answer(
    qtbot: QtBot,
    loader: PictureLoader,
    shown: Shown,
    picture_at: PictureAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(path: Path, **options: Any) -> Any:
        begun.set()
        go.wait(20)
        return read_image(path, **options)

    monkeypatch.setattr("irlgui.jobs.picture_loader.read_image", slow)
    loader.load(picture_at("a.png"))
    assert begun.wait(20)
    loader.cancel()
    go.set()
    assert loader.shutdown()
    assert (shown.told, loader.loading) == ([], None)
