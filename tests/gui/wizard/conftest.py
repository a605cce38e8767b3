"""A folder of pairs, good and bad, and a run's folder as a finished training leaves it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from irlnet_core import files
from irlnet_core.config import ModelConfig
from irlnet_core.model import locate, model_library
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from irlnet_core.training.finetune_run_folder import RunFolder

MakeRun = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let trainings and the user's own models lie below a folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    own = tmp_path / "home" / "irlnet" / "models"
    for module in (locate, model_library):
        monkeypatch.setattr(module, "model_homes", lambda: [tmp_path / "shipped", own])
    save(tmp_path / "shipped" / "fast", "fast")
    return own


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Eight good pairs; an inverted, an empty and a small mask; a picture without one."""
    folder = tmp_path / "pairs"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for seed in range(11):
        write_pair(folder, f"{seed:02}", seed)
    mask = np.asarray(Image.open(folder / "masks" / "08.png"))
    Image.fromarray(255 - mask).save(folder / "masks" / "08.png")
    Image.fromarray(np.zeros_like(mask)).save(folder / "masks" / "09.png")
    Image.fromarray(mask[:40]).save(folder / "masks" / "10.png")
    Image.fromarray(np.asarray(Image.open(folder / "images" / "03.png"))[::-1]).save(
        folder / "images" / "lonely.png"
    )
    return folder


def write_pair(folder: Path, name: str, seed: int) -> None:
    chance = np.random.default_rng(seed)
    pixels = chance.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    mask = np.zeros((64, 80), np.uint8)
    mask[10:40, 20:50] = 255
    Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
    Image.fromarray(mask).save(folder / "masks" / f"{name}.png")


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Return a finished run's folder whose comparison came to ``verdict``."""

    def make(verdict: str = "better", name: str = "20260101-120000") -> Path:
        run = tmp_path / "home" / "irlnet" / "training" / name
        reasons = ["F1 on 4 held-out pairs (as they are): 0.500 → 0.400"]
        save(run, "new", verdict={"verdict": verdict, "reasons": reasons})
        folder = RunFolder(run)
        folder.begin({"base": str(tmp_path / "shipped" / "fast"), "data": []})
        folder.end("finished")
        rows = [{"step": 0, "best": True, "f1": 0.5, "score": 0.5, "seconds": 1.0}]
        (run / "curve.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        files.write_json(
            run / "compare.json", {"verdict": verdict, "reasons": reasons, "rows": [], "maps": []}
        )
        return run

    return make


def save(folder: Path, name: str, **changes: Any) -> None:
    torch.manual_seed(1)
    config = ModelConfig(width=0.0625)
    save_model(folder, build(config), replace(ModelCard(name, config, tile=64, overlap=16), **changes))
