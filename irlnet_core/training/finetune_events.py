"""What fine-tuning and comparing tell beside the events of :mod:`irlnet_core.progress`. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from irlnet_core.progress import Event


@dataclass(frozen=True)
class RunStarted(Event):
    """The data are read and training begins; ``resumed`` after a stop or a crash."""

    run: str
    base: str
    base_sha256: str
    resumed: bool
    pictures: int
    validation_pictures: int
    rehearsal_photographs: int
    device: str
    minutes: float
    steps: int
    batch: int
    crop: int
    frozen: str
    trainable: int
    patience: int
    validate_every: int


@dataclass(frozen=True)
class PreviewSaved(Event):
    """Small pictures of this validation are on the disk: picture, true mask and response side by side."""

    step: int
    pictures: list[str]


@dataclass(frozen=True)
class StepTimed(Event):
    """One optimizer step of ``batch`` crops was timed with the settings of a run: what the run will take.

    ``seconds_per_step`` includes making the samples; ``steps`` and ``minutes`` are those that it will come
    to, validations included; ``peak_memory_bytes`` is the process's (CPU) or the device's largest so far.
    """

    seconds_per_step: float
    seconds_per_validation: float
    steps: int
    minutes: float
    peak_memory_bytes: int
    device: str
    batch: int


@dataclass(frozen=True)
class RunEnded(Event):
    """Training is over. ``reason``: finished, early (no better validation), stopped, paused or cancelled."""

    reason: str
    step: int
    best_step: int
    seconds: float
    run: str
    detail: str


@dataclass(frozen=True)
class ComparisonDone(Event):
    """The new model was measured against its base: better, worse or not shown, and what decides."""

    verdict: str
    reasons: list[str]
    path: str


@dataclass(frozen=True)
class Failed(Event):
    """The work ended with an error; ``path`` is the file or folder it concerns ("" = none)."""

    reason: str
    cure: str
    path: str
