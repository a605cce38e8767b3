"""What happens to whole pictures without forgery: each operation keeps shape and likeness, and repeats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from irlnet_core.config import ForgeConfig
from irlnet_core.data.photographs import find_photographs
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.forge.innocent import INNOCENT, camera, focus, make_otherwise, saturate

RAMP = np.linspace(60, 190, 72)[:, None, None] + np.array([-30, 0, 20]) + np.zeros((72, 60, 1))
PICTURE = (RAMP + np.random.default_rng(0).normal(0, 8, RAMP.shape)).clip(0, 255).round().astype(np.float32)


@pytest.mark.parametrize("name", sorted(INNOCENT))
def test_each_operation_keeps_the_shape_changes_pixels_and_repeats(name: str) -> None:
    first, again = (INNOCENT[name](PICTURE.copy(), np.random.default_rng(3)) for _ in range(2))

    assert first.shape == PICTURE.shape
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert np.abs(first - PICTURE).mean() > 0.05
    assert np.corrcoef(first.mean(2).ravel(), PICTURE.mean(2).ravel())[0, 1] > 0.8


def test_a_sensor_gives_each_colour_back_to_its_own_channel() -> None:
    plain = np.zeros((48, 48, 3), np.float32) + np.array([200, 120, 40], np.float32)

    for seed in range(6):  # each way of interpolating
        seen = camera(plain, np.random.default_rng(seed))
        assert np.allclose(seen[4:-4, 4:-4].mean((0, 1)), (200, 120, 40), atol=2)


def test_a_shallow_focus_blurs_some_places_more_than_others() -> None:
    noise = np.random.default_rng(1).normal(128, 40, (256, 256, 3)).astype(np.float32)

    spreads = []
    for seed in range(6):
        seen = focus(noise, np.random.default_rng(seed))
        spreads.append(
            [seen[y : y + 32, x : x + 32].std() for y in range(0, 256, 32) for x in range(0, 256, 32)]
        )

    assert max(max(places) / min(places) for places in spreads) > 3


def test_more_colour_leaves_grey_nearly_grey() -> None:
    grey = np.full((16, 16, 3), 100, np.float32)

    assert all(abs(saturate(grey, np.random.default_rng(s)).mean() - 100) < 15 for s in range(8))


def test_a_picture_is_rounded_to_bytes_and_its_source_left_alone() -> None:
    picture = PICTURE.astype(np.uint8)
    before = picture.copy()

    out = make_otherwise(picture, np.random.default_rng(2))

    assert out.dtype == np.uint8
    assert out.shape == picture.shape
    assert np.array_equal(picture, before)


def test_large_holes_and_innocent_hosts_come_when_the_recipe_asks(photo_folder: Path) -> None:
    engines = {"telea": load_engine("telea")}
    config = ForgeConfig(
        {"telea": 1.0}, pristine=0.0, postprocess=0.0, large_holes=1.0, innocent=1.0, picture=128
    )
    forge = Forge(find_photographs(photo_folder), engines, config)

    samples = [forge.make(index, 64) for index in range(6)]

    for sample in samples:
        assert 0.4 <= sample.mask.mean() <= 0.85
        assert sample.history == "made otherwise"
        assert np.array_equal(sample.image[~sample.mask], sample.original[~sample.mask])
