"""From folders to frozen sets in one go: find, check, settle, freeze; or a set that was frozen before."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
    folders: Sequence[Path], options: CheckOptions, *, frozen: Path | None = None
) -> Generator[Event, None, list[FrozenSet]]:
    """Yield progress; return the folders as frozen sets that can be learned from.

    ``frozen`` names the file of a set that was frozen before, of the one folder; every file is hashed again.
    Raises :class:`DataError` when nothing is usable, none can be held out, or a file has changed since.
    """
    if frozen is None:
        return freeze_all((yield from check_folders(folders, options)))
    known = read_frozen_set(frozen, folders[0])
    if problems := (yield from verify(known)):
        first = problems[0]
        raise DataError(first.reason, path=first.file, cure=first.cure)
    if not (known.train and known.validation):
        raise DataError("holds no pair to learn from, or none to validate by.", path=frozen)
    return [known]
