"""What the page of a running training says, as pure functions of what is known."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from irlgui.jobs.training_process import Ending
from irlgui.views.status_line import describe_seconds
from irlgui.wizard.run_state import RunState

_PHASES = {
    "": "Starting…",
    "loading": "Loading the network…",
    "reading": "Reading the pictures",
    "training": "Learning",
    "validation": "Validating",
}

_NOTEWORTHY = 0.01  # of F1: a difference that the curve shows

# What a line of the log tells of a validation; the curve in the run's folder holds all of it.
_SCORES = (
    ("best_f1", "F1"),
    ("mean_iou", "mean IoU"),
    ("auc", "AUC"),
    ("general_f1", "general F1"),
    ("general_auc", "general AUC"),
)


def describe_phase(state: RunState) -> str:
    """Return what the child does now."""
    name, done, total = state.phase
    words = tr(_PHASES[name]) if name in _PHASES else name[:1].upper() + name[1:]
    return f"{words} {done} / {total}" if total else words


def describe_progress(state: RunState, *, running: bool) -> str:
    """Return steps, time and, while it runs, what is left, in one line."""
    steps = state.facts.get("steps") or 0
    parts = [tr("step {} of {}").format(state.step, steps) if steps else tr("step {}").format(state.step)]
    parts.append(tr("{} passed").format(describe_seconds(state.seconds)))
    if running and state.seconds_left is not None and state.step:
        parts.append(tr("at most {} left").format(describe_seconds(state.seconds_left)))
    return "   ".join(parts)


def describe_best(state: RunState) -> str:
    """Return what the best validation was, against the base."""
    best = state.best
    if best is None or best.case is None:
        return tr("Nothing validated yet.")
    base = state.validations[0].case if state.validations[0].step == 0 else None
    if best.step == 0:
        text = tr("Nothing better than the base so far, F1 {:.3f}.").format(best.case)
    else:
        text = tr("Best so far: step {}, F1 {:.3f}").format(best.step, best.case)
        text += tr(" (the base: {:.3f}).").format(base) if base is not None else "."
    finer = max((found for found in state.validations if found.case is not None), key=lambda v: v.case or 0.0)
    if (finer.case or 0.0) > best.case + _NOTEWORTHY:
        text += " " + tr(
            "Step {} finds your pictures better ({:.3f}), but forgets too much of the rest."
        ).format(finer.step, finer.case)
    return text


def describe_start(facts: dict[str, Any]) -> str:
    """Return the log's line on how the run began."""
    words = tr("Resumed") if facts.get("resumed") else tr("Begun")
    if facts.get("pictures") == 0:
        text = tr("{}: forgeries are made from {} photographs, on {}.")
        return text.format(words, facts.get("rehearsal_photographs", "?"), facts.get("device", "?"))
    return tr("{}: {} pictures to learn from, {} held out, {} photographs for rehearsal, on {}.").format(
        words,
        facts.get("pictures", "?"),
        facts.get("validation_pictures", "?"),
        facts.get("rehearsal_photographs", "?"),
        facts.get("device", "?"),
    )


def describe_event(event: dict[str, Any]) -> str:
    """Return an event's line in the log, or nothing."""
    kind = event.get("event")
    if kind == "RunStarted":
        return describe_start(event)
    if kind == "Note":
        return str(event.get("message", ""))
    if kind == "EpochDone":
        scores = event.get("scores")
        numbers = scores if isinstance(scores, dict) else {}
        told = ", ".join(
            f"{tr(words)} {numbers[name]:.3f}"
            for name, words in _SCORES
            if isinstance(numbers.get(name), int | float)
        )
        mark = tr("  (best)") if event.get("best") else ""
        return tr("Step {}: {}{}").format(event.get("step", "?"), told, mark)
    if kind == "CheckpointSaved":
        return tr("Step {}: the state is saved; the run can be resumed from here.").format(
            event.get("step", "?")
        )
    return ""


def describe_ending(ending: Ending, *, can_resume: bool) -> str:
    """Return what the page says when the child has ended."""
    again = " " + tr("The state was saved: Resume goes on from there.") if can_resume else ""
    words = {
        "done": tr("Training has ended."),
        "stopped": tr("Stopped; the best so far is kept."),
        "paused": tr("Paused.") + again,
        "cancelled": tr("Cancelled; nothing was kept."),
        "lost": tr("The training process ended unexpectedly.") + again,
    }
    if ending.outcome == "failed":
        return f"{ending.reason} {ending.cure}".strip() + again
    return words[ending.outcome]


def tr(text: str) -> str:
    """Return a text of this page in the user's language."""
    return QCoreApplication.translate("RunPage", text)
