from __future__ import annotations

import contextlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from irlnet_core.cli.main import main
from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.errors import ConfigError, DataError, ModelError
from irlnet_core.forge.engine import load_engine
from irlnet_core.forge.engine_files import read_engine
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.progress import CheckpointSaved, EpochDone, Event, StepDone, finish
from irlnet_core.training.gc_trainer import texture_error
from irlnet_core.training.gc_training import GcTraining
from irlnet_core.training.train_gc import train_gc_engine

torch.set_num_threads(1)

NARROW = GcConfig(base=8, dilated=0, coarse_reduction=2, attention=False, prefill=True, noise=1)
QUICK = {"batch": 2, "crop": 32, "window": 24, "patches": 4, "patch_layers": 2}


def photographs(folder: Path, *, side: int = 200) -> list[Photograph]:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(4):
        coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        smooth = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC).astype(float)
        grainy = np.clip(smooth + rng.normal(0, 8, (side, side, 1)), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), grainy)
    return find_photographs(folder)


def train(folder: Path, name: str, *, config: GcConfig = NARROW, **settings: float) -> list[Event]:
    events: list[Event] = []
    training = GcTraining(**{**QUICK, **settings})  # type: ignore[arg-type]
    finish(train_gc_engine(photographs(folder / "photos"), folder / name, config, training), events.append)
    return events


def weights_of(engine: Path) -> bytes:
    return (engine / "engine.safetensors").read_bytes()


def test_it_learns_to_fill_grainy_pictures_and_says_how_good_it_is(tmp_path: Path) -> None:
    events = train(tmp_path, "e", steps=40, average=0.9)

    card, _ = read_engine(tmp_path / "e")
    assert 0.7 < card.quality["sharpness"] < 1.5
    assert card.training["steps"] == 40
    assert card.training["photographs"] + card.quality["photographs"] == 4
    assert card.quality["reconstruct"] is False
    validation = next(event for event in events if isinstance(event, EpochDone))
    assert validation.scores["error"] == card.quality["error"]
    assert [event.step for event in events if isinstance(event, StepDone)] == [10, 20, 30, 40]


def test_snapshots_stand_beside_the_engine_and_are_engines_of_their_own(tmp_path: Path) -> None:
    train(tmp_path, "e", steps=8, snapshots=2)

    folders = [tmp_path / name for name in ("e-snapshot-1", "e-snapshot-2", "e")]
    steps = [read_engine(folder)[0].training["steps"] for folder in folders]
    assert steps == sorted(set(steps))
    assert steps[-1] == 8
    assert len({weights_of(folder) for folder in folders}) == 3
    assert [load_engine(str(folder)).name for folder in folders] == [folder.name for folder in folders]


def test_the_same_seed_gives_the_same_engine_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        torch.rand(3)  # what the caller did with torch's own generator makes no difference
        train(tmp_path, name, steps=4, seed=seed)

    assert weights_of(tmp_path / "one") == weights_of(tmp_path / "again") != weights_of(tmp_path / "other")


def test_a_training_that_was_stopped_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    photos = photographs(tmp_path / "photos")
    training = GcTraining(steps=6, checkpoint_minutes=1e-9, snapshots=1, **QUICK)  # type: ignore[arg-type]
    train(tmp_path, "whole", steps=6, snapshots=1, checkpoint_minutes=1e-9)

    for stop in (1, 3, 5):
        resume = (tmp_path / "parts" / "state").exists()
        job = train_gc_engine(photos, tmp_path / "parts", NARROW, training, resume=resume)
        with contextlib.closing(job):
            next(event for event in job if isinstance(event, CheckpointSaved) and event.step >= stop)
    finish(train_gc_engine(photos, tmp_path / "parts", NARROW, training, resume=True))

    assert weights_of(tmp_path / "parts") == weights_of(tmp_path / "whole")
    assert weights_of(tmp_path / "parts-snapshot-1") == weights_of(tmp_path / "whole-snapshot-1")


def test_the_state_of_another_configuration_is_refused(tmp_path: Path) -> None:
    train(tmp_path, "e", steps=1)
    other, training = GcConfig(base=12), GcTraining(steps=2, **QUICK)  # type: ignore[arg-type]

    with pytest.raises(ModelError, match="another configuration"):
        finish(
            train_gc_engine(
                find_photographs(tmp_path / "photos"), tmp_path / "e", other, training, resume=True
            )
        )


def test_a_state_with_another_discriminator_is_refused(tmp_path: Path) -> None:
    train(tmp_path, "e", steps=1)
    photos, training = find_photographs(tmp_path / "photos"), GcTraining(steps=2, **{**QUICK, "patches": 8})  # type: ignore[arg-type]

    with pytest.raises(ModelError, match="another network") as error:
        finish(train_gc_engine(photos, tmp_path / "e", NARROW, training, resume=True))

    assert error.value.path == tmp_path / "e" / "state"


def test_the_time_limit_ends_the_training_with_an_engine(tmp_path: Path) -> None:
    train(tmp_path, "e", steps=10**9, minutes=0.005)

    assert 1 <= read_engine(tmp_path / "e")[0].training["steps"] < 10**6


def test_the_discriminator_changes_what_is_learned_only_after_the_warm_up(tmp_path: Path) -> None:
    for steps in (2, 8):
        for pull in (0.0, 1.0):
            train(tmp_path, f"{steps}-{pull:.0f}", steps=steps, adversarial=pull, warmup=0.5)

    assert weights_of(tmp_path / "2-0") == weights_of(tmp_path / "2-1")
    assert weights_of(tmp_path / "8-0") != weights_of(tmp_path / "8-1")


def test_texture_counts_by_its_strength_in_the_hole_and_not_by_where_its_grains_lie() -> None:
    torch.manual_seed(0)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 16:48, 16:48] = 1
    grain, other = 0.1 * torch.randn(2, 1, 1, 64, 64).expand(2, 1, 3, 64, 64)  # grey: all of it is luminance

    assert texture_error(grain, grain, hole) == 0
    assert texture_error(other, grain, hole) < 0.02
    # A lack counts one and a half times.
    assert texture_error(0.5 * grain, grain, hole) == pytest.approx(0.075, abs=0.01)
    assert texture_error(1.5 * grain, grain, hole) == pytest.approx(0.05, abs=0.01)
    # Outside the hole it makes no difference.
    outside = torch.zeros(1, 1, 64, 64)
    outside[..., :8, :8] = 1
    assert texture_error(grain * hole, grain * hole * 2, outside) == 0


def test_photographs_that_are_too_small_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="192"):
        finish(train_gc_engine(photographs(tmp_path / "p", side=100), tmp_path / "e", NARROW, GcTraining()))

    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"crop": 40},
        {"window": 256},
        {"learning_rate": 0.0},
        {"seed": -1},
        {"warmup": 0.9},
        {"hole_min": 0.5},
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        GcTraining(**wrong)  # type: ignore[arg-type]


def test_the_command_trains_an_engine_and_prints_its_quality(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photographs(tmp_path / "photos")
    command = ["train-engine", "gc", "--photos", str(tmp_path / "photos"), "--output", str(tmp_path / "e")]

    code = main([*command, "--size", "tiny", "--base", "4", "--crop", "64", "--batch", "1", "--steps", "2"])

    assert code == 0
    assert "2 steps on" in capsys.readouterr().out
    assert read_engine(tmp_path / "e")[0].config["base"] == 4


def test_the_command_writes_over_an_engine_only_to_go_on_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photographs(tmp_path / "photos")
    command = ["train-engine", "gc", "--photos", str(tmp_path / "photos"), "--output", str(tmp_path / "e")]
    command += ["--size", "tiny", "--base", "4", "--crop", "64", "--batch", "1", "--snapshots", "1"]
    assert main([*command, "--steps", "2"]) == 0
    before = weights_of(tmp_path / "e")

    assert main([*command, "--steps", "2"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert weights_of(tmp_path / "e") == before
    assert main([*command, "--steps", "4", "--resume"]) == 0
    assert read_engine(tmp_path / "e")[0].training["steps"] == 4
    command[5] = str(tmp_path / "f")
    (tmp_path / "e-snapshot-1").rename(tmp_path / "f-snapshot-1")
    assert main([*command, "--steps", "2"]) == 2
    assert "f-snapshot-1: holds an engine" in capsys.readouterr().err
