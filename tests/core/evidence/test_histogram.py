"""The histogram tells for every threshold what the mask itself would tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError
from irlnet_core.evidence import histogram
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.localization import Localization


def make_map(seed: int = 0, analysed: Area | None = None) -> Localization:
    probability = np.random.default_rng(seed).beta(0.3, 2, (40, 57)).astype(np.float32)
    if analysed:
        rest = np.ones(probability.shape, bool)
        rest[analysed.slices] = False
        probability[rest] = 0
    return Localization(probability, analysed)


@given(threshold=st.floats(0, 1), seed=st.integers(0, 5))
def test_the_area_is_that_of_the_mask_at_every_threshold(threshold: float, seed: int) -> None:
    found = make_map(seed)
    assert ResponseHistogram(found).pixels(threshold) == np.count_nonzero(found.mask(threshold))
    assert ResponseHistogram(found).area(threshold) == found.area(threshold)


def test_pixels_that_were_not_analysed_are_neither_counted_nor_in_the_mask() -> None:
    found = make_map(analysed=Area(10, 5, 20, 10))
    counted = ResponseHistogram(found)
    assert counted.pixels(0) == np.count_nonzero(found.mask(0)) == 200
    assert counted.bars(10).sum() == 200
    assert counted.area(0) == 200 / found.probability.size


def test_bars_add_up_and_the_highest_log_bar_is_one() -> None:
    counted = ResponseHistogram(make_map())
    assert counted.bars(64).sum() == 40 * 57
    assert counted.bars(1).tolist() == [40 * 57]
    bars = counted.log_bars(64)
    assert (bars.min(), bars.max()) == (0, 1)
    assert (np.argsort(bars, kind="stable") == np.argsort(counted.bars(64), kind="stable")).all()


def test_extremes_fall_into_the_first_and_the_last_bar() -> None:
    counted = ResponseHistogram(Localization(np.array([[0, 0, 1]], np.float32)))
    assert counted.bars(4).tolist() == [2, 0, 0, 1]
    assert counted.pixels(1) == 1


def test_a_map_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = make_map()
    ResponseHistogram(found)
    monkeypatch.setattr(histogram, "_count", None)
    assert ResponseHistogram(found).pixels(0) == 40 * 57


def test_a_threshold_beyond_the_scale_is_refused() -> None:
    with pytest.raises(ConfigError):
        ResponseHistogram(make_map()).area(1.01)
