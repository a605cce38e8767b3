"""What the diffusion fills promise: a smooth hole, an untouched rest, and no look at the truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.errors import DataError
from irlnet_core.forge.diffusion import fill_diffusion, spread_known
from irlnet_core.forge.masks import draw_mask


@pytest.mark.parametrize("method", [cv2.INPAINT_TELEA, cv2.INPAINT_NS])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_what_stood_in_the_hole_has_no_influence_even_at_the_border(method: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    mask = draw_mask(rng, 40, 48)
    other = np.where(mask[..., None], 255 - image, image)
    filled = fill_diffusion(image, mask, method)
    np.testing.assert_array_equal(filled, fill_diffusion(other, mask, method))
    np.testing.assert_array_equal(filled[~mask], image[~mask])


def test_a_flat_picture_is_restored_and_the_two_methods_differ_elsewhere() -> None:
    mask = np.zeros((64, 64), bool)
    mask[24:40, 24:] = True
    flat = np.full((64, 64, 3), 90, np.uint8)
    holed = np.where(mask[..., None], 0, flat).astype(np.uint8)
    np.testing.assert_allclose(fill_diffusion(holed, mask), flat, atol=3)
    np.testing.assert_allclose(fill_diffusion(holed, mask, cv2.INPAINT_NS), flat, atol=3)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert (fill_diffusion(noise, mask) != fill_diffusion(noise, mask, cv2.INPAINT_NS))[mask].any()


def test_the_nearest_colour_spreads_into_the_hole() -> None:
    image = np.zeros((5, 9, 3), np.uint8)
    image[:, :2], image[:, 7:] = 50, 200
    mask = np.zeros((5, 9), bool)
    mask[:, 2:7] = True
    assert spread_known(image, mask)[2, :, 0].tolist()[:4] == [50] * 4
    assert spread_known(image, mask)[2, :, 0].tolist()[5:] == [200] * 4


def test_an_empty_hole_returns_a_copy_and_a_full_one_is_refused() -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(fill_diffusion(image, np.zeros((16, 16), bool)), image)
    with pytest.raises(DataError, match="nothing to fill"):
        fill_diffusion(image, np.ones((16, 16), bool))
