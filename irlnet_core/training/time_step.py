"""Time one step of a fine-tuning, so that its length and memory are known before it starts."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import torch

from irlnet_core.data.dataset import as_learned
from irlnet_core.device import peak_memory_bytes
from irlnet_core.progress import Event, Progress
from irlnet_core.training.finetune import FineTuner
from irlnet_core.training.finetune_data import FinetuneData
from irlnet_core.training.finetune_events import StepTimed
from irlnet_core.training.finetune_policy import FinetunePolicy
from irlnet_core.training.finetune_run_folder import RunFolder

_STEPS = 4  # the first one is slower and does not count


def time_step(
    policy: FinetunePolicy, data: FinetuneData, *, base: Path, device: str = "auto"
) -> Generator[Event, None, StepTimed]:
    """Train a few steps that are thrown away; yield and return what the whole run will take.

    A sample made in a process of its own hides behind the step where a second core is free; the time told
    is that of the slower of the two. Raises what :class:`FineTuner` raises.
    """
    short = dataclasses.replace(
        policy, steps=_STEPS, validate_every=_STEPS + 1, validation_count=8, workers=0
    )
    with tempfile.TemporaryDirectory(prefix="irlnet-") as folder:
        tuner = FineTuner(short, data, RunFolder(Path(folder)), base=base, device=device)
        train = tuner.config.train
        samples = as_learned(tuner.data.samples(0, _STEPS * train.batch), traces=tuner.config.model.traces)
        making, computing = [], []
        for step in range(_STEPS):
            began = time.perf_counter()
            picked = [samples[step * train.batch + place] for place in range(train.batch)]
            images, masks, *traces = (torch.stack(part) for part in zip(*picked, strict=True))
            making.append(time.perf_counter() - began)
            yield Progress("timing", 2 * step + 1, 2 * _STEPS)
            computing.append(tuner.time_one(images, masks, *traces))
            yield Progress("timing", 2 * step + 2, 2 * _STEPS)
        exam = tuner.time_exam() * policy.validation_count / 8
    beside = policy.workers != 0
    sample, pure = min(making[1:]), min(computing[1:])
    seconds = max(sample, pure) if beside else sample + pure
    steps = _steps_in(policy, seconds, exam)
    minutes = steps * (seconds + exam / policy.validate_every) / 60
    timed = StepTimed(seconds, exam, steps, minutes, _peak_memory(tuner.device), tuner.machine, train.batch)
    yield timed
    return timed


def _steps_in(policy: FinetunePolicy, seconds: float, exam: float) -> int:
    """Return how many steps the minutes have room for, validations included."""
    each = seconds + exam / policy.validate_every
    return max(1, min(policy.steps, int(60 * policy.minutes / each)))


def _peak_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return peak_memory_bytes() or 0
