from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.camera import Camera
from irlgui.views.picture.pyramid import build_map, build_picture, flat_picture, preview_picture
from irlgui.views.picture.sampling import sample_map, sample_mask, sample_picture
from irlgui.views.picture.tone import Tone
from irlgui.views.picture.turn import Turn
from irlnet_core.progress import finish

FLAGS = st.integers(1, 8)
PACK = Tone().pack


def noise(width: int, height: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def unpack(packed: np.ndarray) -> np.ndarray:
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)


def camera_of(turn: Turn, view: tuple[int, int]) -> Camera:
    return Camera(*turn.shown_size, *view)


@given(flag=FLAGS, x=st.floats(0, 70), y=st.floats(0, 50))
def test_at_100_percent_each_device_pixel_is_one_stored_pixel(flag: int, x: float, y: float) -> None:
    pixels = noise(61, 47)
    turn = Turn(61, 47, flag)
    camera = camera_of(turn, (20, 16)).at(x, y, 1.0)

    shown = unpack(sample_picture(flat_picture(pixels), turn, camera, PACK))

    left, top = round(camera.left), round(camera.top)
    assert np.array_equal(shown, turn.apply(pixels)[top : top + 16, left : left + 20])


@given(flag=FLAGS, scale=st.floats(1.01, 32), x=st.floats(0, 40), y=st.floats(0, 40))
def test_enlarged_every_device_pixel_shows_the_picture_pixel_under_its_middle(
    flag: int, scale: float, x: float, y: float
) -> None:
    pixels = noise(37, 29)
    turn = Turn(37, 29, flag)
    camera = camera_of(turn, (50, 40)).at(x, y, scale)

    shown = unpack(sample_picture(flat_picture(pixels), turn, camera, PACK))

    upright = turn.apply(pixels)
    x0, y0, x1, y1 = camera.window()
    for py in range(y0, y1, 7):
        for px in range(x0, x1, 7):
            column, row = camera.to_picture(px + 0.5, py + 0.5)
            expected = upright[
                min(int(row + 1e-7), len(upright) - 1), min(int(column + 1e-7), upright.shape[1] - 1)
            ]
            assert np.array_equal(shown[py - y0, px - x0], expected)


@given(flag=FLAGS, scale=st.floats(0.05, 0.99), seed=st.integers(0, 999))
def test_made_smaller_no_response_vanishes_and_none_is_invented(flag: int, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability = np.zeros((301, 523), np.float32)
    probability[rng.integers(0, 301, 3), rng.integers(0, 523, 3)] = 1
    turn = Turn(523, 301, flag)
    camera = camera_of(turn, (60, 50)).at(523 * rng.random(), 523 * rng.random(), scale)

    shown = sample_map(finish(build_map(probability)), turn, camera)

    x0, y0, _, _ = camera.window()
    marked = np.argwhere(shown == 255) + np.array((y0, x0))
    places = [turn.to_shown(x + 0.5, y + 0.5) for y, x in np.argwhere(probability)]
    reach = 1.5 + 2 * scale
    for place in places:
        px, py = camera.to_view(*place)
        if 2 < px < camera.view_width - 2 and 2 < py < camera.view_height - 2:
            assert (np.abs(marked - (py - 0.5, px - 0.5)).max(axis=1) <= reach).any()
    for row, column in marked:
        near = [camera.to_view(*place) for place in places]
        assert min(max(abs(x - column - 0.5), abs(y - row - 0.5)) for x, y in near) <= reach


@given(flag=FLAGS, x=st.floats(0, 60), y=st.floats(0, 60), scale=st.sampled_from([1.0, 2.0, 5.0]))
def test_from_100_percent_on_the_mask_is_the_reports_mask(
    flag: int, x: float, y: float, scale: float
) -> None:
    probability = np.random.default_rng(4).random((50, 64), np.float32)
    turn, cut = Turn(64, 50, flag), np.float32(0.6)
    camera = camera_of(turn, (30, 20)).at(x, y, scale)

    shown = sample_mask(probability, cut, turn, camera)

    exact = turn.apply(probability >= cut)
    x0, y0, x1, y1 = camera.window()
    columns = np.floor(camera.left + (np.arange(x0, x1) + 0.5) / scale).astype(int)
    rows = np.floor(camera.top + (np.arange(y0, y1) + 0.5) / scale).astype(int)
    assert np.array_equal(shown.astype(bool), exact[np.ix_(rows, columns)])


@pytest.mark.parametrize("flag", range(1, 9))
def test_made_smaller_a_picture_lies_where_its_preview_and_its_thinned_pixels_lie(flag: int) -> None:
    rows, columns = np.mgrid[0:303, 0:401]
    pixels = np.stack([columns * 0.6, rows * 0.8, rows * 0], axis=-1).astype(np.uint8)
    turn = Turn(401, 303, flag)
    camera = camera_of(turn, (90, 80)).at(180, 140, 0.22)
    small = finish(build_picture(pixels[2::5, 2::5])).levels[0].pixels

    smooth, thinned, preview = (
        unpack(sample_picture(pyramid, turn, camera, PACK)).astype(int)
        for pyramid in (finish(build_picture(pixels)), flat_picture(pixels), preview_picture(small, 401, 303))
    )

    inner = np.s_[2:-2, 2:-2]
    assert np.abs(smooth - thinned)[inner].max() <= 4
    assert np.abs(smooth - preview)[inner].max() <= 4
