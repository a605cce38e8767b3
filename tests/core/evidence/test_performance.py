"""What is said of false alarms at a threshold was measured there, or follows from a lower mark."""

from __future__ import annotations

from typing import Any

import pytest

from irlnet_core.evidence.performance import describe_performance

CARD: dict[str, Any] = {
    "calibration": {"set": "my clean ones"},
    "operating_points": [
        {"threshold": 0.8, "alarms": 1, "groups": 100, "interval": [0.0003, 0.0545]},
        {"threshold": 0.6, "alarms": 5, "groups": 100, "interval": [0.0164, 0.1128]},
    ],
}


@pytest.mark.parametrize(
    ("threshold", "state", "at", "alarms"),
    [
        (0.6, "measured", 0.6, 5),
        (0.7, "bounded", 0.6, 5),
        (0.8, "measured", 0.8, 1),
        (1.0, "bounded", 0.8, 1),
    ],
)
def test_the_nearest_mark_that_is_not_higher_counts(
    threshold: float, state: str, at: float, alarms: int
) -> None:
    told = describe_performance(CARD, threshold)
    assert (told["state"], told["at"], told["false_alarms"], told["of"]) == (state, at, alarms, 100)
    assert "my clean ones" in told["sentence"]
    assert ("never adds one" in told["sentence"]) == (state == "bounded")


def test_below_every_mark_nothing_is_known() -> None:
    told = describe_performance(CARD, 0.59)
    assert told["state"] == "not measured"
    assert "below every mark" in told["sentence"]


@pytest.mark.parametrize("card", [{}, {"operating_points": None}, {"operating_points": [{"threshold": 0.1}]}])
def test_without_counted_alarms_nothing_is_claimed(card: dict[str, Any]) -> None:
    assert describe_performance(card, 0.5)["state"] == "not measured"
