"""How a gated-convolution inpainter is trained, as data that loads without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irlnet_core.errors import ConfigError

PIECE = 192  # side of the pieces kept in memory; training crops are cut from them
_POSITIVE = ("steps", "batch", "learning_rate", "patches", "patch_layers", "checkpoint_minutes")
_NOT_NEGATIVE = ("minutes", "adversarial", "texture_gain", "texture", "snapshots", "seed")


@dataclass(frozen=True)
class GcTraining:
    """How to train: optimizer steps, a limit in minutes (0 = none), batch, crop side, Adam's rate, seed.

    The coarse stage completes whole crops; the fine stage and the discriminator work on a ``window`` of each,
    around a place in the hole, which is where the time goes. ``adversarial`` is how hard the discriminator
    pulls at the pixels of the hole, as a multiple of the L1 loss's pull. It is 0 for the first share
    ``warmup`` of the training and grows over as long again. Holes cover ``hole_min`` to ``hole_max`` of a
    crop. ``patches`` and ``patch_layers`` are the discriminator's first filters and its layers;
    ``texture_gain`` shows it the fine texture amplified, and ``texture`` weighs a loss that asks for as much
    of it as there is in truth (0 and 0 are the paper's, which needs far more steps). ``average`` is the decay
    of the weight average that becomes the engine. ``snapshots`` engines are kept on the way, each in a folder
    of its own beside the last one's.
    """

    steps: int = 5000
    minutes: float = 0.0
    batch: int = 4
    crop: int = 128
    window: int = 64
    learning_rate: float = 8e-4
    adversarial: float = 0.5
    warmup: float = 0.15
    hole_min: float = 0.03
    hole_max: float = 0.25
    patches: int = 32
    patch_layers: int = 3
    texture_gain: float = 8.0
    texture: float = 2.0
    average: float = 0.997
    snapshots: int = 0
    checkpoint_minutes: float = 5.0
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ConfigError(f"gc training: {name} = {getattr(self, name)} must be positive.")
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise ConfigError(f"gc training: {name} = {getattr(self, name)} must not be negative.")
        if not 0 <= self.warmup <= 0.5 or not 0 <= self.average < 1:
            raise ConfigError("gc training: warmup must be within 0 to 0.5, average within 0 to below 1.")
        if not 0 < self.hole_min < self.hole_max < 1:
            raise ConfigError("gc training: holes must satisfy 0 < hole_min < hole_max < 1.")
        if not 32 <= self.crop <= PIECE or self.crop % 16:
            raise ConfigError(f"gc training: crop = {self.crop} must be a multiple of 16 from 32 to {PIECE}.")
        if not 16 <= self.window <= self.crop or self.window % 8:
            raise ConfigError(
                f"gc training: window = {self.window} must be a multiple of 8 from 16 to the crop."
            )
        if self.precision not in {"float32", "bfloat16"}:
            raise ConfigError(f"gc training: precision = {self.precision!r} is not float32 or bfloat16.")


def snapshot_folder(output: Path, number: int) -> Path:
    """Return where the engine that is kept on the way stands: beside the last one."""
    return output.with_name(f"{output.name}-snapshot-{number}")
