"""The learning rate over a run. Torch-free."""

from __future__ import annotations

import math

from irlnet_core.config import TrainConfig


def learning_rate(config: TrainConfig, step: int, progress: float) -> float:
    """Return the rate of a step: linear warm-up, then constant or a cosine down to ``final_rate`` of the top.

    ``progress`` (0..1) is how much of the run is over, by steps or by the clock, whichever is further.
    """
    warm = min(1.0, (step + 1) / config.warmup) if config.warmup else 1.0
    if config.schedule == "constant":
        return config.learning_rate * warm
    cosine = (1 + math.cos(math.pi * min(1.0, max(0.0, progress)))) / 2
    return config.learning_rate * warm * (config.final_rate + (1 - config.final_rate) * cosine)


def progress(config: TrainConfig, step: int, seconds: float) -> float:
    """Return the share of the run that is over: steps taken, or minutes gone when a limit is set."""
    by_clock = seconds / (60 * config.minutes) if config.minutes > 0 else 0.0
    return max(step / config.steps, by_clock)
