"""The level from which a picture is quiet, and its rank among clean ones."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.evidence.alarm import (
    ALARM_SHARE,
    STEPS,
    alarm_level,
    is_alarm,
    listed_share,
    rank_among_clean,
    silent_level,
)
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions


def blobs(seed: int, sigma: float = 4.0, side: int = 96) -> Localization:
    """Return a smooth random map, whose sets of pixels split and merge as the threshold moves."""
    noise = np.random.default_rng(seed).random((side, side), np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), sigma)
    low, high = smooth.min(), smooth.max()
    return Localization(np.ascontiguousarray((smooth - low) / (high - low), np.float32))


def spot(side: int, value: float, size: int = 200) -> Localization:
    probability = np.zeros((size, size), np.float32)
    probability[50 : 50 + side, 50 : 50 + side] = value
    return Localization(probability)


@given(seed=st.integers(0, 10_000), sigma=st.floats(0.5, 12))
def test_the_listed_area_never_grows_with_the_threshold(seed: int, sigma: float) -> None:
    found = blobs(seed, sigma)
    shares = [listed_share(found, step / 64) for step in range(65)]

    assert shares == sorted(shares, reverse=True)


@given(seed=st.integers(0, 10_000), sigma=st.floats(0.5, 12), step=st.integers(1, STEPS - 1))
def test_a_picture_alarms_exactly_below_its_level(seed: int, sigma: float, step: int) -> None:
    found, threshold = blobs(seed, sigma), step / STEPS
    listed = sum(region.area_fraction for region in find_regions(found, threshold).listed)

    assert (alarm_level(found) > threshold) == (listed > ALARM_SHARE) == is_alarm(found, threshold)
    assert (silent_level(found) > threshold) == (find_regions(found, threshold).count > 0)


@given(
    seed=st.integers(0, 10_000),
    sigma=st.floats(0.3, 12),
    sides=st.tuples(st.integers(1, 130), st.integers(1, 130)),
    top=st.sampled_from([0.001, 0.3, 1.0]),
)
def test_the_levels_are_those_of_a_plain_search(
    seed: int, sigma: float, sides: tuple[int, int], top: float
) -> None:
    found = Localization(blobs(seed, sigma, 130).probability[: sides[0], : sides[1]] * np.float32(top))

    levels: list[tuple[float, Callable[[int], bool]]] = [
        (alarm_level(found), lambda step: is_alarm(found, step / STEPS)),
        (silent_level(found), lambda step: listed_share(found, step / STEPS) > 0),
    ]
    for level, is_loud in levels:
        step = round(level * STEPS)
        assert level == step / STEPS
        assert step == STEPS or not is_loud(step)
        assert step == 1 or is_loud(step - 1)


def test_a_region_of_just_over_half_a_percent_alarms_up_to_its_response() -> None:
    assert alarm_level(spot(15, 0.6)) == pytest.approx(0.6001, abs=1.1e-4)  # 225 of 40,000 pixels
    assert alarm_level(spot(14, 0.6)) == 1 / STEPS  # 196 pixels: listed, but no alarm
    assert silent_level(spot(14, 0.6)) == pytest.approx(0.6001, abs=1.1e-4)
    assert silent_level(spot(7, 0.6)) == 1 / STEPS  # 49 pixels are no region


def test_a_saturated_picture_alarms_at_every_threshold_below_one() -> None:
    assert alarm_level(spot(40, 1.0)) == 1.0


@pytest.mark.parametrize(("value", "rank"), [(0.1, 3), (0.35, 2), (0.95, 0)])
def test_the_rank_counts_clean_pictures_that_respond_at_least_as_strongly(value: float, rank: int) -> None:
    found = rank_among_clean(spot(40, value), [0.2, 0.4, 0.9])

    assert found is not None
    assert (found.rank, found.of) == (rank, 3)
    assert f"Of 3 clean pictures, {rank or 'none'} respond" in found.sentence


def test_an_equal_response_counts_and_without_clean_pictures_there_is_no_rank() -> None:
    level = alarm_level(spot(40, 0.5))
    equal = rank_among_clean(spot(40, 0.5), [0.0001, level, level])

    assert equal is not None
    assert equal.rank == 2
    assert rank_among_clean(spot(40, 0.5), []) is None
