"""Powers of the periods 2, 4 and 8, cell by cell."""

from __future__ import annotations

import cv2
import pytest

from irlnet_core.model.rhythm import rhythms
from tests.core.model.test_noise_statistics import grain, picture

STRENGTH_2, STRENGTH_4, STRENGTH_8, ITSELF_2, ITSELF_4, ITSELF_8 = range(6)  # of luma


@pytest.mark.parametrize(("factor", "which"), [(4, STRENGTH_4), (8, STRENGTH_8)])
def test_an_enlarged_patch_has_the_rhythm_of_its_factor(factor: int, which: int) -> None:
    values = grain(192, 192, 20, coloured=False).copy()
    small = grain(64 // factor, 64 // factor, 60, coloured=False, seed=3)
    values[64:128, 64:128] = cv2.resize(small, (64, 64), interpolation=cv2.INTER_LINEAR)
    power = rhythms(picture(values))[which]

    assert power[10:14, 10:14].min() > power[:6].mean() + 1


def test_a_fixed_pattern_shows_in_the_residual_itself() -> None:
    values = grain(192, 192, 3, coloured=False).copy()
    values[64:128:4, 64:128] += 3
    power = rhythms(picture(values))[ITSELF_4]

    assert power[10:14, 10:14].min() > power[:6].mean() + 1
