"""What every drawn hole promises: its area, its shape, its repeatability."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError
from irlnet_core.forge.masks import draw_mask


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(16, 200), width=st.integers(16, 200))
@settings(max_examples=300, deadline=None)
def test_the_area_is_within_the_bounds_for_any_seed_and_size(seed: int, height: int, width: int) -> None:
    mask = draw_mask(np.random.default_rng(seed), height, width)
    assert mask.dtype == np.bool_
    assert mask.shape == (height, width)
    assert 0.01 <= mask.mean() <= 0.40


@given(seed=st.integers(0, 2**32 - 1), low=st.floats(0.005, 0.5), spread=st.floats(1.05, 2))
@settings(max_examples=100, deadline=None)
def test_other_bounds_are_kept_too(seed: int, low: float, spread: float) -> None:
    high = min(low * spread, 0.99)
    mask = draw_mask(np.random.default_rng(seed), 96, 128, hole_min=low, hole_max=high)
    assert low <= mask.mean() <= high


@pytest.mark.parametrize("side", [64, 777, 2048])
def test_small_and_large_pictures_work(side: int) -> None:
    for seed in range(5):
        assert 0.01 <= draw_mask(np.random.default_rng(seed), side, side).mean() <= 0.40


def test_the_same_seed_gives_the_same_mask_and_another_seed_another() -> None:
    first, again, other = (draw_mask(np.random.default_rng(seed), 128, 128) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_most_holes_are_small_and_some_are_large() -> None:
    areas = np.array([draw_mask(np.random.default_rng(seed), 64, 64).mean() for seed in range(400)])
    assert np.median(areas) < 0.10
    assert (areas > 0.25).mean() > 0.05


def test_some_masks_have_several_holes_and_some_touch_the_border() -> None:
    masks = [draw_mask(np.random.default_rng(seed), 128, 128) for seed in range(200)]
    holes = [cv2.connectedComponents(mask.astype(np.uint8))[0] - 1 for mask in masks]
    touching = [mask[[0, -1]].any() or mask[:, [0, -1]].any() for mask in masks]
    assert 0.05 < np.mean(np.array(holes) > 1) < 0.6
    assert 0.1 < np.mean(touching) < 0.9


def test_a_range_without_a_whole_pixel_is_refused() -> None:
    with pytest.raises(ConfigError, match="no hole"):
        draw_mask(np.random.default_rng(0), 4, 4, hole_min=0.01, hole_max=0.02)
