from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.evidence.localization import Localization, cutoff16, find_cut

maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(0, 1, width=32)
)
thresholds = st.one_of(
    st.floats(0, 1),
    st.integers(0, 65535).map(lambda k: k / 65535),
    st.integers(0, 65534).map(lambda k: (k + 0.5) / 65535),
)


@settings(max_examples=200, deadline=None)
@given(values=maps, threshold=thresholds)
def test_the_mask_is_what_anyone_computes_from_the_16_bit_map(values: NDArray[Any], threshold: float) -> None:
    localization = Localization(values)
    expected = localization.probability16() >= math.ceil(threshold * 65535)
    np.testing.assert_array_equal(localization.mask(threshold), expected)
    assert localization.area(threshold) == expected.mean()


def test_the_mask_is_exact_beside_every_step_of_the_16_bit_scale() -> None:
    middles = ((np.arange(65535) + 0.5) / 65535).astype(np.float32)
    near = [middles]
    for towards in (0, 1):
        near += [np.nextafter(middles, np.float32(towards))]
    localization = Localization(np.stack(near))
    stored = localization.probability16()
    for cutoff in range(1, 65536, 997):
        threshold = (cutoff - 0.25) / 65535
        np.testing.assert_array_equal(localization.mask(threshold), stored >= cutoff)


@given(threshold=thresholds)
def test_the_cut_is_the_smallest_response_in_the_mask(threshold: float) -> None:
    cut = find_cut(threshold)
    pair = Localization(np.array([[np.nextafter(cut, np.float32(0)) if cut > 0 else 0, cut]], np.float32))
    below, at = pair.probability16()[0]
    assert at >= cutoff16(threshold)
    assert cut == 0 or below < cutoff16(threshold)


def test_every_16_bit_value_survives_the_way_to_float_and_back() -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(Localization.from_probability16(values).probability16(), values)


def test_zero_marks_everything_and_one_only_what_is_full() -> None:
    localization = Localization(np.array([[0, 0.5, 1]], np.float32))
    assert localization.mask(0).tolist() == [[True, True, True]]
    assert localization.mask(1).tolist() == [[False, False, True]]


def test_the_map_is_read_only() -> None:
    localization = Localization(np.zeros((2, 2), np.float32))
    with pytest.raises(ValueError, match="read-only"):
        localization.probability[0, 0] = 1


@pytest.mark.parametrize("bad", [np.nan, -0.01, 1.01, np.inf])
def test_a_map_that_is_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(ModelError, match="instead of 0 to 1"):
        Localization(np.array([[0.5, bad]], np.float32))


def test_a_map_of_another_type_is_refused() -> None:
    with pytest.raises(ModelError, match="float32"):
        Localization(np.zeros((2, 2)))  # type: ignore[arg-type]


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan])
def test_an_impossible_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Localization(np.zeros((2, 2), np.float32)).mask(threshold)
