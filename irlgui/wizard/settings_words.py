"""How long a training takes and how much memory, said from one timed step; pure functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from irlnet_core.training.finetune_policy import FinetunePolicy

_MUCH_MEMORY = 0.7  # of the machine's: more than this leaves too little for the window and the system


def describe_estimate(timed: Mapping[str, Any], policy: FinetunePolicy, pictures: int) -> str:
    """Return what a run of ``policy`` will take, from the event StepTimed; ``pictures`` are learned from."""
    each, exam = float(timed["seconds_per_step"]), float(timed["seconds_per_validation"])
    batch = int(timed.get("batch") or policy.batch)
    with_exam = each + exam / policy.validate_every
    room = int(60 * policy.minutes / with_exam) if with_exam > 0 else policy.steps
    steps = max(1, min(policy.steps, room))
    duration = min(steps * with_exam, 60 * policy.minutes) + exam
    parts = [
        tr("One step of {} crops takes {:.2f} s on {}.").format(batch, each, timed.get("device") or "?"),
        tr("At most about {}: {} steps and {} validations.").format(
            _in_minutes(duration), f"{steps:,}", max(1, steps // policy.validate_every + 1)
        ),
    ]
    if pictures:
        passes = max(1, round(steps * batch * (1 - policy.rehearsal) / pictures))
        often = tr("once") if passes == 1 else tr("{} times").format(f"{passes:,}")
        parts.append(tr("Each of your {} pictures is looked at about {}.").format(f"{pictures:,}", often))
    return "\n".join(parts)


def _in_minutes(seconds: float) -> str:
    number = f"{seconds / 60:.2g}"
    return tr("1 minute") if number == "1" else tr("{} minutes").format(number)


def describe_memory(timed: Mapping[str, Any], total: int | None) -> str:
    """Return the memory that a step took, of ``total`` bytes in the machine (None = unknown)."""
    peak = int(timed.get("peak_memory_bytes") or 0)
    if not peak:
        return tr("How much memory it takes could not be measured.")
    if total and not str(timed.get("device", "")).lower().startswith("cuda"):
        return tr("Memory: {:.1f} GB of {:.1f} GB.").format(peak / 1e9, total / 1e9)
    return tr("Memory: {:.1f} GB.").format(peak / 1e9)


def warn_of_memory(timed: Mapping[str, Any], total: int | None) -> str:
    """Return a warning when a step takes most of the machine's memory, else nothing."""
    peak = int(timed.get("peak_memory_bytes") or 0)
    on_card = str(timed.get("device", "")).lower().startswith("cuda")
    if on_card or not total or peak < _MUCH_MEMORY * total:
        return ""
    return tr("This takes most of the machine's memory. Choose smaller crops or a smaller batch.")


def describe_rehearsal(policy: FinetunePolicy, photos: Path | None) -> str:
    """Return what to expect where there is little or nothing to rehearse from, else nothing."""
    if not policy.rehearsal:
        return tr("Without rehearsal the net is likely to forget other forgeries.")
    if photos is None:
        return tr(
            "No photographs for rehearsal were given. General forgeries are then made from the authentic "
            "parts of your own pictures alone: the net may forget more of what it knew. A hundred or more "
            "clean photographs of any kind help."
        )
    return ""


def memory_of_machine() -> int | None:
    """Return the machine's memory in bytes, where the system tells it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def tr(text: str) -> str:
    """Return a text of this page in the user's language."""
    return QCoreApplication.translate("SettingsPage", text)
