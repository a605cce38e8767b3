from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.pyramid import (
    Pyramid,
    blank_map,
    build_map,
    build_picture,
    refresh_map,
)
from irlnet_core.evidence.overlay import response_levels
from irlnet_core.progress import finish

SEEDS = st.integers(0, 2**32 - 1)


def responses(seed: int, width: int, height: int) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width), np.float32) ** 3


def equal(a: Pyramid, b: Pyramid) -> bool:
    return all(np.array_equal(x.pixels, y.pixels) for x, y in zip(a.levels, b.levels, strict=True))


@given(seed=SEEDS, width=st.integers(1, 1100), height=st.integers(1, 40), cut=st.integers(0, 255))
def test_at_every_size_a_pixel_is_in_the_mask_exactly_if_one_that_it_covers_is(
    seed: int, width: int, height: int, cut: int
) -> None:
    pyramid = finish(build_map(responses(seed, width, height)))

    for fine, coarse in zip(pyramid.levels, pyramid.levels[1:], strict=False):
        padded = np.zeros([2 * n for n in coarse.pixels.shape], bool)
        padded[: fine.pixels.shape[0], : fine.pixels.shape[1]] = fine.pixels >= cut
        rows, columns = coarse.pixels.shape
        covered = padded.reshape(rows, 2, columns, 2).any(axis=(1, 3))
        assert np.array_equal(coarse.pixels >= cut, covered if cut else np.ones_like(covered))


def test_the_finest_size_holds_the_indices_of_the_report() -> None:
    probability = responses(3, 700, 300)

    pyramid = finish(build_map(probability))

    assert np.array_equal(pyramid.levels[0].pixels, response_levels(probability))


@given(seed=SEEDS, width=st.integers(257, 700), height=st.integers(1, 90), tile=st.integers(30, 300))
def test_a_map_filled_tile_by_tile_equals_the_map_built_at_once(
    seed: int, width: int, height: int, tile: int
) -> None:
    probability = responses(seed, width, height)
    growing = blank_map(width, height)

    for y in range(0, height, tile):
        for x in range(0, width, tile):
            refresh_map(growing, probability, (x, y, tile, tile))

    assert equal(growing, finish(build_map(probability)))


def test_a_place_outside_the_picture_changes_nothing() -> None:
    growing = blank_map(300, 20)

    refresh_map(growing, np.ones((20, 300), np.float32), (400, 5, 10, 10))

    assert not growing.levels[0].pixels.any()


@given(width=st.integers(1, 1500), height=st.integers(1, 300), scale=st.floats(0.001, 32))
def test_the_chosen_size_is_the_coarsest_that_is_fine_enough(width: int, height: int, scale: float) -> None:
    pyramid = finish(build_picture(np.zeros((height, width, 3), np.uint8)))

    level = pyramid.level_for(scale)

    coarser = [other.step_x for other in pyramid.levels if other.step_x > level.step_x]
    assert level.step_x * scale <= 1 + 1e-9 or level is pyramid.levels[0]
    assert not coarser or min(coarser) * scale > 1


def test_the_full_size_is_the_picture_itself_and_the_copies_add_a_third_at_most() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)

    pyramid = finish(build_picture(pixels))

    assert pyramid.levels[0].pixels is pixels
    assert sum(level.pixels.nbytes for level in pyramid.levels[1:]) <= pixels.nbytes / 3


def test_the_smaller_sizes_keep_the_mean() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (512, 1024, 3), dtype=np.uint8)

    pyramid = finish(build_picture(pixels))

    assert abs(pyramid.levels[-1].pixels.mean() - pixels.mean()) < 0.2 * len(pyramid.levels)


def test_the_overview_takes_the_coarsest_size_that_fills_it() -> None:
    pyramid = finish(build_picture(np.zeros((600, 1000, 3), np.uint8)))

    assert pyramid.thumbnail(160).shape[:2] == (150, 250)
    assert pyramid.thumbnail(5000).shape[:2] == (600, 1000)
