"""What is known of a run of training: grows with every event, and begins with what its folder tells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irlnet_core.training.finetune_run_folder import RunFolder

LOSS_STEPS = 10  # steps that one point of the drawn loss is the mean of, as in the run's own loss.jsonl


@dataclass(frozen=True)
class Validation:
    """One validation: its scores by name, and whether its weights were the best so far."""

    step: int
    scores: dict[str, float]
    best: bool

    @property
    def case(self) -> float | None:
        """The case's F1 at its best threshold, or at 0.5 where that is all there is."""
        return self.scores.get("best_f1", self.scores.get("f1"))

    @property
    def general(self) -> float | None:
        """The AUC on general forgeries: what the net knew before."""
        return self.scores.get("general_auc")


@dataclass
class RunState:
    """Facts of the start, step, seconds, losses, validations, previews and the phase of the moment."""

    facts: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    previews: dict[int, list[Path]] = field(default_factory=dict)
    phase: tuple[str, int, int] = ("", 0, 0)
    _recent: list[float] = field(default_factory=list)

    @property
    def best(self) -> Validation | None:
        """Return the validation whose weights are kept."""
        return next((found for found in reversed(self.validations) if found.best), None)

    @property
    def share(self) -> float:
        """Return how much of the time or the steps is used up, whichever is more, 0..1."""
        minutes, steps = self.facts.get("minutes") or 0, self.facts.get("steps") or 0
        by_time = self.seconds / (60 * minutes) if minutes else 0.0
        by_steps = self.step / steps if steps else 0.0
        return min(1.0, max(by_time, by_steps))

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until time or steps are used up, None while that can't be told."""
        minutes, steps = self.facts.get("minutes") or 0, self.facts.get("steps") or 0
        left = [60 * minutes - self.seconds] if minutes else []
        if steps and self.step >= 5:
            left.append(self.seconds / self.step * (steps - self.step))
        return max(0.0, min(left)) if left else None

    def take(self, event: dict[str, Any]) -> None:
        """Learn from an event of the child; unknown ones and broken fields change nothing."""
        take = getattr(self, f"_take_{event.get('event', '')}", None)
        if take is not None:
            try:
                take(event)
            except (KeyError, TypeError, ValueError, AttributeError):
                return

    def _take_RunStarted(self, event: dict[str, Any]) -> None:  # noqa: N802 - the event's name
        self.facts = event
        self.phase = ("training", 0, 0)

    def _take_Progress(self, event: dict[str, Any]) -> None:  # noqa: N802
        self.phase = (str(event["phase"]), int(event["done"]), int(event["total"]))

    def _take_StepDone(self, event: dict[str, Any]) -> None:  # noqa: N802
        self._go_to(int(event["step"]), float(event["seconds"]))
        self.phase = ("training", 0, 0)
        loss = float(event["loss"])
        self._recent += [loss] if math.isfinite(loss) else []
        if len(self._recent) >= LOSS_STEPS:
            self.losses.append((self.step, sum(self._recent) / len(self._recent)))
            self._recent.clear()

    def _take_EpochDone(self, event: dict[str, Any]) -> None:  # noqa: N802
        scores = {str(name): float(value) for name, value in event["scores"].items()}
        self._go_to(int(event["step"]), float(event["seconds"]))
        self.validations.append(Validation(self.step, scores, bool(event["best"])))
        self.phase = ("training", 0, 0)

    def _go_to(self, step: int, seconds: float) -> None:
        """Move to a step: a resumed run goes back to its saved state, and what came after is forgotten."""
        if step <= self.step:
            self.losses = [point for point in self.losses if point[0] <= step]
            self.validations = [found for found in self.validations if found.step < step]
        self.step, self.seconds = step, seconds

    def _take_PreviewSaved(self, event: dict[str, Any]) -> None:  # noqa: N802
        self.previews[int(event["step"])] = [Path(str(path)) for path in event["pictures"]]


def read_run(folder: Path) -> RunState:
    """Return what the files of a run's (or a kept model's) folder tell; what is missing is empty."""
    run, state = RunFolder(folder), RunState()
    for row in run.losses():
        if isinstance(row.get("loss"), int | float) and isinstance(row.get("step"), int):
            state.losses.append((row["step"], float(row["loss"])))
    for row in run.curve():
        _take_row(state, row)
    state.previews = run.previews()
    state.step = max([state.step, *(step for step, _ in state.losses)])
    return state


def _take_row(state: RunState, row: dict[str, Any]) -> None:
    """Learn from one line of the curve; only rising steps count, a resumed run repeats some."""
    step = row.get("step")
    if not isinstance(step, int) or (state.validations and step <= state.validations[-1].step):
        return
    numbers = {k: float(v) for k, v in row.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    scores = {name: value for name, value in numbers.items() if name not in ("step", "seconds")}
    state.validations.append(Validation(step, scores, bool(row.get("best"))))
    state.step, state.seconds = step, numbers.get("seconds", state.seconds)
