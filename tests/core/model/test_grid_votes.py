"""Counting zero DCT coefficients: the votes for a coding grid."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

from irlnet_core.model.grid_votes import LIMITS, count_zeros


def noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    smooth = np.random.default_rng(seed).normal(128, 40, (height // 4 + 2, width // 4 + 2, 3))
    large = np.kron(smooth, np.ones((4, 4, 1)))[:height, :width]
    return np.clip(large + np.random.default_rng(seed + 1).normal(0, 6, large.shape), 0, 255).astype(np.uint8)


def coded(image: NDArray[np.uint8], quality: int = 80) -> NDArray[np.uint8]:
    data = io.BytesIO()
    Image.fromarray(image).save(data, "JPEG", quality=quality, subsampling=0)
    return np.array(Image.open(data))


def luma(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    weighed: NDArray[np.float64] = image @ np.array([0.299, 0.587, 0.114])
    return weighed


def test_each_vote_is_the_number_of_small_ac_coefficients_of_the_block_around_the_pixel() -> None:
    image = coded(noise(40, 48))
    votes = count_zeros(image)[0]

    for y, x in [(4, 4), (12, 20), (17, 9), (33, 40)]:
        block = dctn(luma(image)[y - 4 : y + 4, x - 4 : x + 4], norm="ortho")
        block[0, 0] = np.inf
        sure = np.abs(np.abs(block) - LIMITS[0]).min() > 1e-3
        assert not sure or votes[y, x] == np.count_nonzero(np.abs(block) <= LIMITS[0])


def test_the_grid_of_a_jpeg_gets_the_most_votes_wherever_the_picture_was_cut() -> None:
    whole = coded(noise(160, 160))
    for top, left in [(0, 0), (3, 5), (7, 2)]:
        votes = count_zeros(np.ascontiguousarray(whole[top:, left:]))[0].astype(float)
        votes = votes[8:136, 8:136].reshape(16, 8, 16, 8).mean((0, 2))
        # The block of pixel (y, x) begins 4 pixels before it.
        assert np.unravel_index(votes.argmax(), (8, 8)) == ((4 - top) % 8, (4 - left) % 8)


def test_a_flat_picture_has_all_the_votes_everywhere() -> None:
    votes = count_zeros(np.full((17, 30, 3), 77, np.uint8))

    assert votes.shape == (2, 24, 32)
    assert (votes[0] == 63).all()
    assert (votes[1] == 126).all()


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 150), width=st.integers(1, 70))
def test_the_votes_cover_the_picture_in_whole_cells_and_do_not_depend_on_the_strips(
    height: int, width: int
) -> None:
    image = noise(height, width)
    votes = count_zeros(image)

    assert votes.shape == (2, -(-height // 8) * 8, -(-width // 8) * 8)
    if height > 90:
        part = count_zeros(image[24:90])
        assert (part[:, 8:48] == votes[:, 32:72]).all()


def test_what_is_raised_between_the_strips_ends_the_count() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count_zeros(noise(80, 80), stop)
