"""From folders to frozen sets in one go: find, check, settle, freeze; or a set that was frozen before."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irlnet_core.data.frozen_set import FrozenSet, freeze_all, read_frozen_set, verify
from irlnet_core.data.pair_check import DataCheck, Fix, check_pairs
from irlnet_core.data.pairing import find_pairs
from irlnet_core.data.split import SHARE, settle
from irlnet_core.errors import DataError
from irlnet_core.progress import Event


@dataclass(frozen=True)
class CheckOptions:
    """How a folder is checked: maskless pictures are authentic, what may be fixed, what is evidence."""

    authentic: bool = False
    fixes: tuple[Fix, ...] = ()
    evidence: frozenset[str] = frozenset()
    share: float = SHARE
    seed: int = 0


def check_folders(folders: Sequence[Path], options: CheckOptions) -> Generator[Event, None, list[DataCheck]]:
    """Yield progress; return one check per folder, settled together: no source is on both sides of the split.

    Raises :class:`DataError` where a folder is missing.
    """
    checks = []
    for folder in folders:
        pairing = find_pairs(folder, authentic=options.authentic)
        check = yield from check_pairs(
            pairing, authentic=options.authentic, evidence=options.evidence, fixes=options.fixes
        )
        checks.append(check)
    rows = settle([row for check in checks for row in check.rows], share=options.share, seed=options.seed)
    settled = []
    for check in checks:
        count = len(check.rows)
        settled.append(replace(check, rows=tuple(rows[:count])))
        rows = rows[count:]
    return settled


def freeze_folders(
    folders: Sequence[Path], options: CheckOptions, *, frozen: Sequence[Path] = ()
) -> Generator[Event, None, list[FrozenSet]]:
    """Yield progress; return the folders as frozen sets that can be learned from.

    ``frozen`` names the files of sets frozen before, one of each folder; every file is hashed again.
    Raises :class:`DataError` when nothing is usable, none can be held out, a file has changed since, or is
    evidence.
    """
    if not frozen:
        return freeze_all((yield from check_folders(folders, options)))
    sets = yield from read_unchanged(frozen, folders)
    for part in sets:
        _refuse_evidence(part, options.evidence)
    if not (any(part.train for part in sets) and any(part.validation for part in sets)):
        raise DataError("holds no pair to learn from, or none to validate by.", path=frozen[0])
    return sets


def read_unchanged(
    frozen: Sequence[Path], folders: Sequence[Path]
) -> Generator[Event, None, list[FrozenSet]]:
    """Yield progress; return the sets in these files, one of each folder, after hashing every file again.

    Raises :class:`DataError` when a set is damaged, or one of its files has changed since.
    """
    sets = []
    for path, folder in zip(frozen, folders, strict=True):
        known = read_frozen_set(path, folder)
        if problems := (yield from verify(known)):
            first = problems[0]
            raise DataError(first.reason, path=first.file, cure=first.cure)
        sets.append(known)
    return sets


def place_sets(folder: Path, count: int) -> list[Path]:
    """Return where a model's or a run's folder has its sets: data.json, then data-2.json and so on."""
    return [folder / f"data{'' if number == 1 else f'-{number}'}.json" for number in range(1, count + 1)]


def _refuse_evidence(part: FrozenSet, evidence: Collection[str]) -> None:
    for row in part.rows:
        for name, sha256 in ((row.image, row.image_sha256), (row.original, row.original_sha256)):
            if name and row.decision == "used" and sha256 in evidence:
                cure = "Freeze the folder again without it: a net must not learn what it shall judge."
                raise DataError("is evidence of the case.", path=part.folder / name, cure=cure)
