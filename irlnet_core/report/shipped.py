"""Where the files lie that a report is made with."""

from __future__ import annotations

from pathlib import Path


def report_file(*parts: str) -> Path:
    """Return the path of a file in ``resources/report``: the repository's where there is one, else installed.

    An editable install may keep a stale copy, so the repository comes first.
    """
    package = Path(__file__).resolve().parents[1]
    homes = (package.parent / "resources" / "report", package / "resources" / "report")
    return next((home.joinpath(*parts) for home in homes if home.is_dir()), homes[0].joinpath(*parts))
