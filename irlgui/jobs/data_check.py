"""What the wizard asks about a folder of data, as jobs: what pairs, what each row is worth, freezing it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from irlgui.jobs.evidence import Evidence
from irlnet_core.data.pair_check import CheckedPair, DataCheck, check_pair, check_pairs
from irlnet_core.data.pairing import Pairing, find_pairs
from irlnet_core.data.pairs import Pair
from irlnet_core.data.split import settle
from irlnet_core.evidence.image import find_images
from irlnet_core.files import sha256_of_file
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True)
class CleanPictures:
    """The pictures of a folder that the forge is to work on."""

    folder: Path
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class RowRechecked(Event):
    """A row after the analyst's answer."""

    row: CheckedPair


def search_pairs(folder: Path, *, authentic: bool) -> Generator[Event, None, Pairing]:
    """Pair the files of a folder by their names. Raises :class:`DataError`."""
    yield Progress("searching", 0, 0)
    return find_pairs(folder, authentic=authentic)


def search_pictures(folder: Path) -> Generator[Event, None, CleanPictures]:
    """Find the pictures of a folder. Raises :class:`ImageReadError` for one that is missing or closed."""
    yield Progress("searching", 0, 0)
    return CleanPictures(folder, tuple(find_images([folder])))


def check_folder(folder: Path, *, authentic: bool, evidence: Evidence) -> Generator[Event, None, DataCheck]:
    """Pair the files and read every pair once. Raises :class:`DataError`."""
    yield Progress("searching", 0, 0)
    pairing = find_pairs(folder, authentic=authentic)
    pictures = [pair.image for pair in (*pairing.pairs, *pairing.authentic)]
    hashes = yield from hash_evidence(evidence, pictures)
    return (yield from check_pairs(pairing, authentic=authentic, evidence=hashes))


def recheck(pairs: Sequence[Pair], evidence: Evidence) -> Generator[Event, None, list[CheckedPair]]:
    """Read pairs again after the analyst's answers, telling each row as soon as it is known."""
    rows: list[CheckedPair] = []
    yield Progress("checking", 0, 0)
    hashes = yield from hash_evidence(evidence, [pair.image for pair in pairs])
    for pair in pairs:
        rows.append(check_pair(pair, evidence=hashes))
        yield RowRechecked(rows[-1])
    return rows


def hash_evidence(evidence: Evidence, pictures: Iterable[Path]) -> Generator[Event, None, frozenset[str]]:
    """Return all hashes of the evidence; unread files only count where they are as large as a picture."""
    sizes = {_size(picture) for picture in pictures} - {None}
    hashes = set(evidence.hashes)
    for path in evidence.unread:
        if _size(path) in sizes:
            yield Progress("searching", 0, 0)
            with contextlib.suppress(OSError):  # what can't be read can't have been copied
                hashes.add(sha256_of_file(path))
    return frozenset(hashes)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def conventions_of(pairing: Pairing) -> list[tuple[str, int]]:
    """Return how many pairs were found by which convention, the most frequent first."""
    counts: dict[str, int] = {}
    for pair in pairing.pairs:
        counts[pair.convention] = counts.get(pair.convention, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def divide(rows: Sequence[CheckedPair]) -> Generator[Event, None, list[CheckedPair]]:
    """Divide rows into those to learn from and those held out, by source. Raises :class:`DataError`."""
    yield Progress("dividing", 0, len(rows))
    return settle(rows)
