from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from irlnet_core.evidence import regions as regions_module
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions, least_area_of


def with_boxes(shape: tuple[int, int], *boxes: tuple[int, int, int, int, float]) -> Localization:
    values = np.zeros(shape, np.float32)
    for x, y, width, height, value in boxes:
        values[y : y + height, x : x + width] = value
    return Localization(values)


def test_a_region_tells_its_place_size_and_response() -> None:
    found = find_regions(with_boxes((100, 200), (10, 20, 30, 10, 0.75)), 0.5)
    (region,) = found.listed
    assert (region.id, region.x, region.y, region.width, region.height) == (1, 10, 20, 30, 10)
    assert (region.area, region.area_fraction) == (300, 300 / 20000)
    assert (region.mean_response, region.max_response) == (0.75, 0.75)
    assert (region.centroid_x, region.centroid_y) == (24.5, 24.5)
    assert found.area_fraction == 300 / 20000


def test_pixels_that_touch_at_a_corner_belong_together() -> None:
    found = find_regions(with_boxes((40, 40), (0, 0, 8, 8, 1), (8, 8, 8, 8, 1)), 0.5)
    assert [region.area for region in found.listed] == [128]


def test_regions_come_by_area_and_then_by_place() -> None:
    boxes = [(40, 40, 10, 10, 0.9), (0, 40, 10, 10, 0.9), (20, 0, 10, 10, 0.9), (60, 0, 20, 20, 0.6)]
    found = find_regions(with_boxes((100, 100), *boxes), 0.5)
    assert [(region.id, region.x, region.y) for region in found.listed] == [
        (1, 60, 0),
        (2, 20, 0),
        (3, 0, 40),
        (4, 40, 40),
    ]


def test_the_smallest_listed_region_has_64_pixels_or_a_5000th_of_the_picture() -> None:
    assert [least_area_of(n) for n in (1, 320_000, 320_001, 5_000_000, 5_000_001)] == [64, 64, 65, 1000, 1001]
    found = find_regions(with_boxes((100, 100), (0, 0, 8, 8, 1), (20, 0, 9, 7, 1), (50, 50, 1, 1, 1)), 0.5)
    assert [region.area for region in found.listed] == [64]
    assert (found.small_count, found.small_pixels) == (2, 64)
    assert "at least 64 pixels" in found.rule


def test_an_empty_and_a_full_mask_are_no_special_case() -> None:
    empty = find_regions(with_boxes((50, 50)), 0.5)
    assert (empty.count, empty.area_fraction, empty.small_count) == (0, 0, 0)
    full = find_regions(with_boxes((50, 50)), 0)
    assert [region.area for region in full.listed] == [2500]
    assert full.listed[0].mean_response == 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), threshold=st.floats(0.3, 0.8), coarse=st.integers(3, 12))
def test_regions_agree_with_another_labelling(seed: int, threshold: float, coarse: int) -> None:
    values = np.random.default_rng(seed).random((coarse, coarse), dtype=np.float32).repeat(9, 0).repeat(7, 1)
    localization = Localization(values)
    mask = localization.mask(threshold)
    found = find_regions(localization, threshold)
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    areas = np.bincount(labels.ravel())[1:]
    assert sorted(r.area for r in found.listed) == sorted(areas[areas >= found.least_area].tolist())
    assert found.count + found.small_count == count
    assert sum(r.area for r in found.listed) + found.small_pixels == mask.sum()
    assert found.area_fraction == mask.mean()
    for region in found.listed:
        inside = labels == _label_of(labels, region)
        rows, columns = np.nonzero(inside)
        assert (int(columns.min()), int(rows.min())) == (region.x, region.y)
        assert (int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1) == (region.width, region.height)
        assert region.mean_response == pytest.approx(values[inside].mean(dtype=np.float64))
        assert region.max_response == values[inside].max()
        assert (region.centroid_x, region.centroid_y) == pytest.approx((columns.mean(), rows.mean()))


def test_responses_do_not_depend_on_the_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random((60, 40), dtype=np.float32)
    whole = find_regions(Localization(values), 0.4)
    monkeypatch.setattr(regions_module, "_STRIP_PIXELS", 40 * 7)
    parts = find_regions(Localization(values), 0.4)
    assert [r.max_response for r in whole.listed] == [r.max_response for r in parts.listed]
    np.testing.assert_allclose(
        [r.mean_response for r in whole.listed], [r.mean_response for r in parts.listed]
    )


def _label_of(labels: NDArray[Any], region: regions_module.Region) -> int:
    row = labels[region.y, region.x : region.x + region.width]
    box = labels[region.y : region.y + region.height, region.x : region.x + region.width]
    candidates = [int(k) for k in np.unique(row[row > 0])]
    return next(k for k in candidates if (box == k).sum() == region.area == (labels == k).sum())
