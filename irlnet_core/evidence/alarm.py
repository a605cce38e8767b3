"""How strongly a whole picture responds, told as a threshold: from its *alarm level* on it is quiet.

A picture is an alarm at a threshold when its listed regions (:mod:`irlnet_core.evidence.regions`) add up to
more than 0.5 % of it; a pristine one is then a *false-alarm picture*.

Raising the threshold never turns a quiet picture into an alarm: the mask only shrinks, and every connected
set that is still large enough to be listed lies inside one that was listed before. So both levels below are
exact, and bisection finds them. Connecting the pixels of a large map takes long, so the search begins between
two bounds that are quick to find, and what is too small at one threshold is left out at the higher ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.localization import Localization, find_cut
from irlnet_core.evidence.regions import least_area_of

ALARM_SHARE = 0.005
STEPS = 10_000  # levels are multiples of 1/STEPS

_BLOCK = 4
_OUTSIDE = np.float32(-1)


@dataclass(frozen=True)
class Rank:
    """How a picture stands among clean ones: ``rank`` of ``of`` clean pictures respond at least as strongly.

    0 means that none does; ``level`` is this picture's alarm level. It is a count on one named set, never a
    probability of forgery.
    """

    rank: int
    of: int
    level: float

    @property
    def sentence(self) -> str:
        number = "none" if self.rank == 0 else str(self.rank)
        verb = "respond" if self.rank > 1 else "responds"
        return f"Of {self.of} clean pictures, {number} {verb} at least as strongly."

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sentence": self.sentence}


def listed_share(localization: Localization, threshold: float) -> float:
    """Return the share (0..1) of the picture that its listed regions cover at ``threshold``."""
    mask = localization.mask(threshold)
    least = least_area_of(mask.size)
    if np.count_nonzero(mask) < least:
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int(areas[areas >= least].sum(dtype=np.int64)) / mask.size


def is_alarm(localization: Localization, threshold: float) -> bool:
    """Tell whether the listed regions at ``threshold`` add up to more than 0.5 % of the picture."""
    # Counting pixels is far cheaper than connecting them, and decides most cases.
    return localization.area(threshold) > ALARM_SHARE and listed_share(localization, threshold) > ALARM_SHARE


def alarm_level(localization: Localization) -> float:
    """Return the smallest threshold (a multiple of 0.0001, from 0.0001 on) at which the picture is no alarm.

    1.0 means that it is an alarm at every threshold below 1. At a threshold t it is one exactly if level > t.
    """
    return _first_quiet(localization.probability, ALARM_SHARE)


def silent_level(localization: Localization) -> float:
    """Return the smallest threshold at which the picture has no listed region at all; 1.0 as above."""
    return _first_quiet(localization.probability, 0.0)


def rank_among_clean(localization: Localization, clean_levels: Sequence[float]) -> Rank | None:
    """Return how many clean pictures respond at least as strongly as this one; None without clean levels.

    ``clean_levels`` are the alarm levels of the clean pictures in rising order.
    """
    if not clean_levels:
        return None
    level = alarm_level(localization)
    return Rank(len(clean_levels) - bisect_left(clean_levels, level), len(clean_levels), level)


def _first_quiet(probability: NDArray[np.float32], share: float) -> float:
    """Return the smallest level at which the listed regions cover no more than ``share`` of the map."""
    pixels, least = probability.size, least_area_of(probability.size)

    def is_small(step: int) -> bool:
        count = np.count_nonzero(probability >= find_cut(step / STEPS))
        return bool(count < least or count / pixels <= share)

    quiet = _first_step(is_small, STEPS)  # all regions together are never more than all pixels
    blocks = _minimum_of_blocks(probability)

    def is_open(step: int) -> bool:
        areas = _areas(_connect(blocks, step)) * _BLOCK**2
        return int(areas[areas >= least].sum()) / pixels <= share

    loud = _first_step(is_open, quiet) - 1  # blocks that connect lie in pixels that connect
    parts = _split([probability], loud, least)[1] if loud else [probability]
    while quiet - loud > 1:
        step = (loud + quiet) // 2
        listed, smaller = _split(parts, step, least)
        if listed / pixels > share:
            loud, parts = step, smaller
        else:
            quiet = step
    return quiet / STEPS


def _first_step(is_quiet: Callable[[int], bool], end: int) -> int:
    """Return the first step from 1 on that is quiet, ``end`` if none before it is."""
    return bisect_left(range(1, end), 1, key=lambda step: int(is_quiet(step))) + 1


def _minimum_of_blocks(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the least response of each whole 4 x 4 block."""
    height, width = (side - side % _BLOCK for side in probability.shape)
    whole = probability[:height, :width]
    rows = np.minimum.reduce([whole[offset::_BLOCK] for offset in range(_BLOCK)])
    least: NDArray[np.float32] = np.minimum.reduce([rows[:, offset::_BLOCK] for offset in range(_BLOCK)])
    return least


def _split(
    parts: Sequence[NDArray[np.float32]], step: int, least: int
) -> tuple[int, list[NDArray[np.float32]]]:
    """Return how many pixels are listed in ``parts`` at ``step``, and one smaller part for each region."""
    listed, smaller = 0, []
    for part in parts:
        labels, stats = _connect(part, step)
        for number in np.flatnonzero(_areas((labels, stats)) >= least) + 1:
            x, y, width, height, area = (int(value) for value in stats[number])
            box = slice(y, y + height), slice(x, x + width)
            smaller.append(np.where(labels[box] == number, part[box], _OUTSIDE))
            listed += area
    return listed, smaller


def _connect(part: NDArray[np.float32], step: int) -> tuple[NDArray[Any], NDArray[Any]]:
    mask = part >= find_cut(step / STEPS)
    if not mask.any():  # also where there is no whole block
        return np.zeros(part.shape, np.int32), np.zeros((1, 5), np.int32)
    return cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)[1:3]


def _areas(connected: tuple[NDArray[Any], NDArray[Any]]) -> NDArray[np.int64]:
    areas: NDArray[np.int64] = connected[1][1:, cv2.CC_STAT_AREA].astype(np.int64)
    return areas
