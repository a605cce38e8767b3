"""Groups pictures by their source and splits them, so that nothing learned is examined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from irlnet_core.data.duplicates import group, link_equal, near_pairs
from irlnet_core.data.file_names import FileName, source_of
from irlnet_core.data.pair_check import CheckedPair, Side
from irlnet_core.data.pairs import Problem
from irlnet_core.files import sha256_of_bytes

SHARE = 0.2


def settle(rows: Sequence[CheckedPair], *, share: float = SHARE, seed: int = 0) -> list[CheckedPair]:
    """Return the rows with exact copies made problems, and the usable ones with ``group`` and ``side``.

    Originals, near-duplicates and variants of one name are one group. About ``share`` of the groups with
    forgeries, at least one of two, and of the authentic ones is for validation; where folders or a list say
    "train" and "validation", these count, and a group on both sides goes to training. With one group only,
    all is for training. The result depends on the rows, not on their order.
    """
    order = sorted(range(len(rows)), key=lambda place: rows[place].pair.image)
    marked = _mark_copies([_unsettled(rows[place]) for place in order])
    usable = [place for place, row in enumerate(marked) if row.usable]
    groups = _group([marked[place] for place in usable])
    sides = _choose_sides([marked[place] for place in usable], groups, share, seed)
    for place, name in zip(usable, groups, strict=True):
        marked[place] = replace(marked[place], group=name, side=sides[name])
    settled = _note_moved(_note_neighbours(marked))
    back = {place: number for number, place in enumerate(order)}
    return [settled[back[place]] for place in range(len(rows))]


class CopyProblem(Problem):
    """The pair is an exact copy of another one: judged anew whenever the rows are settled."""


def _unsettled(row: CheckedPair) -> CheckedPair:
    kept = tuple(note for note in row.notes if not note.startswith(_SETTLED))
    problem = None if isinstance(row.problem, CopyProblem) else row.problem
    return replace(row, problem=problem, notes=kept, group="", side="")


_SETTLED = ("nearly the same picture as ", "moved to ")


def _mark_copies(rows: list[CheckedPair]) -> list[CheckedPair]:
    """Leave out pairs whose picture and mask are byte for byte those of an earlier one."""
    first: dict[tuple[str, ...], Path] = {}
    for place, row in enumerate(rows):
        if not row.usable or row.fingerprint is None:
            continue
        key = (row.image_sha256, row.mask_sha256, row.pair.entry, str(row.pair.invert), str(row.pair.turn))
        other = first.setdefault(key, row.pair.image)
        if other != row.pair.image:
            reason = f"is an exact duplicate of {_short(other)}, and so is its mask."
            problem = CopyProblem(row.pair.image, reason, "One of the two is enough.")
            rows[place] = replace(row, problem=problem)
    return rows


def _group(rows: list[CheckedPair]) -> list[str]:
    """Return the name of each row's group: the first picture's in it."""
    links = link_equal([_source(row) for row in rows])
    links += link_equal([row.image_sha256 for row in rows])
    links += link_equal([row.original_sha256 for row in rows])
    links += near_pairs([row.fingerprint for row in rows])
    return [_short(rows[number].pair.image) for number in group(len(rows), links)]


def _source(row: CheckedPair) -> str:
    path = row.pair.image
    return source_of(FileName(path, PurePosixPath(path.parent.name, path.name)))


def _choose_sides(rows: list[CheckedPair], groups: list[str], share: float, seed: int) -> dict[str, Side]:
    told: dict[str, set[str]] = {name: set() for name in groups}
    for row, name in zip(rows, groups, strict=True):
        told[name] |= {row.pair.split} if row.pair.mask else set()
    if {"train", "validation"} <= set().union(*told.values()):
        sides: dict[str, Side] = {
            name: "validation" if said == {"validation"} else "train" for name, said in told.items()
        }
        if "validation" in sides.values():
            return sides
    ranked = sorted(
        told, key=lambda name: sha256_of_bytes(f"{seed}:{name}".encode("utf-8", "surrogateescape"))
    )
    forged = {name for row, name in zip(rows, groups, strict=True) if row.marked > 0}
    held = _hold_out(ranked, forged, share)
    return {name: "validation" if name in held else "train" for name in told}


def _hold_out(ranked: list[str], forged: set[str], share: float) -> set[str]:
    """Return the groups for validation: without a forgery there is nothing to find, nor to learn."""
    marked = [name for name in ranked if name in forged]
    others = [name for name in ranked if name not in forged]
    held = marked[: max(0, min(max(1, round(share * len(marked))), len(marked) - 1))]
    least, most = (0 if held else 1), len(others) - (0 if marked else 1)
    return {*held, *others[: min(max(least, round(share * len(others))), most)]}


def _note_neighbours(rows: list[CheckedPair]) -> list[CheckedPair]:
    """Say of every row of a larger group which picture it belongs to."""
    sizes: dict[str, int] = defaultdict(int)
    for row in rows:
        sizes[row.group] += bool(row.group)
    return [
        replace(row, notes=(*row.notes, f"{_SETTLED[0]}{row.group}, or of its source: kept on its side"))
        if sizes[row.group] > 1 and _short(row.pair.image) != row.group
        else row
        for row in rows
    ]


def _note_moved(rows: list[CheckedPair]) -> list[CheckedPair]:
    return [
        replace(row, notes=(*row.notes, f"{_SETTLED[1]}{row.side}: its like is there"))
        if row.side and row.pair.split and row.side != row.pair.split
        else row
        for row in rows
    ]


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])
