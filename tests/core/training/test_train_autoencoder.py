from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.errors import ConfigError, DataError
from irlnet_core.forge.autoencoder_config import AutoencoderConfig
from irlnet_core.forge.engine_files import read_engine
from irlnet_core.progress import EpochDone, Event, Note, StepDone, finish
from irlnet_core.training.train_autoencoder import (
    AutoencoderTraining,
    round_trip_loss,
    train_autoencoder_engine,
)

torch.set_num_threads(1)

TINY = AutoencoderConfig("nearest", stride=2, depth=0, base=8, latent=8)


def photographs(folder: Path, *, side: int = 140) -> list[Photograph]:
    rng = np.random.default_rng(0)
    for number in range(4):
        coarse = rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)
        cv2.imwrite(
            str(folder / f"{number}.png"), cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        )
    return find_photographs(folder)


def train(photos: list[Photograph], output: Path, **settings: float) -> list[Event]:
    events: list[Event] = []
    training = AutoencoderTraining(batch=2, crop=32, **settings)  # type: ignore[arg-type]
    finish(train_autoencoder_engine(photos, output, TINY, training), events.append)
    return events


def test_the_loss_falls_and_the_engine_beats_telea_on_an_unseen_picture(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    events = train(photographs(tmp_path / "photos"), tmp_path / "e", steps=300)

    steps = [event for event in events if isinstance(event, StepDone)]
    assert [step.step for step in steps] == list(range(10, 301, 10))
    assert steps[-1].loss < 0.4 * steps[0].loss
    assert steps[-1].learning_rate < 0.1 * steps[0].learning_rate
    assert isinstance(events[-1], EpochDone)
    card, _ = read_engine(tmp_path / "e")
    assert card.training["steps"] == 300
    assert card.training["photographs"] + card.quality["photographs"] == 4
    assert card.quality["error"] < card.quality["telea_error"]


def test_the_same_seed_gives_the_same_engine_and_another_seed_another(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    photos = photographs(tmp_path / "photos")

    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        torch.rand(3)  # what the caller did with torch's own generator makes no difference
        train(photos, tmp_path / name, steps=3, seed=seed)
    weights = [(tmp_path / name / "engine.safetensors").read_bytes() for name in ("one", "again", "other")]

    assert weights[0] == weights[1] != weights[2]


def test_the_time_limit_ends_the_training_with_an_engine(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    train(photographs(tmp_path / "photos"), tmp_path / "e", steps=10**9, minutes=0.005)

    assert 1 <= read_engine(tmp_path / "e")[0].training["steps"] < 10**6


def test_photographs_that_are_too_small_are_named_and_refused(tmp_path: Path) -> None:
    photos = photographs(tmp_path, side=60)
    events: list[Event] = []

    with pytest.raises(DataError, match="128"):
        finish(train_autoencoder_engine(photos, tmp_path / "e", TINY, AutoencoderTraining()), events.append)

    assert any(isinstance(event, Note) and ".png" in event.message for event in events)
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"crop": 40}, {"learning_rate": 0.0}, {"seed": -1}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        AutoencoderTraining(**wrong)  # type: ignore[arg-type]


def test_of_two_errors_of_the_same_size_the_loss_forgives_grain_sooner_than_blur() -> None:
    torch.manual_seed(0)
    texture, grain = 0.2 * torch.randn(2, 1, 3, 64, 64)
    truth, faded = 0.5 + texture, 0.5 + 0.5 * texture
    size = (faded - truth).abs().mean()
    grainy = truth + grain * size / grain.abs().mean()

    assert float(round_trip_loss(grainy, truth)) < 0.95 * float(round_trip_loss(faded, truth))
    assert float(round_trip_loss(truth, truth)) == pytest.approx(0, abs=1e-6)
