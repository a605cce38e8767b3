"""The tile plan covers the picture, and blending adds nothing and loses nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError
from irlnet_core.inference.tiling import TileBlender, TilePlan, cut_tiles, plan_tiles


@st.composite
def plans(draw: st.DrawFn) -> TilePlan:
    tile = draw(st.integers(1, 48))
    overlap = draw(st.integers(0, tile - 1))
    margin = draw(st.one_of(st.none(), st.integers(0, overlap // 2)))
    return plan_tiles(draw(st.integers(1, 130)), draw(st.integers(1, 130)), tile, overlap, margin)


@given(plans())
@settings(max_examples=150, deadline=None)
def test_the_weights_of_all_tiles_sum_to_one_at_every_pixel(plan: TilePlan) -> None:
    total = np.zeros((plan.height, plan.width))
    for tile in plan.tiles():
        total[tile.y0 : tile.y1, tile.x0 : tile.x1] += plan.weight(tile)
    assert np.abs(total - 1).max() <= 1e-6


@given(plans(), st.floats(0, 1, width=32))
@settings(max_examples=80, deadline=None)
def test_a_constant_map_stays_constant(plan: TilePlan, level: float) -> None:
    blender = TileBlender(plan)
    for tile in plan.tiles():
        blender.add(tile, np.full((plan.tile, plan.tile), level, dtype=np.float32))
    assert np.abs(blender.finish() - level).max() <= 1e-6


@given(plans())
@settings(max_examples=80, deadline=None)
def test_tiles_lie_inside_the_picture_and_neighbours_overlap_as_asked(plan: TilePlan) -> None:
    for length, starts in ((plan.height, plan.ys), (plan.width, plan.xs)):
        assert starts[0] == 0
        assert max(length, plan.tile) == starts[-1] + plan.tile
        assert all(0 < b - a <= plan.tile - plan.overlap for a, b in pairwise(starts))


@given(plans(), st.integers(0, 129), st.integers(0, 129))
@settings(max_examples=60, deadline=None)
def test_every_order_holds_all_tiles_and_begins_nearest_to_the_point(plan: TilePlan, y: int, x: int) -> None:
    ordered = plan.tiles(start=(y, x))
    distances = [((t.y0 + t.y1) / 2 - y) ** 2 + ((t.x0 + t.x1) / 2 - x) ** 2 for t in ordered]
    assert set(ordered) == set(plan.tiles())
    assert len(ordered) == len(plan)
    assert distances == sorted(distances)


def test_all_tiles_but_the_last_start_on_the_jpeg_grid() -> None:
    plan = plan_tiles(1003, 777, tile=256, overlap=61)
    assert all(start % 8 == 0 for start in plan.ys[:-1] + plan.xs[:-1])
    assert plan.ys[-1] + 256 == 1003
    assert plan.xs[-1] + 256 == 777


def test_a_pixel_in_the_margin_of_an_interior_border_counts_for_nothing() -> None:
    plan = plan_tiles(100, 40, tile=40, overlap=16, margin=5)
    first, second = plan.tiles()[:2]
    assert not plan.weight(first)[-5:].any()
    assert not plan.weight(second)[:5].any()
    assert plan.weight(first)[:24].min() == 1


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (2, 3), (3, 2), (5, 16), (16, 3)])
def test_a_picture_smaller_than_the_tile_is_continued_by_reflection(height: int, width: int) -> None:
    image = np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)
    (tile,) = cut_tiles(image, plan_tiles(height, width, 16, 4).tiles(), 16)
    assert tile.shape == (16, 16, 3)
    assert (tile[:height, :width] == image).all()
    if 1 < height < 16:
        assert (tile[height, :width] == image[height - 2]).all()
    if height == 1:
        assert (tile[1:, :width] == image[0]).all()


def test_tiles_are_cut_where_the_plan_says() -> None:
    image = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    plan = plan_tiles(70, 90, 32, 8)
    batch = cut_tiles(image, plan.tiles(), 32)
    assert len(batch) == len(plan)
    for cut, t in zip(batch, plan.tiles(), strict=True):
        assert (cut == image[t.y0 : t.y1, t.x0 : t.x1]).all()


@pytest.mark.parametrize(
    ("tile", "overlap", "margin"), [(32, 32, None), (32, -1, None), (32, 8, 5), (32, 8, -1), (0, 0, None)]
)
def test_an_impossible_plan_is_refused(tile: int, overlap: int, margin: int | None) -> None:
    with pytest.raises(ConfigError):
        plan_tiles(100, 100, tile, overlap, margin)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ConfigError, match="0x5"):
        plan_tiles(0, 5, 32, 8)
