"""What a run's page knows: from the child's events, and from the files of a run that is taken up again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from irlgui.jobs.training_process import Ending
from irlgui.wizard import run_words
from irlgui.wizard.run_state import RunState, read_run

STARTED = {"event": "RunStarted", "minutes": 10, "steps": 1000, "pictures": 8, "validation_pictures": 2}


def step(number: int, loss: float = 0.5) -> dict[str, object]:
    return {"event": "StepDone", "step": number, "loss": loss, "learning_rate": 1e-3, "seconds": 2.0 * number}


def validation(number: int, f1: float, *, best: bool) -> dict[str, object]:
    scores = {"f1": f1 - 0.1, "best_f1": f1, "general_auc": 0.9}
    return {"event": "EpochDone", "step": number, "scores": scores, "best": best, "seconds": 2.0 * number}


def learned(*events: dict[str, object]) -> RunState:
    state = RunState()
    for event in events:
        state.take(event)
    return state


def test_the_loss_is_drawn_as_means_of_ten_steps() -> None:
    state = learned(STARTED, *(step(n, loss=float(n)) for n in range(1, 26)))

    assert state.losses == [(10, 5.5), (20, 15.5)]


def test_the_best_validation_is_the_last_one_that_was_called_best() -> None:
    state = learned(
        STARTED,
        validation(0, 0.4, best=True),
        validation(10, 0.6, best=True),
        validation(20, 0.5, best=False),
    )

    assert state.best is not None
    assert (state.best.step, state.best.case, state.best.general) == (10, 0.6, 0.9)
    assert run_words.describe_best(state) == "Best so far: step 10, F1 0.600 (the base: 0.400)."


def test_a_resumed_run_forgets_what_came_after_its_saved_state() -> None:
    state = learned(
        STARTED,
        validation(0, 0.4, best=True),
        *(step(n) for n in range(1, 31)),
        validation(30, 0.7, best=True),
    )

    state.take(step(11))
    assert [found.step for found in state.validations] == [0]
    assert [place for place, _ in state.losses] == [10]
    state.take(validation(30, 0.5, best=True))
    assert [found.step for found in state.validations] == [0, 30]


def test_the_rest_is_told_by_time_and_by_steps_whichever_ends_first() -> None:
    state = learned(STARTED, step(100))
    assert state.seconds_left == 400
    assert state.share == pytest.approx(200 / 600)
    state = learned({**STARTED, "steps": 150}, step(100))
    assert state.seconds_left == 100
    assert "at most 1:40 left" in run_words.describe_progress(state, running=True)
    assert "left" not in run_words.describe_progress(state, running=False)


@pytest.mark.parametrize(
    "event",
    [
        {"event": "Unheard"},
        {"event": "StepDone", "step": "x", "loss": 1, "seconds": 1},
        {"event": "EpochDone", "step": 1},
        {"event": "EpochDone", "step": 1, "scores": None, "best": True, "seconds": 1},
        {"event": "PreviewSaved", "step": 1, "pictures": 7},
        {"event": "Progress", "phase": "x"},
    ],
)
def test_unknown_and_broken_events_change_nothing(event: dict[str, object]) -> None:
    assert learned(STARTED, event) == learned(STARTED)


def test_a_loss_that_is_no_number_is_not_drawn() -> None:
    state = learned(STARTED, *(step(n, loss=float("nan")) for n in range(1, 30)))

    assert state.losses == []


def test_the_files_of_a_run_give_its_curves_back(tmp_path: Path) -> None:
    rows = [
        {"step": 0, "f1": 0.3, "best": True, "seconds": 1},
        {"step": 5, "f1": 0.4, "best": True, "seconds": 9},
    ]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "curve.jsonl").write_text("\n".join([*lines, lines[0], "{torn"]))
    (tmp_path / "loss.jsonl").write_text('{"step": 10, "loss": 0.5}\n{"step": "x"}\n')
    preview = tmp_path / "previews" / "step-000005" / "01.png"
    preview.parent.mkdir(parents=True)
    preview.touch()

    state = read_run(tmp_path)

    assert [found.step for found in state.validations] == [0, 5]
    assert state.losses == [(10, 0.5)]
    assert state.previews == {5: [preview]}
    assert (state.step, state.seconds) == (10, 9.0)
    assert read_run(tmp_path / "nowhere") == RunState()


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending("failed", "/d: is full.", "Free space."), "/d: is full. Free space. The state was saved"),
        (Ending("lost"), "ended unexpectedly. The state was saved"),
        (Ending("paused"), "Paused. The state was saved"),
    ],
)
def test_an_end_that_can_be_resumed_says_so(ending: Ending, words: str) -> None:
    assert words in run_words.describe_ending(ending, can_resume=True)


def test_the_log_tells_a_validation_in_one_line() -> None:
    line = run_words.describe_event(validation(10, 0.6, best=True))

    assert line == "Step 10: F1 0.600, general AUC 0.900  (best)"
    assert run_words.describe_event({"event": "EpochDone", "scores": {"f1": "x"}}) == "Step ?: "
