"""Shares of clipped pixels, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.model.clipping import COUNT, clipped_shares

DARK, BRIGHT = range(COUNT)


def test_a_burnt_out_sky_and_a_black_shadow_are_told_apart_from_the_rest() -> None:
    image = np.full((160, 96, 3), 128, np.uint8)
    image[:56, :, 2] = 255  # one colour is enough
    image[104:] = 1

    shares = clipped_shares(image)

    assert shares.shape == (2, 20, 12)
    assert (shares[BRIGHT, :5] == 1).all()
    assert (shares[BRIGHT, 9:] == 0).all()
    assert (shares[DARK, :11] == 0).all()
    assert (shares[DARK, 15:] == 1).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**31))
def test_shares_lie_between_0_and_1_whatever_the_size(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).choice(np.array([0, 128, 255], np.uint8), (height, width, 3))

    shares = clipped_shares(image)

    assert shares.shape == (2, -(-height // 8), -(-width // 8))
    assert shares.min() >= 0
    assert shares.max() <= 1 + 1e-6
    assert clipped_shares(np.full_like(image, 128)).max() == pytest.approx(0)
