"""Where the evidence of a case is now: as it was seen, beside the case, or elsewhere, found by its hash."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from irlnet_core import files
from irlnet_core.case.items import files_below
from irlnet_core.case.overview import Glimpse
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True)
class Whereabouts:
    """``found`` tells each item's file by SHA-256, ``moved`` those of them at a new place."""

    found: dict[str, Path]
    moved: dict[str, Path]
    missing: tuple[Glimpse, ...]


def find_evidence(
    items: Iterable[Glimpse], case: Path, search: Iterable[Path] = ()
) -> Generator[Event, None, Whereabouts]:
    """Look for each item where it was seen, by size and time, then beside ``case`` and below the folders
    ``search``, by its hash; a file is only hashed where its size fits. No folder is entered through a link.
    """
    found: dict[str, Path] = {}
    moved: dict[str, Path] = {}
    missing: dict[str, Glimpse] = {}
    items = list(items)
    for number, item in enumerate(items):
        if number % 50 == 0:
            yield Progress("looking", number, len(items))
        if place := _where_it_was(item):
            found[item.sha256] = place
        elif place := _beside(item, case):
            found[item.sha256] = moved[item.sha256] = place
        else:
            missing[item.sha256] = item
    for path in files_below(search) if missing else ():
        yield Progress("searching", len(items) - len(missing), len(items))
        if sha256 := _which(path, missing):
            found[sha256] = moved[sha256] = path
            del missing[sha256]
            if not missing:
                break
    return Whereabouts(found, moved, tuple(missing.values()))


def _where_it_was(item: Glimpse) -> Path | None:
    """Return the newest place that holds the file as it was seen, or one with its bytes."""
    there = [(path, status) for path in reversed(item.places) if (status := _stat(path))]
    for path, status in there:
        if item.fits(status.st_size, status.st_mtime_ns):
            return path
    return next((path for path, _ in there if _which(path, {item.sha256: item})), None)


def _beside(item: Glimpse, case: Path) -> Path | None:
    for relative in reversed(item.relative):
        path = Path(os.path.normpath(case.absolute().parent / relative)) if relative else None
        if path and path not in item.places and _which(path, {item.sha256: item}):
            return path
    return None


def _which(path: Path, wanted: dict[str, Glimpse]) -> str | None:
    """Return the hash of the wanted item that a file holds, or None."""
    status = _stat(path)
    if status is None or all(item.size_bytes != status.st_size for item in wanted.values()):
        return None
    try:
        sha256 = files.sha256_of_file(path)
    except OSError:
        return None
    return sha256 if sha256 in wanted else None


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat() if path.is_file() else None
    except OSError:
        return None
