"""Labels of the operating points: over their marks, and never upon each other."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.threshold_histogram import spread_labels


def test_a_label_with_room_stands_over_its_mark() -> None:
    assert spread_labels([50, 150], [20, 20], 300) == [40, 140]


def test_labels_of_close_marks_stand_side_by_side_around_them() -> None:
    assert spread_labels([100, 104], [20, 30], 300) == [77, 97]


@given(st.lists(st.floats(0, 300), max_size=6).map(sorted))
def test_labels_never_overlap_and_stay_inside(centres: list[float]) -> None:
    lefts = spread_labels(centres, [30.0] * len(centres), 300)

    assert all(-1e-6 <= left <= 270 + 1e-6 for left in lefts)
    assert all(b - a >= 30 - 1e-6 for a, b in pairwise(lefts))
