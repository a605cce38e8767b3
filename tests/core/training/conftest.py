"""A tiny base model and a tiny case: forged pictures with their masks, of photographs made by code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from irlnet_core.config import ModelConfig
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build

SIDE = 96


def make_base(folder: Path, seed: int = 1, **network: Any) -> Path:
    """Save an untrained network of the smallest width as a model folder."""
    torch.manual_seed(seed)
    config = ModelConfig(width=0.0625, **network)
    recipe = {"forge": {"engines": {"telea": 1.0, "an-engine-of-another-lab": 1.0}, "hole_min": 0.1}}
    card = ModelCard(
        folder.name, config, tile=32, overlap=8, training={"recipe": recipe}, licence="Apache-2.0",
        limits=("It is untrained.",),
    )  # fmt: skip
    save_model(
        folder, build(config), card, photos="file,group,licence,author,source,sha256\nbase.jpg,g,,,,00\n"
    )
    return folder


def make_case(folder: Path, count: int = 6, originals: bool = False) -> Path:
    """Write ``count`` pictures with a filled rectangle each, as images/ and masks/ (and originals/)."""
    for number in range(count):
        rng = np.random.default_rng(number)
        coarse = rng.integers(20, 235, (6 + number, 7, 3), dtype=np.uint8)
        original = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).astype(int)
        original = np.clip(original + rng.normal(0, 6, original.shape), 0, 255).astype(np.uint8)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        top, left = (int(v) for v in rng.integers(4, 24, 2))
        mask[top : top + 30, left : left + 30] = 255
        image = cv2.inpaint(original, mask, 3, cv2.INPAINT_TELEA)
        parts = {"images": image, "masks": mask} | ({"originals": original} if originals else {})
        for part, pixels in parts.items():
            (folder / part).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / part / f"picture{number}.png"), pixels)
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_base(tmp_path / "models" / "base")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return make_case(tmp_path / "case")
