"""Finding model folders by name or path, without loading torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import appdirs

from irlnet_core.errors import ModelError
from irlnet_core.model.card import CARD_NAME

DEFAULT_FILE = "default.json"  # in the user's models folder: {"default": NAME}
_PREFERRED = ("fast", "base")


def model_homes() -> list[Path]:
    """Return the folders that hold model folders: the repository's, the installed program's, the user's own.

    The repository comes before the package, because an editable install may keep a stale copy in the latter.
    """
    package = Path(__file__).resolve().parents[1]
    user = Path(appdirs.user_data_dir("irlnet", appauthor=False))
    return [home / "models" for home in (package.parent / "resources", package / "resources", user)]


def shipped_models(homes: Sequence[Path] | None = None) -> dict[str, Path]:
    """Return name → folder of every model at hand, by alphabet; of a name found twice the first home's."""
    found: dict[str, Path] = {}
    for home in model_homes() if homes is None else homes:
        for card in sorted(home.glob(f"*/{CARD_NAME}")):
            if not card.parent.name.startswith("."):  # half imported, or half deleted
                found.setdefault(card.parent.name, card.parent)
    return dict(sorted(found.items()))


def chosen_default(homes: Sequence[Path]) -> str:
    """Return the name that the user made the default, as the last home tells it; "" = none."""
    try:
        told = json.loads((homes[-1] / DEFAULT_FILE).read_text("utf-8"))
        return str(told["default"])
    except (OSError, ValueError, KeyError, TypeError, IndexError):  # never chosen, or damaged
        return ""


def find_model(name_or_path: str | Path | None = None, homes: Sequence[Path] | None = None) -> Path:
    """Return the folder of a model: a name at hand, else a path; None = the default.

    That is the one the user chose, else "fast", else "base", else the first.

    Raises :class:`ModelError` that lists the names at hand.
    """
    models = shipped_models(homes)
    if name_or_path is None:
        chosen = chosen_default(model_homes() if homes is None else homes)
        wanted = next((name for name in (chosen, *_PREFERRED, *models) if name in models), "")
    else:
        wanted = str(name_or_path)
    if wanted in models:
        return models[wanted]
    if wanted and Path(wanted).is_dir():
        return Path(wanted)
    known = ", ".join(models) or "none"
    what = f"There is no model called {wanted!r}." if wanted else "No model is installed."
    raise ModelError(what, cure=f"Models at hand: {known}; or give the path of a model folder.")
