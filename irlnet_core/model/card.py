"""The card of a model: what it is, how it was made, how to use it and what it can't do. No torch here."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irlnet_core.config import ModelConfig, from_dict, to_dict
from irlnet_core.errors import ConfigError, ModelError

CARD_NAME = "card.json"
WEIGHTS_NAME = "model.safetensors"
PHOTOS_NAME = "photos.csv"
FORMAT = {"id": "irlnet-model", "version": 1}
NOT_CALIBRATED = "Not calibrated yet: the threshold is a default."

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OPTIONAL = {"validity", "calibration", "clean_levels", "verdict"}  # older cards lack them
_MEASURED = ("threshold", "threshold_source", "operating_points", "calibration", "clean_levels")
_CURE = "Get the model folder again from its source, or choose another model."


@dataclass(frozen=True)
class ModelCard:
    """Everything about a model but its weights: the content of ``card.json``.

    ``tile`` and ``overlap`` (pixels) belong to the model: its attention and squeeze-and-excitation look at
    the whole tile. ``threshold`` is the default one, ``threshold_source`` who set it and on what.
    ``operating_points`` are measured marks ({"threshold": …, "false_alarm_rate": …, "source": …});
    ``calibration`` tells on what they were measured, ``clean_levels`` are their alarm levels in rising order;
    ``validity`` maps a check to the range it was validated on (:mod:`irlnet_core.evidence.validity`);
    ``verdict`` tells how a fine-tuned model fared against its base ({"verdict": "better", "worse" or "not
    shown", "reasons": …}); ``training`` and ``metrics`` are free data; ``hashes`` maps file names to SHA-256
    and is filled by saving.
    """

    name: str
    architecture: ModelConfig
    tile: int
    overlap: int
    threshold: float = 0.5
    threshold_source: str = "default, not calibrated"
    operating_points: tuple[dict[str, Any], ...] = ()
    calibration: dict[str, Any] = field(default_factory=dict)
    clean_levels: tuple[float, ...] = ()
    validity: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    verdict: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    limits: tuple[str, ...] = ()
    notes: str = ""
    hashes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ModelError(f"{self.name!r} is no model name: up to 64 letters, digits, dots, dashes.")
        if self.tile < 8 or self.tile % 8 or not 0 <= self.overlap < self.tile:
            raise ModelError(f"tile {self.tile} is no multiple of 8 that exceeds the overlap {self.overlap}.")
        if not 0 < self.threshold < 1:
            raise ModelError(f"threshold {self.threshold} is not between 0 and 1.")
        for point in self.operating_points:
            if not all(_is_share(point.get(key, 0)) for key in ("threshold", "false_alarm_rate")):
                raise ModelError("operating_points need thresholds and rates between 0 and 1.")
        levels = self.clean_levels
        if list(levels) != sorted(levels) or not all(0 <= level <= 1 for level in levels):
            raise ModelError("clean_levels must rise and lie between 0 and 1.")

    def uncalibrated(self) -> ModelCard:
        """Return the card for other weights: nothing that was measured to use these, and no hashes.

        Marks, clean levels, verdict and the ranges of the calibration go; the threshold is the default.
        """
        plain = ModelCard(self.name, self.architecture, self.tile, self.overlap)
        changes = {name: getattr(plain, name) for name in (*_MEASURED, "verdict", "hashes")}
        return dataclasses.replace(self, **changes, validity=self.written_validity)

    @property
    def written_validity(self) -> dict[str, Any]:
        """Return the ranges that someone wrote; none where they are those of the card's own calibration."""
        measured = self.validity.get("source") == name_ranges(self.calibration.get("set"))
        return {} if measured else self.validity

    def to_json(self) -> str:
        """Return the text of ``card.json``. Raises :class:`ModelError` for data that JSON can't hold."""
        data = {**dataclasses.asdict(self), "architecture": to_dict(self.architecture)}
        data["threshold"] = {"value": data.pop("threshold"), "source": data.pop("threshold_source")}
        try:
            return (
                json.dumps({"format": FORMAT, **data}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            )
        except (TypeError, ValueError) as error:
            raise ModelError(f"the card of {self.name!r} can't be written: {error}.") from error


def name_ranges(set_name: object) -> str:
    """Return the source of the ranges that a calibration on the set ``set_name`` writes on a card."""
    return f"the clean pictures of {set_name}, as they are"


def read_card(folder: Path) -> ModelCard:
    """Read the card of the model in ``folder``; the weights are neither read nor checked.

    Raises :class:`ModelError` when it is missing, not JSON, of another kind or version, or lacks something.
    """
    path = Path(folder) / CARD_NAME
    try:
        return _from_data(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        reason = "is missing, so this is no model folder." if Path(folder).is_dir() else "does not exist."
        raise ModelError(reason, path=path, cure=_CURE) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"can't be read as JSON ({error}).", path=path, cure=_CURE) from error
    except (ConfigError, ModelError) as error:
        raise ModelError(f"is not usable: {error.reason}", path=path, cure=error.cure or _CURE) from error


def _from_data(data: Any) -> ModelCard:
    if not isinstance(data, dict) or not isinstance(data.get("format"), dict):
        raise ModelError("it is not the card of an IRL-Net model.")
    data = dict(data)
    _check_format(data.pop("format"))
    data["threshold"], data["threshold_source"] = _pair(data.get("threshold"))
    names = {f.name for f in dataclasses.fields(ModelCard)}
    if odd := (set(data) ^ names) - (_OPTIONAL - set(data)):
        wrong = sorted(odd)[0]
        raise ModelError(f"the key {wrong!r} is {'unknown' if wrong in data else 'missing'}.")
    points = _items("operating_points", data.pop("operating_points"), dict)
    limits = _items("limits", data.pop("limits"), str)
    return dataclasses.replace(from_dict(ModelCard, data), operating_points=points, limits=limits)


def _check_format(found: dict[str, Any]) -> None:
    if found.get("id") != FORMAT["id"]:
        raise ModelError(f"it is a {found.get('id')!r}, not the card of an IRL-Net model.")
    if found.get("version") != FORMAT["version"]:
        raise ModelError(
            f"its format is version {found.get('version')!r}, this program reads {FORMAT['version']}.",
            cure="Use a program of the model's age, or another model.",
        )


def _pair(threshold: Any) -> tuple[Any, Any]:
    if not isinstance(threshold, dict) or set(threshold) != {"value", "source"}:
        raise ModelError("the threshold needs a value and a source.")
    return threshold["value"], threshold["source"]


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _items(key: str, value: Any, kind: type) -> tuple[Any, ...]:
    if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
        raise ModelError(f"{key} = {value!r} has the wrong type.")
    return tuple(value)
