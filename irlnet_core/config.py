"""Every choice that makes a model, as frozen data: the network, the forge and the training.

A configuration file is TOML: tables ``[model]``, ``[forge]`` and ``[train]``; unknown keys are errors.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from irlnet_core.errors import ConfigError

C = TypeVar("C")

Fusion = Literal["early", "middle", "late"]
Residual = Literal["bn", "srresnet", "plain", "se"]
Architecture = Literal["irlnet", "hpfcn", "mvssnet"]


@dataclass(frozen=True)
class ModelConfig:
    """The network: ``ModelConfig()`` is the paper's IRL-Net (early fusion, SE-residual blocks, attention on).

    ``width`` scales every channel count (1.0 = paper). ``fusion`` and ``residual`` are the paper's tables 3
    and 4. ``traces`` adds a stream of measured coding and noise traces, which the paper lacks, with
    ``trace_channels`` features (0 = 128 times the width); ``second_look`` lets it compare every place with
    what its first answer takes for filled and for genuine; ``chroma_traces`` lets it read the sequences of
    the colours as well; of ``trace_voices`` such streams the mean of the answers counts.
    ``architecture`` chooses a reference method instead, which takes no traces; ``backbone`` is the ResNet
    depth of MVSS-Net only.
    """

    architecture: Architecture = "irlnet"
    width: float = 1.0
    fusion: Fusion = "early"
    residual: Residual = "se"
    attention: bool = True
    traces: bool = False
    trace_channels: int = 0
    second_look: bool = False
    chroma_traces: bool = False
    trace_voices: int = 1
    backbone: int = 50

    def __post_init__(self) -> None:
        _check_choices(self)
        if self.traces and self.architecture != "irlnet":
            raise ConfigError(
                f"model.traces = true is not for the architecture {self.architecture!r}.",
                cure="Leave traces out, or leave architecture out.",
            )
        if not 0.05 <= self.width <= 2:
            raise ConfigError(f"model.width = {self.width} is outside 0.05 to 2.")
        if self.trace_channels % 8 or not 0 <= self.trace_channels <= 512:
            raise ConfigError(f"model.trace_channels = {self.trace_channels} is no multiple of 8 up to 512.")
        if not 1 <= self.trace_voices <= 8:
            raise ConfigError(f"model.trace_voices = {self.trace_voices} is outside 1 to 8.")


_SUM_ERROR = 1e-8  # what numpy's draws accept
_SHARES = (
    "pristine",
    "processed_pristine",
    "reconstruction",
    "host_jpeg",
    "fill_jpeg",
    "large_holes",
    "innocent",
    "postprocess",
)


@dataclass(frozen=True)
class ForgeConfig:
    """How forgeries are made from pristine photographs.

    ``engines`` maps an engine's name to its share; ``pristine`` is the share of samples with an empty mask;
    ``history`` gives the shares of (reduced hosts, fills recompressed like their host, hosts as they are);
    ``host_jpeg`` is the share of hosts that are coded as JPEG 60 to 95 before they are forged, as pictures
    from the web are; ``fill_jpeg`` is the share of the other fills that are coded so, on a grid of their own,
    before they are pasted: inpainters that learned from JPEGs paint blocks, and many programs save as JPEG.
    ``picture`` is the side in pixels of the largest picture that is forged before a crop is cut from it
    (0 = the crop alone): traces compare a crop with the whole of its picture. Hole areas are fractions of
    the crop, or of a window of the picture; ``large_holes`` is the share of the forged pictures that have
    one of 40 to 85 % of the whole picture. ``innocent`` is the share of the hosts whose focus, exposure,
    colours or sensor are made others before anything is forged.
    """

    engines: dict[str, float] = field(
        default_factory=lambda: {
            "telea": 0.04,
            "navier-stokes": 0.04,
            "exemplar": 0.07,
            "retouch": 0.45,
            "random-generator": 0.40,
        }
    )
    pristine: float = 0.22
    processed_pristine: float = 0.6
    reconstruction: float = 0.5
    history: tuple[float, float, float] = (0.34, 0.33, 0.33)
    host_jpeg: float = 0.0
    fill_jpeg: float = 0.0
    hole_min: float = 0.01
    hole_max: float = 0.40
    large_holes: float = 0.0
    innocent: float = 0.0
    postprocess: float = 0.45
    picture: int = 0

    def __post_init__(self) -> None:
        shares = self.engines.values()
        if not all(0 <= share < float("inf") for share in shares) or not sum(shares) > 0:
            raise ConfigError("forge.engines needs at least one engine with a positive share, none below 0.")
        if min(self.history) < 0 or not abs(sum(self.history) - 1) < _SUM_ERROR:
            raise ConfigError(f"forge.history = {self.history} are no three shares that add up to 1.")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"forge.{name} = {getattr(self, name)} is not a share between 0 and 1.")
        if self.picture < 0:
            raise ConfigError(f"forge.picture = {self.picture} is below 0.")
        if not 0 < self.hole_min < self.hole_max < 1:
            raise ConfigError("forge.hole_min and forge.hole_max must satisfy 0 < hole_min < hole_max < 1.")


_FROM_ZERO = (
    "minutes", "weight_decay", "warmup", "clip", "workers", "threads", "checkpoint_minutes", "seed"
)  # fmt: skip


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained: ``TrainConfig()`` is the paper's setting (Adam, 1e-4, 256x256).

    ``crop`` (pixels) is also the tile of inference: squeeze-and-excitation and attention look at the whole of
    it. ``focal_weight`` is w_f, the weight of the mean focal loss against Dice, which ``dice_batch`` takes
    over all pictures of a batch together. ``ema`` is the decay of the weight average (0 = off). ``steps``
    counts optimizer steps; ``minutes`` (0 = no limit) ends a run on time, its learning rate following the
    clock. ``residual_gain`` multiplies, at the start only, the first weights that look at the Bayar residual,
    whose values are about a thirtieth of the picture's. ``part`` "traces" trains the trace stream alone, by
    its own answer; ``trace_rate`` multiplies the trace stream's learning rate; ``trace_dropout`` is the
    chance that a kind of traces is blanked in a sample. ``pictures`` (0 = endless) is the number of forged
    pictures that are made, kept and cut again and again.
    """

    crop: int = 256
    batch: int = 8
    steps: int = 20_000
    minutes: float = 0.0
    optimizer: Literal["adam", "adamw"] = "adam"
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    warmup: int = 0
    schedule: Literal["constant", "cosine"] = "constant"
    final_rate: float = 0.02
    clip: float = 0.0
    focal_weight: float = 4.0
    focal_alpha: float = 0.75
    focal_lambda: float = 2.0
    dice_smooth: float = 1.0
    dice_batch: bool = False
    contrast_weight: float = 0.0
    part: Literal["all", "traces"] = "all"
    trace_rate: float = 1.0
    trace_dropout: float = 0.0
    pictures: int = 0
    residual_gain: float = 1.0
    ema: float = 0.0
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0
    workers: int = 0
    threads: int = 0
    validate_every: int = 500
    validation_count: int = 96
    checkpoint_minutes: float = 5.0

    def __post_init__(self) -> None:
        _check_choices(self)
        if self.crop < 32 or self.crop % 8:
            raise ConfigError(f"train.crop = {self.crop} must be a multiple of 8, at least 32.")
        if not 0 <= self.trace_dropout < 1 or self.pictures < 0:
            raise ConfigError("train.trace_dropout must be a share below 1, train.pictures 0 or more.")
        for name in ("batch", "steps", "validate_every", "validation_count"):
            if getattr(self, name) < 1:
                raise ConfigError(f"train.{name} = {getattr(self, name)} must be at least 1.")
        for name in _FROM_ZERO:
            if not 0 <= getattr(self, name) < float("inf"):
                raise ConfigError(f"train.{name} = {getattr(self, name)} must be 0 or more.")
        if not 0 <= self.ema < 1:
            raise ConfigError(f"train.ema = {self.ema} must be a share below 1.")
        if not self.learning_rate > 0:
            raise ConfigError(f"train.learning_rate = {self.learning_rate} must be positive.")


@dataclass(frozen=True)
class Config:
    """A whole recipe: what ``irlnet train --config FILE`` reads."""

    model: ModelConfig = field(default_factory=ModelConfig)
    forge: ForgeConfig = field(default_factory=ForgeConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        if self.train.part == "traces" and not self.model.traces:
            raise ConfigError('train.part = "traces" needs model.traces = true.')


def read_config(path: Path) -> Config:
    """Read a TOML recipe. Raises :class:`ConfigError` naming the file and the key."""
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
        return from_dict(Config, data)
    except (OSError, ValueError, RecursionError, ConfigError) as error:  # ValueError: no TOML, or no UTF-8
        reason, cure = (error.reason, error.cure) if isinstance(error, ConfigError) else (str(error), "")
        raise ConfigError(f"is not a usable recipe: {reason}", path=path, cure=cure) from error


def to_dict(config: Any) -> dict[str, Any]:
    """Return a configuration as plain data for JSON or TOML."""
    return dataclasses.asdict(config)


def from_dict(kind: type[C], data: dict[str, Any]) -> C:
    """Build a configuration dataclass from plain data; a wrong key or type is a :class:`ConfigError`."""
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise ConfigError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(hints))}.")
    return kind(**{key: _convert(key, value, hints[key]) for key, value in data.items()})


def _convert(key: str, value: Any, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return from_dict(hint, value)
    if origin is tuple and isinstance(value, list | tuple):
        wanted = typing.get_args(hint)
        if ... not in wanted and len(value) != len(wanted):
            raise ConfigError(f"{key} = {value!r} needs {len(wanted)} values.")
        return tuple(_convert(key, item, float) for item in value)
    if origin is dict and isinstance(value, dict) and (kind := typing.get_args(hint)[1]) is not Any:
        return {name: _convert(f"{key}.{name}", item, kind) for name, item in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    expected = {Literal: str, dict: dict, types.UnionType: object}.get(origin, hint)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise ConfigError(f"{key} = {value!r} has the wrong type.")
    return value


def _check_choices(config: Any) -> None:
    for name, hint in typing.get_type_hints(type(config)).items():
        if typing.get_origin(hint) is Literal and getattr(config, name) not in typing.get_args(hint):
            choices = ", ".join(str(c) for c in typing.get_args(hint))
            raise ConfigError(f"{name} = {getattr(config, name)!r} is not one of {choices}.")
