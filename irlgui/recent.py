"""What was opened lately: files and folders, the newest first, kept with the settings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from irlgui.settings import Settings

_KEY = "recent"
_MOST = 12


def read_recent(settings: Settings) -> list[Path]:
    """Return the recent places that are still there, and can be reached."""
    stored = settings.store.value(_KEY)
    names = stored if isinstance(stored, list) else [stored or ""]  # a list of one comes back as text
    return [Path(str(name)) for name in names if name and is_there(str(name))]


def remember(settings: Settings, paths: Iterable[Path]) -> None:
    """Put places to the front of the list."""
    names = [str(path.absolute()) for path in paths]
    names += [str(path) for path in read_recent(settings)]
    settings.store.setValue(_KEY, list(dict.fromkeys(names))[:_MOST])


def is_there(path: str | Path) -> bool:
    """Tell whether a place can be reached; Path.exists raises an error for one in a closed folder."""
    return os.path.exists(path)  # noqa: PTH110


def forget_all(settings: Settings) -> None:
    """Empty the list."""
    settings.store.remove(_KEY)
