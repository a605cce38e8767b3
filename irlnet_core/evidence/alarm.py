"""How strongly a whole picture responds, told as a threshold: from its *alarm level* on it is quiet.

A picture is an alarm at a threshold when its listed regions (:mod:`irlnet_core.evidence.regions`) add up to
more than 0.5 % of it; a pristine one is then a *false-alarm picture*.

Raising the threshold never turns a quiet picture into an alarm: the mask only shrinks, and every connected
set that is still large enough to be listed lies inside one that was listed before. So both levels below are
exact, and bisection finds them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import least_area_of

ALARM_SHARE = 0.005
STEPS = 10_000  # levels are multiples of 1/STEPS


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
    return _first_quiet(lambda threshold: not is_alarm(localization, threshold))


def silent_level(localization: Localization) -> float:
    """Return the smallest threshold at which the picture has no listed region at all; 1.0 as above."""
    return _first_quiet(lambda threshold: listed_share(localization, threshold) == 0)


def rank_among_clean(localization: Localization, clean_levels: Sequence[float]) -> Rank | None:
    """Return how many clean pictures respond at least as strongly as this one; None without clean levels.

    ``clean_levels`` are the alarm levels of the clean pictures in rising order.
    """
    if not clean_levels:
        return None
    level = alarm_level(localization)
    return Rank(len(clean_levels) - bisect_left(clean_levels, level), len(clean_levels), level)


def _first_quiet(is_quiet: Callable[[float], bool]) -> float:
    position = bisect_right(range(1, STEPS), 0, key=lambda step: int(is_quiet(step / STEPS)))
    return (position + 1) / STEPS
