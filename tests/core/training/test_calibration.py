"""Operating points from alarm levels, and exact intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from irlnet_core.errors import DataError
from irlnet_core.evidence.alarm import STEPS
from irlnet_core.training.calibration import clopper_pearson, count_alarms, find_operating_point

LEVELS = st.integers(1, STEPS - 1).map(lambda step: step / STEPS)
GROUPS = st.lists(st.lists(LEVELS, min_size=1, max_size=3), min_size=1, max_size=60).map(
    lambda groups: {str(number): group for number, group in enumerate(groups)}
)


@given(groups=GROUPS, rate=st.sampled_from([0.0, 0.01, 0.05, 0.3]))
def test_the_mark_is_the_smallest_threshold_that_keeps_the_rate(
    groups: dict[str, list[float]], rate: float
) -> None:
    point = find_operating_point(groups, rate)

    assert point is not None
    assert point.alarms == count_alarms(groups, point.threshold) <= rate * len(groups)
    assert point.groups == len(groups)
    lower = point.threshold - 1 / STEPS
    assert lower < 0.5 / STEPS or count_alarms(groups, lower) > rate * len(groups)


@given(groups=GROUPS)
def test_a_stricter_rate_never_lowers_the_threshold(groups: dict[str, list[float]]) -> None:
    strict, loose = (find_operating_point(groups, rate) for rate in (0.01, 0.05))

    assert strict is not None
    assert loose is not None
    assert strict.threshold >= loose.threshold


def test_pictures_of_one_scene_count_once() -> None:
    """Nineteen alarming crops of one scene are one alarm of twenty, not nineteen of thirty-eight."""
    groups = {"burst": [0.9] * 19} | {f"scene {number}": [0.1] for number in range(19)}
    point = find_operating_point(groups, 0.05)

    assert point is not None
    assert (point.threshold, point.alarms, point.groups) == (0.1, 1, 20)


@pytest.mark.parametrize(
    ("groups", "rate", "indicative"), [(99, 0.05, True), (100, 0.05, False), (312, 0.01, True)]
)
def test_fewer_than_five_expected_alarms_are_only_indicative(
    groups: int, rate: float, indicative: bool
) -> None:
    point = find_operating_point({str(number): [0.5] for number in range(groups)}, rate)

    assert point is not None
    assert point.indicative == indicative
    assert ("indicative" in point.describe("a set")) == indicative
    assert f"n={groups}" in point.describe("a set")


def test_saturated_responses_have_no_mark_and_no_pictures_are_an_error() -> None:
    assert find_operating_point({"a": [1.0], "b": [0.2]}, 0.05) is None
    with pytest.raises(DataError, match="No clean picture"):
        find_operating_point({}, 0.05)


@given(n=st.integers(1, 400), share=st.floats(0, 1))
def test_the_exact_interval_is_where_the_counts_just_stop_being_surprising(n: int, share: float) -> None:
    k = round(share * n)
    low, high = clopper_pearson(k, n)

    assert 0 <= low <= k / n <= high <= 1
    assert low == 0 if k == 0 else stats.binom.sf(k - 1, n, low) == pytest.approx(0.025)
    assert high == 1 if k == n else stats.binom.cdf(k, n, high) == pytest.approx(0.025)


def test_no_alarm_among_312_allows_up_to_1_2_percent() -> None:
    assert clopper_pearson(0, 312) == pytest.approx((0, 0.011754), abs=1e-5)
