"""What was opened lately: files and folders, the newest first, kept with the settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from irlgui.settings import Settings

_KEY = "recent"
_MOST = 12


def read_recent(settings: Settings) -> list[Path]:
    """Return the recent places that are still there."""
    stored = settings.store.value(_KEY)
    names = stored if isinstance(stored, list) else [stored or ""]  # a list of one comes back as text
    return [path for name in names if name and (path := Path(str(name))).exists()]


def remember(settings: Settings, paths: Iterable[Path]) -> None:
    """Put places to the front of the list."""
    names = [str(path.absolute()) for path in paths]
    names += [str(path) for path in read_recent(settings)]
    settings.store.setValue(_KEY, list(dict.fromkeys(names))[:_MOST])


def forget_all(settings: Settings) -> None:
    """Empty the list."""
    settings.store.remove(_KEY)
