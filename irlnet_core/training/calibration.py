"""Operating points: at which threshold do so few clean pictures alarm, and how sure is that? Torch-free.

Pictures of one group (one scene) are not independent, so groups are counted: a group alarms when any of its
pictures does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from irlnet_core.errors import DataError

_LEAST_EXPECTED = 5  # fewer expected false alarms than this make a mark indicative


@dataclass(frozen=True)
class OperatingPoint:
    """The smallest threshold at which at most ``rate`` of the clean groups alarm.

    ``alarms`` of ``groups`` still do; ``interval`` is the exact 95 % interval of their share (0..1).
    """

    rate: float
    threshold: float
    alarms: int
    groups: int

    @property
    def interval(self) -> tuple[float, float]:
        return clopper_pearson(self.alarms, self.groups)

    @property
    def indicative(self) -> bool:
        """Too few groups to hold the mark up: fewer than five false alarms are expected at its rate."""
        return self.groups * self.rate < _LEAST_EXPECTED

    def describe(self, set_name: str) -> str:
        """Say where the mark comes from, as the source of a threshold."""
        label = ", indicative" if self.indicative else ""
        return f"{100 * self.rate:g} % false-alarm pictures on {set_name}, n={self.groups}{label}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "false_alarm_rate": self.rate,
            "threshold": self.threshold,
            **describe_share(self.alarms, self.groups),
            "indicative": self.indicative,
        }


def find_operating_point(
    levels_by_group: Mapping[str, Sequence[float]], rate: float
) -> OperatingPoint | None:
    """Find the mark of ``rate`` (0..1) from the alarm levels of each group's clean pictures.

    A picture alarms below its level (:func:`irlnet_core.evidence.alarm.alarm_level`). None when more than
    ``rate`` of the groups alarm at every threshold below 1. Raises :class:`DataError` without a group.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate {rate} is not in 0 <= rate < 1")
    levels = sorted((max(group) for group in levels_by_group.values() if group), reverse=True)
    if not levels:
        raise DataError("No clean picture was given, so there is no operating point.")
    allowed = math.floor(rate * len(levels) + 1e-9)
    threshold = levels[allowed]
    if threshold >= 1:
        return None
    return OperatingPoint(rate, threshold, count_alarms(levels_by_group, threshold), len(levels))


def count_alarms(levels_by_group: Mapping[str, Sequence[float]], threshold: float) -> int:
    """Return how many groups hold a picture that alarms at ``threshold``."""
    return sum(any(level > threshold for level in group) for group in levels_by_group.values())


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share of which ``k`` of ``n`` were seen (Clopper and Pearson 1934)."""
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"{k} of {n} is no share")
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, k, n - k + 1)) if k else 0.0
    high = float(stats.beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
    return low, high


def describe_share(alarms: int, groups: int) -> dict[str, Any]:
    """Return counts and their exact 95 % interval (rounded) as plain data for a card."""
    interval = [round(bound, 4) for bound in clopper_pearson(alarms, groups)]
    return {"alarms": alarms, "groups": groups, "interval": interval}
