"""The verdict over a fine-tuned model: better only when shown, worse as soon as something was lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from irlnet_core.training.summary import Row
from irlnet_core.training.verdict import compare_alarms, compare_general, compare_rows, judge

NAN = float("nan")


def row(name: str, f1: float, auc: float = 0.8, variant: str = "as-is") -> Row:
    return Row(
        "held-out", variant, name, "forged", name, 64, 64, 0.1, f1, f1 / 2, NAN, NAN, NAN, auc, 0.1, 0.1, 1
    )


def rows(*scores: float, auc: float = 0.8, variant: str = "as-is") -> list[Row]:
    return [row(f"p{number}", score, auc, variant) for number, score in enumerate(scores)]


def test_a_clear_gain_on_every_picture_is_better() -> None:
    verdict, reasons = judge(compare_rows(rows(0.1, 0.2, 0.15, 0.1), rows(0.5, 0.7, 0.6, 0.4)))

    assert verdict == "better"
    assert "F1 on 4 held-out pairs (as they are): 0.138 → 0.550" in reasons[0]


def test_a_gain_that_chance_explains_is_not_shown() -> None:
    verdict, _ = judge(compare_rows(rows(0.1, 0.5, 0.3, 0.2), rows(0.9, 0.1, 0.35, 0.2)))

    assert verdict == "not shown"


def test_two_pictures_show_nothing_good_but_a_loss_counts() -> None:
    assert judge(compare_rows(rows(0.1, 0.2), rows(0.8, 0.9)))[0] == "not shown"
    assert judge(compare_rows(rows(0.8, 0.9), rows(0.1, 0.2)))[0] == "worse"


def test_a_loss_after_recompression_outweighs_a_gain() -> None:
    base = rows(0.1, 0.1, 0.1) + rows(0.6, 0.5, 0.6, variant="jpeg75")
    new = rows(0.8, 0.8, 0.9) + rows(0.2, 0.2, 0.1, variant="jpeg75")

    verdict, reasons = judge(compare_rows(base, new))

    assert verdict == "worse"
    assert all("JPEG 75" in reason for reason in reasons)


def test_more_false_alarms_or_forgotten_forgeries_are_worse() -> None:
    gain = compare_rows(rows(0.1, 0.2, 0.1), rows(0.8, 0.9, 0.8))
    assert judge([*gain, compare_alarms(20, 1, 2)])[0] == "better"
    assert judge([*gain, compare_alarms(20, 1, 6)])[0] == "worse"
    assert judge([*gain, compare_alarms(20, 1, None)])[0] == "worse"  # no threshold keeps alarms down
    curve = [{"general_auc": 0.9, "best": True}, {"general_auc": 0.7, "best": True}, {"general_auc": 0.95}]
    general = compare_general(curve)
    assert general is not None
    assert judge([*gain, general])[0] == "worse"


def test_what_was_not_measured_has_no_judgement() -> None:
    alarms = compare_alarms(0, 0, None)

    assert alarms.judgement == ""
    assert alarms.as_dict()["new"] is None
    assert compare_general([{"f1": 1.0}]) is None
    assert judge([])[0] == "not shown"


def test_pictures_without_an_auc_count_for_the_other_scores() -> None:
    without = [replace(r, auc=NAN) for r in rows(0.1, 0.2, 0.3)]

    found = {d.measure: d for d in compare_rows(without, rows(0.5, 0.6, 0.7))}

    assert found["AUC"].count == 0
    assert found["F1"].new == pytest.approx(0.6)
