"""Trained engines of the forge: built from their folder's card and weights, whatever their kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from irlnet_core.config import from_dict
from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.forge.autoencoder import Autoencoder, RoundTripEngine, load_weights
from irlnet_core.forge.autoencoder_config import AutoencoderConfig
from irlnet_core.forge.engine import Engine
from irlnet_core.forge.engine_files import EngineCard, Weights, read_engine
from irlnet_core.forge.gc import GcEngine, GcGenerator
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.forge.rrdb import RrdbConfig, RrdbUpscaler
from irlnet_core.forge.taef2 import Taef2

PERTURBATION = 0.04  # relative noise on a perturbed engine's decoder weights


def load_trained_engine(folder: Path, *, perturb: float = 0.0) -> Engine:
    """Return the engine saved in ``folder``, perturbed anew at each fill if asked.

    Raises :class:`ModelError` when a file is missing, cut, altered or foreign.
    """
    card, weights = read_engine(folder)
    if card.kind not in _KINDS:
        raise ModelError(
            f"holds an engine of the unknown kind {card.kind!r}; known are {', '.join(_KINDS)}.",
            path=folder,
            cure="Update the program or train the engine again.",
        )
    try:
        return _KINDS[card.kind](card, weights, perturb)
    except (RuntimeError, ConfigError) as error:
        raise ModelError(
            f"its weights and its card do not fit together: {error}",
            path=folder,
            cure="Copy the engine's folder anew.",
        ) from error


def _load_autoencoder(card: EngineCard, weights: Weights, perturb: float) -> Engine:
    net = Autoencoder(from_dict(AutoencoderConfig, card.config))
    return RoundTripEngine(card.name, load_weights(net, weights), perturb=perturb)


def _load_taef2(card: EngineCard, weights: Weights, perturb: float) -> Engine:
    return RoundTripEngine(card.name, load_weights(Taef2(), weights), perturb=perturb)


def _load_gc(card: EngineCard, weights: Weights, perturb: float) -> Engine:
    net = GcGenerator(from_dict(GcConfig, card.config))
    return GcEngine(card.name, load_weights(net, weights), perturb=perturb)


def _load_rrdb(card: EngineCard, weights: Weights, perturb: float) -> Engine:
    net = RrdbUpscaler(from_dict(RrdbConfig, card.config)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return RoundTripEngine(card.name, load_weights(net, weights), perturb=perturb)


_KINDS: dict[str, Callable[[EngineCard, Weights, float], Engine]] = {
    "autoencoder": _load_autoencoder,
    "taef2": _load_taef2,
    "gc": _load_gc,
    "rrdb": _load_rrdb,
}
