"""The models at hand, for the choice before an analysis; only their cards are read, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.errors import ModelError
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.locate import find_model, shipped_models


@dataclass(frozen=True)
class ModelChoice:
    """A model folder: its card, or why it can't be used. The ``default`` one is taken when none is named."""

    name: str
    folder: Path
    card: ModelCard | None
    error: str = ""
    default: bool = False


def list_models(homes: Sequence[Path] | None = None) -> list[ModelChoice]:
    """Return the shipped models and the user's own, by name."""
    models = shipped_models(homes)
    default = find_model(None, homes) if models else None
    return [read_choice(name, folder, default=folder == default) for name, folder in models.items()]


def read_choice(name: str, folder: Path, *, default: bool = False) -> ModelChoice:
    """Return one model folder, wherever it lies."""
    try:
        return ModelChoice(name, folder, read_card(folder), default=default)
    except ModelError as error:
        return ModelChoice(name, folder, None, str(error), default=default)
