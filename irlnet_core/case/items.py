"""Evidence items of a case: which bytes, where they were seen, and where they are now."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from irlnet_core import files
from irlnet_core.case.audit import sha256_of
from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.record import AnalysisRecord, format_utc


@dataclass(frozen=True)
class Item:
    """A piece of evidence: the bytes with this SHA-256.

    ``facts`` are those of its record, ``places`` where it was seen (absolute, the oldest first), ``relative``
    the same from the case file's folder, "" where there is no such way (another drive).
    """

    sha256: str
    facts: dict[str, Any]
    places: tuple[Path, ...]
    relative: tuple[str, ...]
    added: str

    @property
    def name(self) -> str:
        return str(self.facts["file_name"])


@dataclass(frozen=True, eq=False)
class Analysed:
    """An analysis in a case: its record; the map is loaded by the case."""

    id: str
    sha256: str
    record: AnalysisRecord
    created: str


def item_from(sha256: str, data: str, places: Sequence[str]) -> Item:
    """Return the item of a case's rows. Raises :class:`DataError`."""
    try:
        told, seen = json.loads(data), [json.loads(place) for place in places]
        absolute = tuple(Path(place["absolute"]) for place in seen)
        relative = tuple(str(place["relative"]) for place in seen)
        return Item(sha256, dict(told["facts"]), absolute, relative, str(told["added"]))
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"an item of the case can't be read ({error!r}).") from error


def analysed_from(number: str, sha256: str, data: str) -> Analysed:
    """Return the analysis of a case's row. Raises :class:`DataError`."""
    try:
        told = json.loads(data)
        return Analysed(number, sha256, AnalysisRecord.from_dict(told["record"]), str(told["created"]))
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"an analysis of the case can't be read ({error!r}).") from error


def place_of(sha256: str, path: Path, case: Path) -> tuple[str, dict[str, str]]:
    """Return key and content of the row about a place where an item was seen."""
    absolute = str(path.absolute())
    try:
        relative = Path(os.path.relpath(path, case.parent)).as_posix()
    except ValueError:  # another drive
        relative = ""
    data = {"absolute": absolute, "relative": relative, "seen": format_utc(datetime.now(UTC))}
    return sha256_of([sha256, absolute]), data


def find_moved(item: Item, case: Path, search: Iterable[Path] = ()) -> Path | None:
    """Return a file with the item's bytes: where it was, beside the case as before, or in ``search``."""
    beside = [
        Path(os.path.normpath(case.absolute().parent / relative)) for relative in item.relative if relative
    ]
    for path in [*reversed(item.places), *reversed(beside), *files_below(search)]:
        if _is(path, item):
            return path
    return None


def load_evidence(sha256: str, place: Path | None) -> tuple[SuspectImage | None, str]:
    """Return the evidence at ``place``, or why it is not at hand."""
    if place is None:
        return None, "The file was found neither where it was nor beside the case."
    try:
        image = read_image(place, max_pixels=1 << 40)  # it was read before
    except IrlnetError as error:
        return None, str(error)
    if image.sha256 != sha256:
        return None, f"{place} is no longer the file that was analysed."
    return image, ""


def files_below(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the files among ``places``, and those below the folders among them; no link is entered."""
    for named in places:
        if not files.is_folder(named):
            yield named
        for place, _, names in os.walk(named):
            yield from (Path(place, name) for name in sorted(names))


def _is(path: Path, item: Item) -> bool:
    """Tell whether a file has the item's bytes; it is only hashed where the size fits."""
    try:
        if path.stat().st_size != item.facts["size_bytes"] or not path.is_file():
            return False
        return files.sha256_of_file(path) == item.sha256
    except OSError:
        return False
