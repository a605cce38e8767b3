from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.camera import LARGEST, Camera

LENGTHS = st.integers(1, 20_000)
VIEWS = st.integers(40, 4000)
CAMERAS = st.builds(Camera, width=LENGTHS, height=LENGTHS, view_width=VIEWS, view_height=VIEWS)
PLACES = st.floats(-100, 30_000)
SCALES = st.floats(1e-4, 100)


@given(camera=CAMERAS, x=PLACES, y=PLACES, scale=SCALES)
def test_a_large_picture_leaves_no_gap_and_a_small_one_is_centred(
    camera: Camera, x: float, y: float, scale: float
) -> None:
    camera = camera.at(x, y, scale)
    x0, y0, x1, y1 = camera.window()

    for start, stop, view, length in (
        (x0, x1, camera.view_width, camera.width),
        (y0, y1, camera.view_height, camera.height),
    ):
        if length * camera.scale >= view:
            assert (start, stop) == (0, view)
        else:
            assert abs(start - (view - stop)) <= 2
            assert stop > start


@given(camera=CAMERAS, x=PLACES, y=PLACES)
def test_at_100_percent_picture_pixels_are_device_pixels(camera: Camera, x: float, y: float) -> None:
    camera = camera.at(x, y, 1.0)

    if camera.scale == 1:
        assert camera.left == int(camera.left)
        assert camera.top == int(camera.top)


@given(camera=CAMERAS, x=PLACES, y=PLACES, scale=SCALES, new=SCALES, px=st.floats(0, 1), py=st.floats(0, 1))
def test_zooming_keeps_the_point_under_the_cursor_unless_an_edge_forbids_it(
    camera: Camera, x: float, y: float, scale: float, new: float, px: float, py: float
) -> None:
    camera = camera.at(x, y, scale)
    at = (px * camera.view_width, py * camera.view_height)
    before = camera.to_picture(*at)

    zoomed = camera.zoomed(new, at)

    after = zoomed.to_picture(*at)
    # One device pixel further in on both sides: no edge can have stopped the view.
    if 1 < zoomed.left * zoomed.scale < zoomed.width * zoomed.scale - zoomed.view_width - 1:
        assert abs(after[0] - before[0]) * zoomed.scale <= (0.51 if zoomed.scale == 1 else 1e-3)
    if 1 < zoomed.top * zoomed.scale < zoomed.height * zoomed.scale - zoomed.view_height - 1:
        assert abs(after[1] - before[1]) * zoomed.scale <= (0.51 if zoomed.scale == 1 else 1e-3)


@given(camera=CAMERAS)
def test_fitting_shows_all_at_full_size_at_most(camera: Camera) -> None:
    fitted = camera.fitted()

    assert fitted.shows_all
    assert fitted.scale <= 1


@given(camera=CAMERAS)
def test_stepping_in_ends_at_3200_percent_and_stepping_out_comes_back_below_the_fit(camera: Camera) -> None:
    camera = camera.fitted()
    seen = [camera.scale]
    for _ in range(40):
        camera = camera.zoomed(camera.step(+1))
        seen.append(camera.scale)

    assert seen == sorted(seen)
    assert camera.scale == LARGEST
    assert 1.0 in seen
    for _ in range(60):
        camera = camera.zoomed(camera.step(-1))
    assert camera.scale <= camera.fit_scale


def test_the_wheel_stops_at_100_percent_once() -> None:
    camera = Camera(4000, 3000, 800, 600).at(2000, 1500, 0.9)

    full = camera.zoomed(camera.wheel(1))

    assert full.scale == 1.0
    assert full.wheel(1) == 1.25
    assert full.wheel(-1) == 0.8


@given(camera=CAMERAS, x=PLACES, y=PLACES, scale=SCALES, dx=st.integers(-500, 500))
def test_pulling_the_picture_moves_it_by_as_many_device_pixels(
    camera: Camera, x: float, y: float, scale: float, dx: int
) -> None:
    camera = camera.at(x, y, scale)

    moved = camera.moved(dx, 0)

    if 1 < moved.left * moved.scale < moved.width * moved.scale - moved.view_width - 1:
        assert (camera.left - moved.left) * camera.scale == pytest.approx(dx, abs=0.51)
    assert moved.scale == camera.scale
