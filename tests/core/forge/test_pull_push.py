from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import DataError
from irlnet_core.forge.pull_push import fill_pull_push


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_a_hole_in_a_plain_picture_is_filled_plainly_and_without_a_look_inside(
    height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    hole = rng.random((height, width)) < 0.6
    hole[0, 0] = False
    picture = np.full((height, width, 3), (200, 100, 7), np.uint8)
    picture[hole] = rng.integers(0, 256, (int(hole.sum()), 3))

    assert (fill_pull_push(picture, hole) == (200, 100, 7)).all()


def test_a_ramp_goes_on_through_the_hole_and_pixels_outside_stay() -> None:
    ramp = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    hole = np.zeros((64, 64), bool)
    hole[26:38, 26:38] = True

    filled = fill_pull_push(ramp, hole)

    assert np.array_equal(filled[~hole], ramp[~hole])
    assert np.abs(filled.astype(int) - ramp).max() < 30


def test_a_picture_that_is_all_hole_is_refused() -> None:
    with pytest.raises(DataError, match="whole picture"):
        fill_pull_push(np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), bool))
