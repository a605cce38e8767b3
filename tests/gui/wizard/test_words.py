"""What the pages say of time, memory and comparisons."""

from __future__ import annotations

from pathlib import Path

import pytest

from irlgui.wizard.compare_words import (
    ComparedRow,
    format_difference,
    format_value,
    read_maps,
    read_rows,
    verdict_of,
)
from irlgui.wizard.settings_words import describe_estimate, describe_memory, warn_of_memory
from irlnet_core.training.finetune_policy import FinetunePolicy

TIMED = {"seconds_per_step": 0.5, "seconds_per_validation": 10, "peak_memory_bytes": 8e9, "device": "CPU"}


def test_an_estimate_is_limited_by_the_minutes_or_by_the_steps() -> None:
    policy = FinetunePolicy(minutes=10, steps=4000, validate_every=100, batch=8, rehearsal=0.5)

    told = describe_estimate(TIMED, policy, pictures=20)
    assert "At most about 10 minutes: 1,000 steps and 11 validations." in told
    assert "Each of your 20 pictures is looked at about 200 times." in told
    assert "about 1.3 minutes: 100 steps" in describe_estimate(
        TIMED, FinetunePolicy(minutes=10, steps=100), 0
    )


def test_a_step_that_takes_most_of_the_memory_is_warned_of_but_not_on_a_card() -> None:
    assert warn_of_memory(TIMED, 10_000_000_000)
    assert not warn_of_memory(TIMED, 20_000_000_000)
    assert not warn_of_memory(TIMED, None)
    assert not warn_of_memory({**TIMED, "device": "cuda:0"}, 10_000_000_000)
    assert describe_memory(TIMED, 10_000_000_000) == "Memory: 8.0 GB of 10.0 GB."
    assert "not be measured" in describe_memory({**TIMED, "peak_memory_bytes": 0}, None)


@pytest.mark.parametrize(
    ("measure", "base", "new", "verdict"),
    [
        ("F1", 0.5, 0.6, "better"),
        ("F1", 0.6, 0.5, "worse"),
        ("false alarms", 0.6, 0.5, "better"),
        ("false alarms", 0.5, 0.6, "worse"),
        ("F1", 0.5, None, ""),
        ("F1", 0.5, 0.5001, ""),
    ],
)
def test_fewer_false_alarms_are_better_and_more_of_all_else(
    measure: str, base: float | None, new: float | None, verdict: str
) -> None:
    assert ComparedRow("x", "", measure, 1, base, new).verdict == verdict


def test_what_was_judged_counts_more_than_the_numbers() -> None:
    assert ComparedRow("x", "", "F1", 1, 0.5, 0.6, "same").verdict == "same"


def test_what_was_not_measured_is_told_as_such_and_never_as_zero() -> None:
    assert format_value(None) == "not measured"
    assert format_difference(None) == ""
    assert format_difference(-0.25) == "−0.250"


def test_a_broken_comparison_gives_what_is_whole(tmp_path: Path) -> None:
    (tmp_path / "compare").mkdir()
    (tmp_path / "compare" / "01.png").touch()
    maps = [
        {"file": "compare/01.png"},
        {"file": "compare/02.png"},
        {"file": "/etc/passwd"},
        {"file": 3},
        None,
    ]
    broken = {
        "verdict": "wonderful",
        "rows": [None, {"measure": "F1", "base": "x", "new": True}],
        "maps": maps,
    }

    assert verdict_of(broken) == ""
    assert verdict_of(None) == ""
    assert read_rows(broken) == [ComparedRow("", "", "F1", 0, None, None)]
    assert [found.file.name for found in read_maps(broken, tmp_path)] == ["01.png"]
    assert read_rows({"rows": 5}) == []
