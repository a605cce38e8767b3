from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError, DataError, ModelError
from irlnet_core.forge.engine import Image, Mask, load_engine
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.gc import GcEngine, GcGenerator, start_fill
from irlnet_core.forge.gc_config import SIZES, GcConfig

torch.set_num_threads(1)

NARROW = GcConfig(base=4, dilated=1, coarse_reduction=2, prefill=True, noise=1)


def random_net(config: GcConfig = NARROW) -> GcGenerator:
    torch.manual_seed(3)
    net = GcGenerator(config)
    with torch.no_grad():  # the last layers start at zero, from where training takes them
        for last in (net.coarse[-1], net.decoder[-1]):
            for values in last.parameters():
                values.normal_(std=0.1)
    return net


def engine(config: GcConfig = NARROW, *, perturb: float = 0.0) -> GcEngine:
    return GcEngine("x", random_net(config), perturb=perturb)


def noisy_picture(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def box(height: int, width: int, rows: slice, columns: slice) -> Mask:
    mask = np.zeros((height, width), bool)
    mask[rows, columns] = True
    return mask


def test_the_default_generator_has_the_papers_four_million_weights() -> None:
    with torch.device("meta"):
        net = GcGenerator(GcConfig())

    assert sum(values.numel() for values in net.parameters()) == 4_057_278


@pytest.mark.parametrize("config", [GcConfig(base=8), *(s for n, s in SIZES.items() if n != "paper")])
def test_every_size_completes_a_picture_in_two_stages(config: GcConfig) -> None:
    hole = box(32, 48, slice(6, 15), slice(8, 40))
    start = start_fill(noisy_picture(32, 48), hole, config)[None]
    noise = torch.randn(1, config.noise, 32, 48)

    coarse, fine = random_net(config)(start, torch.from_numpy(hole)[None, None].float(), noise)

    assert coarse.shape == fine.shape == (1, 3, 32, 48)
    assert fine.isfinite().all()
    assert not torch.equal(coarse, fine)


@pytest.mark.parametrize(
    "wrong", [{"base": 2}, {"base": 18}, {"dilated": 9}, {"coarse_reduction": 3}, {"noise": -1}]
)
def test_an_impossible_choice_is_refused_by_name(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        GcConfig(**wrong)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    height=st.integers(1, 70), width=st.integers(1, 70), reconstruct=st.booleans(), seed=st.integers(0, 2**32)
)
def test_a_picture_of_any_size_changes_inside_the_hole_only(
    height: int, width: int, reconstruct: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    picture, hole = noisy_picture(height, width, seed), rng.random((height, width)) < 0.3
    hole[0, 0] = False
    before = picture.copy()

    filled = engine().fill(picture, hole, rng, reconstruct=reconstruct)

    assert filled.dtype == np.uint8
    assert np.array_equal(filled[~hole], picture[~hole])
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("config", [NARROW, GcConfig(base=4, dilated=1)])
@pytest.mark.parametrize("reconstruct", [True, False])
def test_the_true_content_of_the_hole_never_has_an_influence(config: GcConfig, reconstruct: bool) -> None:
    hole = box(80, 80, slice(0, 50), slice(30, 60))  # it touches the border
    one, other = noisy_picture(80, 80), noisy_picture(80, 80)
    other[hole] = 255 - other[hole]

    fills = [
        engine(config).fill(picture, hole, np.random.default_rng(1), reconstruct=reconstruct)
        for picture in (one, other)
    ]

    assert np.array_equal(fills[0], fills[1])
    assert fills[0][hole].std() > 1


def test_what_lies_far_from_the_hole_is_not_computed() -> None:
    hole = box(300, 300, slice(20, 40), slice(20, 40))
    one, other = noisy_picture(300, 300), noisy_picture(300, 300)
    other[120:] = 7

    fills = [engine().fill(p, hole, np.random.default_rng(1), reconstruct=False) for p in (one, other)]

    assert np.array_equal(fills[0][hole], fills[1][hole])


def test_a_hole_wider_than_one_part_is_filled_throughout_from_its_known_side() -> None:
    picture = np.full((40, 700, 3), (200, 120, 40), np.uint8)
    hole = box(40, 700, slice(0, 40), slice(0, 690))  # only the last ten columns are known
    picture[hole] = 0

    # A generator that has learned nothing adds nothing: the start is handed on from part to part.
    untrained = GcEngine("x", GcGenerator(NARROW))
    filled = untrained.fill(picture, hole, np.random.default_rng(0), reconstruct=False)

    assert np.abs(filled.astype(int) - (200, 120, 40)).max() <= 1


def test_noise_makes_each_fill_another_one_and_the_same_seed_repeats_it() -> None:
    picture, hole = noisy_picture(64, 64), box(64, 64, slice(20, 44), slice(20, 44))

    fills = [engine().fill(picture, hole, np.random.default_rng(s), reconstruct=False) for s in (1, 1, 2)]

    assert np.array_equal(fills[0], fills[1])
    assert not np.array_equal(fills[0], fills[2])


def test_before_training_the_hole_gets_grain_as_strong_as_around_it() -> None:
    rng = np.random.default_rng(5)
    picture = np.full((128, 128, 3), 128, np.uint8)
    picture[:, 64:] = np.clip(rng.normal(128, 12, (128, 64, 1)), 0, 255)  # smooth left, grainy right
    hole = box(128, 128, slice(40, 88), slice(16, 48)) | box(128, 128, slice(40, 88), slice(80, 112))
    picture[hole] = 0

    filled = GcEngine("x", GcGenerator(NARROW)).fill(picture, hole, rng, reconstruct=False)

    assert filled[48:80, 24:40].std() < 3
    assert 8 < filled[48:80, 88:104].std() < 16


def test_a_perturbed_engine_leaves_other_traces_each_time_and_the_same_for_the_same_seed() -> None:
    quiet = GcConfig(base=4, dilated=1, prefill=True)
    picture, hole = noisy_picture(64, 64), box(64, 64, slice(10, 50), slice(10, 50))
    shaky, rng = engine(quiet, perturb=0.05), np.random.default_rng(7)

    steady_fills = [engine(quiet).fill(picture, hole, rng, reconstruct=False) for _ in range(2)]
    shaky_fills = [shaky.fill(picture, hole, rng, reconstruct=False) for _ in range(2)]
    again = [shaky.fill(picture, hole, np.random.default_rng(1), reconstruct=False) for _ in range(2)]

    assert shaky.name == "x+perturbed"
    assert np.array_equal(steady_fills[0], steady_fills[1])
    assert not np.array_equal(shaky_fills[0], shaky_fills[1])
    assert np.array_equal(again[0], again[1])


def test_a_hole_of_another_size_and_a_hole_that_leaves_nothing_are_refused() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(DataError, match="no hole of shape"):
        engine().fill(noisy_picture(40, 30), np.zeros((30, 40), bool), rng, reconstruct=True)
    with pytest.raises(DataError, match="whole picture"):
        engine().fill(noisy_picture(40, 30), np.ones((40, 30), bool), rng, reconstruct=True)


def test_a_saved_engine_fills_as_before_and_can_be_asked_for_by_its_folder(tmp_path: Path) -> None:
    net = random_net()
    card = EngineCard("gc", "narrow", 4, "Apache-2.0", "a test", asdict(NARROW))
    save_engine(tmp_path, card, {name: values.numpy() for name, values in net.state_dict().items()})
    picture, hole = noisy_picture(64, 64), box(64, 64, slice(20, 40), slice(20, 40))

    before = GcEngine("x", net).fill(picture, hole, np.random.default_rng(0), reconstruct=False)
    after = load_engine(str(tmp_path)).fill(picture, hole, np.random.default_rng(0), reconstruct=False)

    assert np.abs(after.astype(int) - before).mean() <= 2  # float16 on disk
    assert load_engine(f"{tmp_path}+perturbed").name == "narrow+perturbed"


def test_weights_of_another_configuration_are_refused(tmp_path: Path) -> None:
    card = EngineCard("gc", "narrow", 4, "Apache-2.0", "a test", asdict(GcConfig(base=8)))
    weights = {name: values.numpy() for name, values in random_net().state_dict().items()}
    save_engine(tmp_path, card, weights)

    with pytest.raises(ModelError, match="do not fit"):
        load_engine(str(tmp_path))
