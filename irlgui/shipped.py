"""Where the files lie that ship with the program."""

from __future__ import annotations

from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a shipped file: the repository's copy where there is one, else the installed one.

    An editable install may keep a stale copy, so the repository comes first.
    """
    root = Path(__file__).resolve().parents[1]
    homes = (root / "resources", root / "irlnet_core" / "resources")
    return next((home.joinpath(*parts) for home in homes if home.is_dir()), homes[0].joinpath(*parts))
