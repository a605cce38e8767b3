"""A tiny model and an empty folder of evidence for the tests of ``irlnet localize``."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from irlnet_core.config import ModelConfig
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config = ModelConfig(width=0.0625)
    net = build(config)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    card = ModelCard("tiny", config, tile=64, overlap=16, threshold=0.49, threshold_source="a test")
    save_model(folder, net, card)
    return folder


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    return folder
