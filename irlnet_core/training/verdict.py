"""Is a fine-tuned model better than its base? The rule, and the figures that decide. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Literal

from irlnet_core.training.summary import Row, bootstrap

Verdict = Literal["better", "worse", "not shown"]

MARGIN = 0.02  # a mean difference of F1 or AUC within this is no difference
_ALARMS = 0.10  # share of authentic pictures by which false alarms may rise
_FORGOTTEN = 0.05  # AUC on general forgeries that may be lost
_FALSE_ALARMS = "false alarms"
_NAMES = {"as-is": "as they are", "jpeg90": "JPEG 90", "jpeg75": "JPEG 75"}


@dataclass(frozen=True)
class Difference:
    """New less base on the same pictures: the mean and its 95 % interval over photographs (None: too few)."""

    what: str
    variant: str
    measure: str
    count: int
    base: float | None
    new: float | None
    interval: tuple[float, float] | None = None
    margin: float = MARGIN
    more_is_better: bool = True

    @property
    def judgement(self) -> str:
        """``better`` or ``worse`` when beyond the margin and the interval excludes 0, else ``same``.

        It is empty where one of the two was not measured; but a model that has no threshold, where its base
        has one, is ``worse`` by false alarms. With fewer than three photographs there is no interval: then a
        loss counts, a gain does not.
        """
        if self.base is None or self.new is None:
            return "worse" if self.measure == _FALSE_ALARMS and self.base is not None else ""
        gain = (self.new - self.base) * (1 if self.more_is_better else -1)
        if self.interval is None:
            return "worse" if gain < -self.margin else "same"
        if gain > self.margin and self.interval[0] > 0:
            return "better"
        return "worse" if gain < -self.margin and self.interval[1] < 0 else "same"

    def as_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "variant": self.variant,
            "measure": self.measure,
            "count": self.count,
            "base": _rounded(self.base),
            "new": _rounded(self.new),
            "interval": [round(bound, 4) for bound in self.interval] if self.interval else None,
            "judgement": self.judgement,
        }

    def describe(self) -> str:
        """Say it in one line."""
        span = f", 95 % interval {self.interval[0]:+.3f} to {self.interval[1]:+.3f}" if self.interval else ""
        base, new = ("–" if value is None else f"{value:.3f}" for value in (self.base, self.new))
        measured = "–" if base == new == "–" else f"{base} → {new}"
        number = f"{self.count} " if self.count else ""
        return f"{self.measure} on {number}{self.what} ({self.variant}): {measured}{span}"


def compare_rows(base: Sequence[Row], new: Sequence[Row], what: str = "held-out pairs") -> list[Difference]:
    """Return F1, IoU and AUC of two models on the same pictures and variants, in the same order."""
    found = []
    for variant in dict.fromkeys(row.variant for row in base):
        pairs = [
            (b, n) for b, n in zip(base, new, strict=True) if b.variant == variant and b.kind == "forged"
        ]
        for name, field in (("F1", "f1"), ("IoU", "iou"), ("AUC", "auc")):
            found.append(_difference(pairs, variant, name, field, what))
    return found


def compare_alarms(groups: int, base: int | None, new: int | None) -> Difference:
    """Return the share of authentic pictures with a false alarm at each model's own threshold.

    Their number ``groups`` and the alarms count pictures of one scene as one. ``new`` None: at every
    threshold too many alarm. A threshold that was set on these very pictures leaves no more than its rate of
    them above it: then only the base's share, or None, tells something.
    """
    before, after = (None if count is None or not groups else count / groups for count in (base, new))
    return Difference(
        "clean pictures",
        "as they are",
        _FALSE_ALARMS,
        groups,
        before,
        after,
        margin=_ALARMS,
        more_is_better=False,
    )


def compare_general(curve: Sequence[Mapping[str, Any]]) -> Difference | None:
    """Return the AUC on general forgeries before and after, from a run's curve; None without rehearsal."""
    told = [row for row in curve if "general_auc" in row]
    if not told:
        return None
    kept = [row for row in told if row.get("best")] or told[:1]
    base, new = float(told[0]["general_auc"]), float(kept[-1]["general_auc"])
    return Difference("general forgeries", "as they are", "AUC", 0, base, new, margin=_FORGOTTEN)


def judge(differences: Sequence[Difference]) -> tuple[Verdict, list[str]]:
    """Return the verdict and the lines that decide it.

    *worse*: any figure got worse beyond its margin. *better*: none did, and F1 on the held-out pictures as
    they are got better. Else *not shown*.
    """
    losses = [d.describe() for d in differences if d.judgement == "worse"]
    if losses:
        return "worse", losses
    deciding = [d for d in differences if (d.variant, d.measure) == ("as they are", "F1")]
    gains = [d.describe() for d in deciding if d.judgement == "better"]
    if gains:
        return "better", gains
    told = [d.describe() for d in deciding] or ["There are no pictures to measure on."]
    few = any(d.interval is None for d in deciding)
    return "not shown", [*told, "At least three photographs are needed."] if few else told


def _difference(
    pairs: Sequence[tuple[Row, Row]], variant: str, name: str, field: str, what: str
) -> Difference:
    """Compare one score of the pictures that have it in both (AUC has none where all is a hole)."""
    scores = [(float(getattr(old, field)), float(getattr(new, field)), new) for old, new in pairs]
    scores = [entry for entry in scores if not math.isnan(entry[0] + entry[1])]
    changes = [replace(row, f1=after - before) for before, after, row in scores]
    span = bootstrap(changes, attrgetter("f1"))
    before, after = (_mean([entry[place] for entry in scores]) for place in (0, 1))
    interval = (span[0], span[1]) if span else None
    words = _NAMES.get(variant, variant)
    return Difference(what, words, name, len(scores), before, after, interval)


def _mean(values: Sequence[Any]) -> float | None:
    return sum(values) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
