"""What a fill from the picture's own patches promises."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irlnet_core.errors import DataError
from irlnet_core.forge.diffusion import fill_diffusion
from irlnet_core.forge.exemplar import fill_exemplar
from irlnet_core.forge.masks import draw_mask

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def _tiles(side: int) -> Image:
    """A periodic texture: one random 12x12 tile, repeated."""
    tile = np.random.default_rng(3).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return np.tile(tile, (side // 12 + 1, side // 12 + 1, 1))[:side, :side].copy()


def _box(side: int) -> Mask:
    mask = np.zeros((side, side), bool)
    mask[side // 3 : side * 2 // 3, side // 3 : side * 2 // 3] = True
    return mask


def _error(filled: Image, image: Image, mask: Mask) -> float:
    return float(np.abs(filled.astype(float) - image)[mask].mean())


@pytest.mark.parametrize("side", [96, 101])
def test_a_periodic_texture_is_restored_far_better_than_by_telea(side: int) -> None:
    image, mask = _tiles(side), _box(side)
    holed = np.where(mask[..., None], 0, image).astype(np.uint8)
    filled = fill_exemplar(holed, mask, np.random.default_rng(0))
    telea = fill_diffusion(holed, mask)
    assert _error(filled, image, mask) < 0.25 * _error(telea, image, mask)


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(5, 70), width=st.integers(5, 70))
@settings(max_examples=40, deadline=None)
def test_pixels_outside_the_hole_never_change(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = draw_mask(rng, height, width, hole_min=0.02, hole_max=0.9)
    before = image.copy()
    filled = fill_exemplar(image, mask, rng)
    assert filled.shape == image.shape
    assert filled.dtype == np.uint8
    np.testing.assert_array_equal(filled[~mask], before[~mask])
    np.testing.assert_array_equal(image, before)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_what_stood_in_the_hole_has_no_influence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    mask = draw_mask(rng, 64, 80)
    other = np.where(mask[..., None], 255 - image, image)
    first, second = (fill_exemplar(picture, mask, np.random.default_rng(1)) for picture in (image, other))
    np.testing.assert_array_equal(first, second)


def test_the_same_seed_gives_the_same_fill() -> None:
    image, mask = np.random.default_rng(5).integers(0, 256, (80, 80, 3), dtype=np.uint8), _box(80)
    first, again, other = (fill_exemplar(image, mask, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_fill_is_as_sharp_as_its_surroundings() -> None:
    image, mask = np.random.default_rng(6).integers(0, 256, (96, 96, 3), dtype=np.uint8), _box(96)
    image = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.uint8)
    filled = fill_exemplar(image, mask, np.random.default_rng(0))
    sharpness = cv2.Laplacian(filled.mean(axis=2), cv2.CV_64F)
    assert 0.6 < sharpness[mask].var() / sharpness[~mask].var() < 1.5


def test_without_a_whole_patch_outside_the_hole_telea_steps_in() -> None:
    image = _tiles(24)
    mask = np.ones((24, 24), bool)
    mask[:, :4] = False
    telea = fill_diffusion(image, mask)
    filled = fill_exemplar(image, mask, np.random.default_rng(0))
    np.testing.assert_array_equal(filled[mask], telea[mask])


def test_an_empty_hole_returns_a_copy() -> None:
    image = _tiles(32)
    filled = fill_exemplar(image, np.zeros((32, 32), bool), np.random.default_rng(0))
    np.testing.assert_array_equal(filled, image)
    assert filled is not image


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be filled"):
        fill_exemplar(_tiles(32), np.ones((32, 31), bool), np.random.default_rng(0))
