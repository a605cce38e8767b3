"""From rows of single pictures to the figures that are told: means, intervals, false alarms. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from irlnet_core.evidence.alarm import ALARM_SHARE
from irlnet_core.training.calibration import clopper_pearson

_DRAWS = 2000


@dataclass(frozen=True)
class Row:
    """One picture's scores. ``kind`` is "forged" or "original"; ``group`` is the photograph behind it.

    ``area`` is the share of the picture above the threshold, ``listed`` the share in regions, ``regions``
    their number; F1, IoU, AUC and the like are NaN for originals. A *false-alarm picture* is an original
    whose regions add up to more than 0.5 % of it; it is one at every threshold below ``level`` (NaN for
    forgeries). ``pixels`` is a short hash of the picture before the variant.
    """

    set_name: str
    variant: str
    name: str
    kind: str
    group: str
    width: int
    height: int
    hole: float
    f1: float
    iou: float
    mean_iou: float
    precision: float
    recall: float
    auc: float
    area: float
    listed: float
    regions: int
    level: float = float("nan")
    pixels: str = ""

    @property
    def false_alarm(self) -> bool:
        return self.kind == "original" and self.listed > ALARM_SHARE

    def as_dict(self) -> dict[str, Any]:
        return {key: None if _is_nan(value) else value for key, value in asdict(self).items()}


def summarize(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return one entry per set and variant, as they appear: means with 95 % intervals, false alarms."""
    parts: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        parts.setdefault((row.set_name, row.variant), []).append(row)
    return [
        {"set": name, "variant": variant} | summarize_part(part) for (name, variant), part in parts.items()
    ]


def pool(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of several sets as one set's: a pristine picture that stands in many counts once."""
    seen: set[tuple[str, str]] = set()
    pooled = []
    for row in rows:
        key = (row.pixels, row.variant)
        if row.kind == "forged" or not row.pixels:
            pooled.append(row)
        elif key not in seen:
            seen.add(key)
            pooled.append(row)
    return pooled


def summarize_part(rows: list[Row]) -> dict[str, Any]:
    """Return figures of rows: mean per picture, bootstrap interval over photographs, false alarms."""
    forged = [row for row in rows if row.kind == "forged"]
    pristine = [row for row in rows if row.kind == "original"]
    figures: dict[str, Any] = {"pictures": len(forged), "photographs": len({row.group for row in forged})}
    for name in ("f1", "iou", "mean_iou", "precision", "recall", "auc"):
        figures[name] = _mean([getattr(row, name) for row in forged])
    for name in ("f1", "auc"):
        figures[f"{name}_interval"] = bootstrap(forged, attrgetter(name))
    figures["originals"] = len(pristine)
    figures["false_alarm_pictures"] = sum(row.false_alarm for row in pristine)
    figures["false_alarm_interval"] = _share_interval(pristine)
    figures["false_alarm_area"] = _mean([row.area for row in pristine])
    megapixels = sum(row.width * row.height for row in pristine) / 1e6
    figures["false_regions_per_megapixel"] = (
        round(sum(row.regions for row in pristine) / megapixels, 3) if megapixels else None
    )
    return figures


def bootstrap(rows: list[Row], value: Callable[[Row], float], seed: int = 0) -> list[float] | None:
    """Return the 95 % bootstrap interval of a mean, drawing whole photographs; None for fewer than 3."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        if not math.isnan(value(row)):
            groups.setdefault(row.group, []).append(value(row))
    if len(groups) < 3:
        return None
    sums = np.array([sum(v) for v in groups.values()])
    counts = np.array([len(v) for v in groups.values()])
    draws = np.random.default_rng(seed).integers(0, len(sums), (_DRAWS, len(sums)))
    means = sums[draws].sum(1) / counts[draws].sum(1)
    return [round(float(bound), 4) for bound in np.quantile(means, (0.025, 0.975))]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _share_interval(pristine: list[Row]) -> list[float] | None:
    """Return the exact 95 % interval of the share of photographs with a false alarm; None without any."""
    groups = {row.group for row in pristine}
    if not groups:
        return None
    alarming = {row.group for row in pristine if row.false_alarm}
    return [round(bound, 4) for bound in clopper_pearson(len(alarming), len(groups))]


def _mean(values: list[float]) -> float | None:
    finite = [value for value in values if not math.isnan(value)]
    return round(float(np.mean(finite)), 4) if finite else None
