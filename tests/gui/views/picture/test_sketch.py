from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.sketch import Shape, Sketch, whole_pixels
from irlnet_core.evidence.annotations import make_outline

PLACES = st.tuples(st.floats(-50, 250), st.floats(-50, 250))


def test_a_polygon_closes_at_its_first_corner() -> None:
    sketch = Sketch("polygon", 200, 200, reach=5)
    for place in ((10, 10), (90, 10), (50, 90)):
        assert sketch.press(*place) is None

    assert sketch.press(12, 12) == Shape("polygon", ((10, 10), (90, 10), (50, 90)))
    assert not sketch.started


def test_two_corners_are_no_polygon() -> None:
    sketch = Sketch("polygon", 200, 200)
    sketch.press(10, 10)
    sketch.press(90, 10)

    assert sketch.close() is None


def test_a_rectangle_is_shown_with_four_corners_and_kept_with_two() -> None:
    sketch = Sketch("rectangle", 200, 200)
    sketch.press(50, 60)
    sketch.move(20, 90)

    assert sketch.outline() == [(20, 60), (50, 60), (50, 90), (20, 90)]
    assert sketch.release(20, 90) == Shape("rectangle", ((50, 60), (20, 90)))


def test_a_click_is_no_rectangle_and_no_freehand_line() -> None:
    for kind in ("rectangle", "freehand"):
        sketch = Sketch(kind, 200, 200)  # type: ignore[arg-type]
        sketch.press(50, 60)

        assert sketch.release(50, 60) is None


def test_a_freehand_line_keeps_its_form_with_fewer_points() -> None:
    angles = np.linspace(0, 2 * np.pi, 600)
    sketch = Sketch("freehand", 200, 200, detail=0.5)
    sketch.press(150, 100)
    for angle in angles:
        sketch.move(100 + 50 * np.cos(angle), 100 + 50 * np.sin(angle))

    shape = sketch.release(150, 100)

    assert shape is not None
    assert len(shape.points) < 80
    distances = [np.hypot(x - 100, y - 100) for x, y in shape.points]
    assert distances == pytest.approx([50] * len(distances), abs=0.6)


@given(
    kind=st.sampled_from(["polygon", "rectangle", "freehand"]),
    places=st.lists(PLACES, min_size=1, max_size=20),
)
def test_whatever_is_drawn_lies_in_the_picture_and_makes_an_outline(
    kind: str, places: list[tuple[float, float]]
) -> None:
    sketch = Sketch(kind, 200, 100)  # type: ignore[arg-type]
    shape = sketch.press(*places[0])
    for place in places[1:]:
        shape = shape or (sketch.press(*place) if kind == "polygon" else None)
        sketch.move(*place)
    shape = shape or sketch.release(*places[-1]) or sketch.close()

    if shape is not None:
        assert all(0 <= x <= 200 and 0 <= y <= 100 for x, y in shape.points)
        assert make_outline(shape.kind, shape.points, (200, 100)).points == shape.points


@given(a=PLACES, b=PLACES)
def test_an_area_has_whole_pixels_inside_the_picture(a: tuple[float, float], b: tuple[float, float]) -> None:
    x, y, width, height = whole_pixels(a, b, 200, 100)

    if width and height:
        assert 0 <= x < x + width <= 200
        assert 0 <= y < y + height <= 100
        assert x <= max(0, min(a[0], b[0])) < x + 1
        assert x + width - 1 < min(200, max(a[0], b[0])) <= x + width
