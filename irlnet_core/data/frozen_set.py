"""A data set, frozen: which files were learned from, which were left out and why, by their hashes."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from irlnet_core import files
from irlnet_core.data.pair_check import CheckedPair, DataCheck
from irlnet_core.data.pairs import MaskKind, Pair, Problem
from irlnet_core.errors import DataError
from irlnet_core.progress import Event, Progress

FORMAT = {"id": "irlnet-data-set", "version": 1}
LEFT_OUT = "left out by the analyst"


@dataclass(frozen=True)
class FrozenRow:
    """One pair as it was decided: paths below the folder, SHA-256 sums, split, decision and its reason.

    ``decision`` is "used" or "left out"; ``marked`` is the marked share of the picture.
    """

    image: str
    image_sha256: str
    mask: str | None
    mask_sha256: str
    original: str | None
    original_sha256: str
    convention: str
    kind: MaskKind
    entry: str
    invert: bool | None
    turn: bool
    width: int
    height: int
    marked: float
    group: str
    split: str
    decision: str
    reason: str


@dataclass(frozen=True)
class FrozenSet:
    """The pairs of one folder as they were when it was frozen; ``sha256`` binds a model's card to it."""

    folder: Path
    rows: tuple[FrozenRow, ...]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Return the set as JSON; the folder's own place is not told, only its name."""
        value = {
            "format": FORMAT,
            "folder": self.folder.name,
            "pairs": [asdict(row) for row in self.rows],
            "problems": [{"file": file, "reason": reason} for file, reason in self.problems],
        }
        # Pure ASCII: a name whose bytes are no UTF-8 comes back as it was.
        return json.dumps(value, indent=1, allow_nan=False) + "\n"

    @property
    def sha256(self) -> str:
        return files.sha256_of_bytes(self.text.encode("utf-8"))

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a model's card tells of the set: never a file's name."""
        used = [row for row in self.rows if row.decision == "used"]
        return {"sha256": self.sha256, "pairs": len(used), "left_out": len(self.rows) - len(used)}

    @property
    def train(self) -> list[Pair]:
        return self._pairs("train")

    @property
    def validation(self) -> list[Pair]:
        return self._pairs("validation")

    def write(self, path: Path) -> None:
        """Write the set as JSON, atomically; its bytes have the hash :attr:`sha256`."""
        files.write_bytes(path, self.text.encode("utf-8"))

    def _pairs(self, split: str) -> list[Pair]:
        used = [row for row in self.rows if row.decision == "used" and row.split == split]
        return [_to_pair(row, self.folder) for row in used]


def freeze(check: DataCheck, *, left_out: Collection[Path] = ()) -> FrozenSet:
    """Freeze a settled check; pictures in ``left_out`` are kept as rows that the analyst left out.

    Raises :class:`DataError` when nothing is usable, or when nothing is held out for validation: all come
    from one source picture.
    """
    return freeze_all([check], left_out=left_out)[0]


def freeze_all(checks: Sequence[DataCheck], *, left_out: Collection[Path] = ()) -> list[FrozenSet]:
    """Freeze folders whose rows were settled together; as :func:`freeze`, but the split is of all of them."""
    frozen = [_freeze(check, left_out) for check in checks]
    sides = {row.split for part in frozen for row in part.rows if row.decision == "used"}
    folder = checks[0].folder
    if not sides:
        rows = [row for check in checks for row in check.rows]
        raise DataError("holds no usable pair.", path=folder, cure=_first_reason(rows))
    if sides != {"train", "validation"}:
        reason = "holds pictures of one source only, so that none can be held out."
        raise DataError(reason, path=folder, cure="Add pairs of at least one other picture.")
    return frozen


def _freeze(check: DataCheck, left_out: Collection[Path]) -> FrozenSet:
    rows = [_freeze_row(row, check.folder, left_out) for row in check.rows]
    problems = tuple((_below(problem.file, check.folder), problem.text) for problem in check.problems)
    return FrozenSet(check.folder, tuple(rows), problems)


def read_frozen_set(path: Path, folder: Path) -> FrozenSet:
    """Read a frozen set of ``folder``. Raises :class:`DataError` where it is damaged or of another kind."""
    try:
        content = json.loads(path.read_text("utf-8"))
        rows = tuple(_read_row(row, content["format"]) for row in content["pairs"])
        problems = tuple((str(p["file"]), str(p["reason"])) for p in content["problems"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = f"is no frozen data set that can be read ({error})."
        raise DataError(reason, path=path, cure="Check the data folder again.") from error
    return FrozenSet(Path(folder), rows, problems)


def verify(frozen: FrozenSet) -> Generator[Event, None, list[Problem]]:
    """Yield progress; return a problem for every used file that is gone or is no longer the frozen one."""
    used = [row for row in frozen.rows if row.decision == "used"]
    found: dict[Path, Problem] = {}
    known: dict[Path, str] = {}
    for number, row in enumerate(used, 1):
        told = (
            (row.image, row.image_sha256),
            (row.mask, row.mask_sha256),
            (row.original, row.original_sha256),
        )
        for name, sha256 in told:
            if name:
                path = frozen.folder / name
                known[path] = known.get(path) or _hash(path)
                if known[path] != sha256:
                    change = "has changed" if known[path] != _GONE else "cannot be read"
                    cure = "Check the data folder again."
                    found[path] = Problem(path, f"{change} since the data were checked.", cure)
        yield Progress("verify", number, len(used))
    return list(found.values())


_GONE = "gone"


def _hash(path: Path) -> str:
    try:
        return files.sha256_of_file(path)
    except OSError:
        return _GONE


def _freeze_row(row: CheckedPair, folder: Path, left_out: Collection[Path]) -> FrozenRow:
    pair = row.pair
    out = pair.image in left_out
    reason = row.problem.text if row.problem else LEFT_OUT if out else ""
    return FrozenRow(
        image=_below(pair.image, folder),
        image_sha256=row.image_sha256,
        mask=_below(pair.mask, folder) if pair.mask else None,
        mask_sha256=row.mask_sha256,
        original=_below(pair.original, folder) if pair.original else None,
        original_sha256=row.original_sha256,
        convention=pair.convention,
        kind=pair.kind,
        entry=pair.entry,
        invert=pair.invert,
        turn=pair.turn,
        width=row.width,
        height=row.height,
        marked=round(row.marked, 6),
        group=row.group,
        split="" if out else row.side,
        decision="left out" if reason else "used",
        reason=reason,
    )


def _below(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _to_pair(row: FrozenRow, folder: Path) -> Pair:
    return Pair(
        folder / row.image,
        folder / row.mask if row.mask else None,
        folder / row.original if row.original else None,
        folder.name,
        row.convention,
        row.kind,
        row.entry,
        row.invert,
        row.turn,
        row.split,
        row.group,
    )


def _read_row(content: dict[str, Any], told: object) -> FrozenRow:
    if told != FORMAT:
        raise ValueError(f"its format is {told!r}")
    row = FrozenRow(**content)
    paths = [PurePosixPath(name) for name in (row.image, row.mask, row.original) if name is not None]
    if row.kind not in get_args(MaskKind) or any(p.is_absolute() or ".." in p.parts for p in paths):
        raise ValueError("a row tells no pair below the folder")
    return row


def _first_reason(rows: Sequence[CheckedPair]) -> str:
    reasons = [row.problem for row in rows if row.problem]
    return f"The first reason: {reasons[0].file.name} {reasons[0].reason}" if reasons else "Add pairs."
