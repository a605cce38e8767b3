"""The folder of a trained engine: ``engine.safetensors`` (float16) and its card ``engine.json``."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from irlnet_core.config import from_dict
from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.files import sha256_of_bytes, write_bytes, write_json

Weights = dict[str, NDArray[np.float32]]

FORMAT = "irlnet-engine-1"
CARD, WEIGHTS = "engine.json", "engine.safetensors"
_CURE = "Train the engine again or copy its folder anew."


@dataclass(frozen=True)
class EngineCard:
    """What ``engine.json`` says of an engine beside its format and the hash of its weights.

    ``kind`` tells how to build it (with ``config``), ``stride`` is the side of one latent cell in pixels,
    ``training`` and ``quality`` hold what was counted and measured.
    """

    kind: str
    name: str
    stride: int
    licence: str
    source: str
    config: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)


def save_engine(folder: Path, card: EngineCard, weights: Weights) -> None:
    """Write an engine to ``folder``: the weights as float16, then the card with their SHA-256.

    Raises :class:`ModelError` when a weight is not finite in float16.
    """
    folder = Path(folder)
    with np.errstate(over="ignore"):
        halves = {name: np.ascontiguousarray(values, np.float16) for name, values in weights.items()}
    for name, values in halves.items():
        if not np.isfinite(values).all():
            raise ModelError(
                f"the weights {name} are not finite.", path=folder, cure="Train with a lower learning rate."
            )
    data = safetensors.numpy.save(halves)
    write_bytes(folder / WEIGHTS, data)
    write_json(folder / CARD, {"format": FORMAT, **dataclasses.asdict(card), "sha256": sha256_of_bytes(data)})


def read_engine(folder: Path) -> tuple[EngineCard, Weights]:
    """Return the card and the weights (float32) of the engine in ``folder``; nothing in it is ever executed.

    Raises :class:`ModelError` naming the file when one is missing, cut, altered or foreign.
    """
    card, sha256 = _read_card(Path(folder) / CARD)
    return card, _read_weights(Path(folder) / WEIGHTS, sha256)


def _read_card(path: Path) -> tuple[EngineCard, str]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"is not a readable engine card: {error}.", path=path, cure=_CURE) from error
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise ModelError(f"is not an engine card of format {FORMAT}.", path=path, cure=_CURE)
    sha256 = data.pop("sha256", None)
    if not isinstance(sha256, str):
        raise ModelError("lacks the hash of the engine's weights.", path=path, cure=_CURE)
    try:
        return from_dict(EngineCard, data), sha256
    except (ConfigError, TypeError) as error:
        raise ModelError(f"is not a usable engine card: {error}", path=path, cure=_CURE) from error


def _read_weights(path: Path, sha256: str) -> Weights:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror or error}).", path=path, cure=_CURE) from error
    if sha256_of_bytes(data) != sha256:
        raise ModelError("is cut or altered: its hash is not the one in its card.", path=path, cure=_CURE)
    try:
        return {name: values.astype(np.float32) for name, values in safetensors.numpy.load(data).items()}
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"is not a safetensors file: {error}.", path=path, cure=_CURE) from error
