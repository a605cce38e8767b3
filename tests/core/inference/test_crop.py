"""What is computed for a selected area covers it, keeps the JPEG grid and never leaves the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area
from irlnet_core.inference.crop import plan_crop

sides = st.integers(1, 300)


@given(height=sides, width=sides, data=st.data())
def test_the_computed_part_covers_the_area_with_context_and_is_a_tile_at_least(
    height: int, width: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    area = Area(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    crop = plan_crop(height, width, 64, 16, area)
    computed = crop.computed
    assert crop.kept == area
    assert 0 <= computed.x <= max(0, area.x - 4)
    assert 0 <= computed.y <= max(0, area.y - 4)
    assert min(width, area.x1 + 4) <= computed.x1 <= width
    assert min(height, area.y1 + 4) <= computed.y1 <= height
    assert computed.x % 8 == computed.y % 8 == 0
    assert computed.width >= min(64, width)
    assert computed.height >= min(64, height)
    covered = np.zeros((height, width), bool)
    for tile in crop.tiles():
        place = crop.place(tile)
        covered[place.slices] = True
    assert covered[area.slices].all()


def test_without_an_area_the_whole_picture_is_computed() -> None:
    crop = plan_crop(100, 150, 64, 16)
    assert crop.kept == crop.computed == Area(0, 0, 150, 100)
    assert crop.whole


def test_an_area_is_cut_to_the_picture_and_refused_outside_of_it() -> None:
    assert plan_crop(100, 100, 64, 16, Area(-20, 90, 40, 40)).kept == Area(0, 90, 20, 10)
    with pytest.raises(ConfigError, match="outside the picture"):
        plan_crop(100, 100, 64, 16, Area(100, 0, 10, 10))


def test_the_tiles_nearest_to_a_point_of_the_picture_come_first() -> None:
    crop = plan_crop(400, 400, 64, 16, Area(200, 200, 150, 150))
    first = crop.place(crop.tiles((349, 349))[0])
    assert (first.x1, first.y1) == (350, 350)
