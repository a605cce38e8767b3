"""Authentic parts keep clear of the hole and on the coding grid."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.data.authentic_parts import AuthenticPart, find_authentic_areas

SIDES, PLACES = st.integers(64, 200), st.integers(0, 150)


@given(height=SIDES, width=SIDES, top=PLACES, left=PLACES, side=st.integers(1, 90))
def test_no_part_touches_the_hole_or_is_too_small(
    height: int, width: int, top: int, left: int, side: int
) -> None:
    mask = np.zeros((height, width), bool)
    mask[top : top + side, left : left + side] = True
    near = cv2.dilate(mask.astype(np.uint8), np.ones((19, 19), np.uint8))

    for area in find_authentic_areas(mask, 32):
        y0, x0, y1, x1 = area
        assert not near[y0:y1, x0:x1].any()
        assert min(y1 - y0, x1 - x0) >= 32
        assert all(edge % 16 == 0 for edge in area)
        assert y1 <= height
        assert x1 <= width


def test_the_largest_rectangle_comes_first_and_none_overlap() -> None:
    mask = np.zeros((96, 160), bool)
    mask[:, 100:104] = True

    areas = find_authentic_areas(mask, 32)

    assert areas == [(0, 0, 96, 80), (0, 128, 96, 160)]
    assert find_authentic_areas(~mask, 32) == []
    assert find_authentic_areas(np.zeros((20, 20), bool), 32) == []


def test_a_part_reads_its_own_pixels(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (64, 80, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "p.png"), picture[..., ::-1])

    pixels, history = AuthenticPart(tmp_path / "p.png", "p", area=(16, 32, 48, 80)).read()

    assert np.array_equal(pixels, picture[16:48, 32:80])
    assert history is None
