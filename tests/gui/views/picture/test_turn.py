from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from irlgui.views.picture.turn import Turn

FLAGS = st.integers(1, 8)
SIDES = st.integers(1, 9)


def numbered(width: int, height: int) -> np.ndarray:
    return np.arange(width * height, dtype=np.uint8).reshape(height, width)


@pytest.mark.parametrize("flag", range(1, 9))
def test_every_orientation_is_shown_as_pillow_turns_it(flag: int) -> None:
    stored = numbered(5, 3)
    picture = Image.fromarray(stored)
    picture.getexif()[274] = flag

    expected = np.asarray(ImageOps.exif_transpose(picture))

    assert np.array_equal(Turn(5, 3, flag).apply(stored), expected)


@pytest.mark.parametrize("flag", [None, 0, 9])
def test_a_missing_or_foreign_flag_turns_nothing(flag: int | None) -> None:
    stored = numbered(4, 3)

    assert np.array_equal(Turn(4, 3, flag).apply(stored), stored)


@given(flag=FLAGS, width=SIDES, height=SIDES, data=st.data())
def test_a_stored_pixel_is_shown_where_its_coordinates_say(
    flag: int, width: int, height: int, data: st.DataObject
) -> None:
    turn, stored = Turn(width, height, flag), numbered(width, height)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))

    shown_x, shown_y = turn.to_shown(x + 0.5, y + 0.5)

    assert turn.apply(stored)[int(shown_y), int(shown_x)] == stored[y, x]
    assert turn.to_stored(shown_x, shown_y) == (x + 0.5, y + 0.5)


@given(flag=FLAGS, width=SIDES, height=SIDES, data=st.data())
def test_a_rectangle_holds_the_same_pixels_stored_and_shown(
    flag: int, width: int, height: int, data: st.DataObject
) -> None:
    turn, stored = Turn(width, height, flag), numbered(width, height)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))

    left, top, columns, rows = (int(v) for v in turn.rect_to_shown(x, y, w, h))

    shown = turn.apply(stored)[top : top + rows, left : left + columns]
    assert sorted(shown.ravel()) == sorted(stored[y : y + h, x : x + w].ravel())
    assert turn.rect_to_stored(left, top, columns, rows) == (x, y, w, h)


@given(flag=FLAGS, width=SIDES, height=SIDES, x=st.floats(-5, 20), y=st.floats(-5, 20))
def test_the_matrix_maps_as_the_function_does(flag: int, width: int, height: int, x: float, y: float) -> None:
    turn = Turn(width, height, flag)
    m11, m12, m21, m22, dx, dy = turn.matrix()

    assert turn.to_shown(x, y) == pytest.approx((m11 * x + m21 * y + dx, m12 * x + m22 * y + dy))
