"""Figures over pictures: means, false-alarm pictures, bootstrap by photograph."""

from __future__ import annotations

import math

import pytest

from irlnet_core.training.summary import Row, bootstrap, summarize

NAN = float("nan")


def row(
    kind: str, group: str, *, f1: float = NAN, listed: float = 0.0, regions: int = 0, name: str = "set"
) -> Row:
    return Row(
        name, "as-is", group, kind, group, 1000, 1000, 0.1, f1, f1, f1, f1, f1, f1, listed, listed, regions
    )


def test_means_are_per_picture_and_false_alarms_are_counted_on_originals_only() -> None:
    rows = [row("forged", "a", f1=0.2, listed=0.3), row("forged", "b", f1=0.8)]
    rows += [row("original", "a", listed=0.006, regions=2), row("original", "b", listed=0.005)]

    (figures,) = summarize(rows)

    assert figures["f1"] == 0.5
    assert (figures["pictures"], figures["originals"], figures["false_alarm_pictures"]) == (2, 2, 1)
    assert figures["false_regions_per_megapixel"] == 1.0


def test_the_interval_draws_whole_photographs() -> None:
    """Twenty copies of one photograph are no evidence; ten photographs are."""
    copies = [row("forged", "a", f1=0.9)] * 20 + [row("forged", g, f1=0.1) for g in "bc"]
    spread = [row("forged", str(i), f1=0.9 if i % 2 else 0.1) for i in range(22)]

    wide, narrow = (bootstrap(rows, lambda r: r.f1) for rows in (copies, spread))

    assert wide is not None
    assert narrow is not None
    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])
    assert bootstrap(copies[:20], lambda r: r.f1) is None


def test_sets_and_variants_stay_apart_and_missing_figures_are_none() -> None:
    tables = summarize([row("forged", "a", f1=0.4, name="x"), row("original", "b", name="y")])

    assert [t["set"] for t in tables] == ["x", "y"]
    assert tables[1]["f1"] is None
    assert tables[0]["false_regions_per_megapixel"] is None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_rows_json_form_has_no_nan(value: float) -> None:
    data = row("forged", "a", f1=value).as_dict() | {"auc": None}

    assert not any(isinstance(v, float) and math.isnan(v) for v in data.values())
    assert row("original", "a").as_dict()["f1"] is None
