"""Taking hold of outlines that are drawn already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.grip import Grip, distance_to_line, find_grip
from irlnet_core.evidence.annotations import Outline

SIZE = (300, 200)
BOX = Outline("box", "rectangle", ((20.0, 20.0), (60.0, 50.0)), "Box")
HOUSE = Outline("house", "polygon", ((100.0, 20.0), (160.0, 20.0), (130.0, 90.0)), "House")


def test_the_line_of_any_outline_can_be_held_and_the_corners_of_the_chosen_one() -> None:
    both = (BOX, HOUSE)
    assert find_grip(both, None, 40, 21, 3) == Grip(BOX)
    assert find_grip(both, None, 21, 21, 3) == Grip(BOX)
    assert find_grip(both, "box", 21, 21, 3) == Grip(BOX, 0)
    assert find_grip(both, "house", 130, 88, 3) == Grip(HOUSE, 2)
    assert find_grip(both, None, 40, 35, 3) is None  # the inside moves the picture
    assert find_grip((), None, 40, 35, 3) is None


def test_of_two_lines_at_one_place_the_chosen_one_is_held_and_else_the_newest() -> None:
    twin = Outline("twin", "rectangle", BOX.points, "Twin")
    assert find_grip((BOX, twin), None, 40, 20, 3) == Grip(twin)
    assert find_grip((BOX, twin), "box", 40, 20, 3) == Grip(BOX)


def test_a_corner_of_a_rectangle_leaves_the_opposite_one_where_it_is() -> None:
    changed = Grip(BOX, 1).dragged(10, -5, SIZE)
    assert changed.box == pytest.approx((20, 15, 50, 35))
    assert Grip(HOUSE, 2).dragged(0, 500, SIZE).points == ((100, 20), (160, 20), (130, 200))


def test_the_distance_counts_to_the_nearest_side_the_closing_one_too() -> None:
    assert distance_to_line(HOUSE.corners, 130, 15) == pytest.approx(5)
    assert distance_to_line(HOUSE.corners, 115, 55) == pytest.approx(0, abs=1e-6)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.sampled_from([BOX, HOUSE]))
def test_an_outline_that_is_moved_stays_inside_and_keeps_its_shape(
    dx: float, dy: float, outline: Outline
) -> None:
    x, y, width, height = Grip(outline).dragged(dx, dy, SIZE).box
    assert min(x, y) >= 0
    assert x + width <= SIZE[0] + 1e-6
    assert y + height <= SIZE[1] + 1e-6
    assert (width, height) == pytest.approx(outline.box[2:], abs=1e-6)
