from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from irlnet_core.evidence.legend import describe_result, render_legend, ruler_length
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import Region, Regions, find_regions


def plain(image: NDArray[np.uint8], _probability: NDArray[np.float32]) -> NDArray[np.uint8]:
    return image


def test_the_result_is_told_as_a_response_over_a_threshold(blob_map: Localization) -> None:
    text = describe_result(find_regions(blob_map, 0.5))
    assert text.startswith("Response at or above 0.50: 1 region, ")
    assert text.endswith(" % of the picture (+ 1 too small to list)")
    nothing = find_regions(Localization(np.zeros((9, 9), np.float32)), 0.62)
    assert describe_result(nothing) == "Response at or above 0.62: 0 regions, 0.00 % of the picture"


def test_the_share_told_is_that_of_the_regions_counted(blob_map: Localization) -> None:
    regions = find_regions(blob_map, 0.5)
    assert f" {100 * regions.listed_fraction:.2f} % " in describe_result(regions)
    assert regions.listed_fraction < regions.area_fraction


def test_a_trace_is_not_rounded_to_nothing() -> None:
    trace = Region(1, 3, 3, 2, 2, 4, 1e-6, 0.7, 0.8, 3.5, 3.5)
    assert "under 0.01" in describe_result(Regions(0.5, 64, 1e-6, (trace,), 0, 0))


@pytest.mark.parametrize(("width", "length"), [(40, 5), (1000, 200), (6016, 1000), (4, 1), (999, 100)])
def test_the_ruler_has_a_round_length_of_at_most_a_fifth(width: int, length: int) -> None:
    assert ruler_length(width) == length


def test_the_ruler_is_as_long_as_it_says(blob_map: Localization) -> None:
    strip = render_legend(find_regions(blob_map, 0.5), "outline", plain, 1000)
    bright = (strip[:, 600:] == 240).all(axis=2)
    assert bright.sum(axis=1).max() == 200


def test_long_captions_are_broken_and_not_cut(blob_map: Localization) -> None:
    regions = find_regions(blob_map, 0.5)
    short = render_legend(regions, "heat", plain, 500, ["one line"])
    long = render_legend(regions, "heat", plain, 500, ["word " * 60, "x" * 200])
    assert long.shape[0] > short.shape[0] + 50
    assert (long[:, -4:] == 40).all()
