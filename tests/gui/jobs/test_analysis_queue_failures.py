"""The analysis queue when memory runs out, a model is missing, or the window closes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from irlgui.jobs import tasks
from irlgui.jobs.analysis_queue import AnalysisQueue
from irlnet_core.errors import DeviceError
from irlnet_core.inference import torch_backend
from irlnet_core.inference.torch_backend import OutOfMemoryError
from tests.gui.jobs.conftest import PictureAt
from tests.gui.jobs.diary import LARGE, Diary, run


def test_a_halved_batch_is_told_and_the_analysis_goes_on(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch_backend.TorchBackend, "predict", cramped(room=2))
    run(qtbot, queue, [picture_at("a.png")], model=model)
    assert "a.png" in diary.analyses
    assert any("halved" in note for note in diary.notes)
    assert any("halved" in note for note in diary.analyses["a.png"].record.tiles["notes"])


def test_out_of_memory_is_shown_and_the_next_picture_runs(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(torch_backend.TorchBackend, "predict", cramped(room=0))
        run(qtbot, queue, [picture_at("a.png")], model=model)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "read_image", exhausted)
        run(qtbot, queue, [picture_at("b.png", seed=1)], model=model)
    run(qtbot, queue, [picture_at("c.png", seed=2)], model=model)
    assert isinstance(diary.errors["a.png"], DeviceError)
    assert "smaller model" in diary.facts["a.png", "failed"]["error"]
    assert "selected area" in diary.facts["b.png", "failed"]["error"]
    assert set(diary.analyses) == {"c.png"}


def cramped(room: int) -> Any:
    """Make a ``predict`` whose device holds only ``room`` tiles."""
    real = torch_backend.TorchBackend.predict

    def predict(self: Any, batch: Any, *traces: Any) -> Any:
        if len(batch) > room:
            raise OutOfMemoryError("The card is out of memory.")
        return real(self, batch, *traces)

    return predict


def exhausted(*_: Any, **__: Any) -> Any:
    raise MemoryError


def test_an_unexpected_error_is_one_picture_s_failure(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_record", lambda *_: 1 // 0)
        run(qtbot, queue, [picture_at("a.png")], model=model)
    run(qtbot, queue, [picture_at("b.png", seed=1)], model=model)
    assert diary.facts["a.png", "failed"]["error"].startswith("ZeroDivisionError")
    assert "ZeroDivisionError" in caplog.text
    assert set(diary.analyses) == {"b.png"}


def test_a_missing_model_is_named_for_every_picture(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, tmp_path: Path
) -> None:
    run(qtbot, queue, [picture_at("a.png")], model=tmp_path / "nothing")
    assert "nothing" in diary.facts["a.png", "failed"]["error"]


@pytest.fixture
def lonely_queue(qapp: object) -> Iterator[AnalysisQueue]:
    queue = AnalysisQueue()
    queue.configure(device="cpu")
    yield queue
    queue.deleteLater()


def test_closing_while_a_picture_runs_ends_the_thread_and_nothing_is_told_any_more(
    qtbot: QtBot, lonely_queue: AnalysisQueue, picture_at: PictureAt, model: Path
) -> None:
    diary = Diary(lonely_queue)
    paths = [picture_at("large.png", size=LARGE), picture_at("b.png", seed=1)]
    with qtbot.waitSignal(lonely_queue.tile_ready):
        lonely_queue.enqueue(paths, model=model)
    told = list(diary.states)
    assert lonely_queue.shutdown(timeout=20)
    qtbot.wait(1)
    assert diary.states == told
    assert not diary.analyses


def test_closing_an_idle_or_paused_queue_is_safe(
    qtbot: QtBot, lonely_queue: AnalysisQueue, picture_at: PictureAt, model: Path
) -> None:
    with qtbot.waitSignal(lonely_queue.tile_ready):
        lonely_queue.enqueue([picture_at("large.png", size=LARGE)], model=model)
    lonely_queue.pause()
    assert lonely_queue.shutdown(timeout=20)
    assert lonely_queue.shutdown(timeout=20)
