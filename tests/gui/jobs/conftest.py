"""A tiny saved model, pictures to analyse, and a queue that is shut down after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from irlgui.jobs.analysis_queue import AnalysisQueue
from irlnet_core.config import ModelConfig
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from tests.gui.jobs.diary import Diary

PictureAt = Callable[..., Path]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained net in a real model folder: 64-pixel tiles, some responses above its threshold."""
    torch.manual_seed(1)
    config = ModelConfig(width=0.0625)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    card = ModelCard("tiny", config, tile=64, overlap=16, threshold=0.49, threshold_source="a test")
    save_model(folder, build(config), card)
    return folder


@pytest.fixture
def picture_at(tmp_path: Path) -> PictureAt:
    """Write a picture into the evidence folder; another ``seed`` is another picture."""

    def write(name: str, *, seed: int = 0, size: tuple[int, int] = (150, 110)) -> Path:
        path = tmp_path / "evidence" / name
        path.parent.mkdir(exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return write


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "data" / "results")


@pytest.fixture
def queue(qapp: object, store: ResultStore) -> Iterator[AnalysisQueue]:
    queue = AnalysisQueue(store)
    queue.configure(device="cpu")
    yield queue
    assert queue.shutdown()
    queue.deleteLater()


@pytest.fixture
def diary(queue: AnalysisQueue) -> Diary:
    return Diary(queue)
