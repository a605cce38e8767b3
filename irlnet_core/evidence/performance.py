"""What is known of a model at a threshold: its false alarms on the named set it was calibrated on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def describe_performance(card: Mapping[str, Any], threshold: float) -> dict[str, Any]:
    """Return the false alarms at ``threshold``, from the measured marks on a model's ``card``.

    ``state`` is "measured" at a mark itself, "bounded" above one (raising a threshold never adds an alarm, so
    there are at most as many), and else "not measured". ``interval`` is the mark's exact 95 % interval, 0..1.
    """
    point = _mark_at_or_below(card, threshold)
    if point is None:
        return {"state": "not measured", "sentence": _not_measured(card, threshold)}
    measured = point["threshold"] == threshold
    name = str(dict(card.get("calibration") or {}).get("set", ""))
    return {
        "state": "measured" if measured else "bounded",
        "at": point["threshold"],
        "false_alarms": point["alarms"],
        "of": point["groups"],
        "interval": list(point["interval"]),
        "set": name,
        "sentence": _sentence(point, threshold, name, measured),
    }


def _mark_at_or_below(card: Mapping[str, Any], threshold: float) -> Mapping[str, Any] | None:
    needed = {"threshold", "alarms", "groups", "interval"}
    marks = [mark for mark in card.get("operating_points") or () if needed <= set(mark)]
    below = [mark for mark in marks if mark["threshold"] <= threshold]
    return max(below, key=lambda mark: float(mark["threshold"]), default=None)


def _sentence(mark: Mapping[str, Any], threshold: float, name: str, measured: bool) -> str:
    low, high = mark["interval"]
    span = f"{mark['alarms']} of {mark['groups']} clean pictures or scenes of {name or 'an unnamed set'}"
    share = f"exact 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    if measured:
        return f"At the threshold {threshold:.4g}, {span} raised a false alarm ({share})."
    return (
        f"At the threshold {threshold:.4g} false alarms were not counted; at the lower mark "
        f"{mark['threshold']:.4g}, {span} raised one ({share}), and a higher threshold never adds one."
    )


def _not_measured(card: Mapping[str, Any], threshold: float) -> str:
    if card.get("operating_points"):
        return f"The threshold {threshold:.4g} lies below every mark at which false alarms were counted."
    return "False alarms of this model were not counted on a named set."
