"""How a model is taught a case from few pictures: the settings of a fine-tuning. Torch-free."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from typing import Any, Literal

from irlnet_core.config import Config, ForgeConfig, TrainConfig, from_dict
from irlnet_core.errors import ConfigError
from irlnet_core.model.card import ModelCard

Freeze = Literal["auto", "none", "enhancement", "encoder", "network"]
FREEZABLE: tuple[str, ...] = typing.get_args(Freeze)
_BATCH = 8
_CPU_PIXELS = 3 * 256**2  # of all crops in a step


@dataclass(frozen=True)
class FinetunePolicy:
    """``FinetunePolicy()`` is what 20 to 40 pictures need on two CPU cores.

    ``rehearsal`` is the share of training samples that are general forgeries, so that the rest is not
    forgotten: there the network follows the base's answers with the weight ``follow`` (0 = it learns their
    masks). ``postprocess`` is the share of the case's crops that are recoded first, so that the case is also
    found after recompression. ``freeze`` keeps the enhancement module as the base has it, or the encoder too,
    or the whole network, so that the trace stream learns alone. "auto" is that where the base has a stream:
    it is what finds unknown fills, and a step takes a tenth of the time. ``crop`` (pixels) 0 is the base's
    tile, ``batch`` 0 what :func:`choose_batch` says. Training ends after ``minutes`` or ``steps``, or after
    ``patience`` validations without a better one (0 = never so). ``precision`` "auto", ``threads`` 0 and
    ``workers`` -1 let the machine decide.
    """

    minutes: float = 15.0
    steps: int = 4000
    learning_rate: float = 2e-4
    crop: int = 0
    batch: int = 0
    freeze: Freeze = "auto"
    rehearsal: float = 0.5
    follow: float = 10.0
    postprocess: float = 0.2
    patience: int = 12
    validate_every: int = 50
    validation_count: int = 48
    checkpoint_minutes: float = 1.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    ema: float = 0.99
    threads: int = 0
    workers: int = -1
    seed: int = 0
    previews: int = 6

    def __post_init__(self) -> None:
        if self.freeze not in FREEZABLE:
            raise ConfigError(f"freeze = {self.freeze!r} is not one of {', '.join(FREEZABLE)}.")
        for name, most in (("rehearsal", 0.95), ("postprocess", 1.0)):
            if not 0 <= getattr(self, name) <= most:
                raise ConfigError(f"{name} = {getattr(self, name)} is not a share from 0 to {most:g}.")
        if not self.minutes > 0:
            raise ConfigError(f"minutes = {self.minutes} must be positive.")
        for name in ("patience", "previews", "crop", "batch"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} = {getattr(self, name)} must not be negative.")

    def config(self, base: ModelCard, device: str = "cpu") -> Config:
        """Return the recipe that this means for a base model: its network, its forge, this training.

        ``device`` is as :class:`Device` tells it: a batch that is not given depends on it.
        """
        crop = self.crop or base.tile
        train = TrainConfig(
            part="traces" if self.frozen_of(base) == "network" else "all",
            crop=crop,
            batch=self.batch or choose_batch(crop, device),
            steps=self.steps,
            minutes=self.minutes,
            optimizer="adamw",
            learning_rate=self.learning_rate,
            warmup=min(30, max(1, self.steps // 10)),
            schedule="cosine",
            final_rate=0.02,
            clip=1.0,
            ema=self.ema,
            precision="bfloat16" if self.precision == "bfloat16" else "float32",
            seed=self.seed,
            workers=max(0, self.workers),
            threads=self.threads,
            validate_every=self.validate_every,
            validation_count=self.validation_count,
            checkpoint_minutes=self.checkpoint_minutes,
        )
        return Config(base.architecture, forge_of(base), train)

    def frozen_of(self, base: ModelCard) -> Freeze:
        """Return what ``freeze`` means for a base. Raises :class:`ConfigError` without a stream."""
        if self.freeze == "auto":
            return "network" if base.architecture.traces else "none"
        if self.freeze == "network" and not base.architecture.traces:
            raise ConfigError(f"The base {base.name!r} has no trace stream that could learn alone.")
        return self.freeze

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> FinetunePolicy:
        """Return the policy that :meth:`as_dict` wrote. Raises :class:`ConfigError`."""
        return from_dict(cls, data)


def choose_batch(crop: int, device: str) -> int:
    """Return how many crops make one step: 8, on a CPU as few as keep a step near a second, but never one.

    On one core a crop of 256 pixels takes the whole network of half width a third of a second; a trace stream
    of three voices that learns alone takes 0.6 s in bfloat16, 1.2 s in float32, for one of 512 pixels.
    """
    return _BATCH if device != "cpu" else max(2, min(_BATCH, _CPU_PIXELS // crop**2))


def forge_of(base: ModelCard) -> ForgeConfig:
    """Return the forge that the base learned from, as its card tells it, else the usual one.

    Rehearsal repeats what the base knows; engines that are not at hand are left out by whoever loads them.
    """
    recipe = base.training.get("recipe")
    told = recipe.get("forge") if isinstance(recipe, dict) else None
    if not isinstance(told, dict):
        return ForgeConfig()
    try:
        return from_dict(ForgeConfig, told)
    except (ConfigError, TypeError):  # the card of another age: its forge is not ours
        return ForgeConfig()
