"""Pairs by a CSV manifest: one row per picture, with columns for the picture and its mask."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from irlnet_core.data.file_names import PICTURES, SPLITS, FileName, fold
from irlnet_core.data.folder_tree import FolderTree
from irlnet_core.data.pairs import Pair, Problem

_COLUMNS = {
    "image": "image img picture photo file filename filepath path inpainted forged tampered fake input",
    "mask": "mask gt groundtruth label target annotation",
    "original": "original originals pristine authentic",
    "split": "split subset set",
}
_ENDS = ("", "path", "file", "filename", "name", "filepath", "image")
_FIELD_OF = {
    word + end: column for column, words in _COLUMNS.items() for word in words.split() for end in _ENDS
}
_LONGEST = 1 << 20


@dataclass
class Found:
    """What lists or JSON files told: pairs, authentic pictures, problems, and the files that were read."""

    pairs: list[Pair] = field(default_factory=list)
    authentic: list[Pair] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: list[Path] = field(default_factory=list)
    pictures: set[Path] = field(default_factory=set)

    def add(self, pair: Pair) -> None:
        """Take a pair, or an authentic picture when it has no mask."""
        (self.authentic if pair.mask is None else self.pairs).append(pair)
        self.pictures.add(pair.image)


def pair_lists(tree: FolderTree) -> Found:
    """Return what the CSV files of a folder tell; a file without the needed columns is passed over."""
    found, places = Found(), Places(tree.pictures)
    for name in tree.lists:
        try:
            rows = list(_read_rows(name.path))
        except (OSError, ValueError, csv.Error) as error:
            found.problems.append(
                Problem(name.path, f"cannot be read as CSV ({error}).", "Save it as UTF-8.")
            )
            continue
        found.read.append(name.path)
        for line, row in rows:
            _take(row, f"line {line} of {name.relative}", name, places, found)
    return found


class Places:
    """Finds the file that a list or a JSON file means by a path or a bare name."""

    def __init__(self, pictures: list[FileName]) -> None:
        self._exact = {tuple(fold(part) for part in name.relative.parts): name for name in pictures}
        self._by_name: dict[str, list[FileName]] = defaultdict(list)
        for name in pictures:
            self._by_name[fold(name.relative.name)].append(name)

    def find(self, told: str, beside: FileName, *, mask: bool = False) -> FileName | None:
        """Return the file: beside the list, below the chosen folder, or the only one whose path ends so."""
        wanted = tuple(fold(part) for part in re.split(r"[\\/]+", told.strip()) if part not in ("", "."))
        if not wanted:
            return None
        here = _climb((*(fold(part) for part in beside.relative.parts[:-1]), *wanted))
        for path in (here, _climb(wanted)):
            if path in self._exact:
                return self._exact[path]
        named = self._by_name.get(wanted[-1], [])
        tail = tuple(part for part in wanted if part != "..")
        for length in (len(tail), 1):  # an absolute path of another machine still ends in the file's name
            ends = [n for n in named if tuple(map(fold, n.relative.parts))[-length:] == tail[-length:]]
            fitting = [n for n in ends if n.in_mask_folder == mask] or ends
            if len(fitting) == 1:
                return fitting[0]
        return None


def _climb(parts: tuple[str, ...]) -> tuple[str, ...]:
    path: list[str] = []
    for part in parts:
        if part != "..":
            path.append(part)
        elif path:
            path.pop()
    return tuple(path)


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and the known columns of every row; nothing for a list of another kind."""
    lines = read_cells(path)
    if not lines:
        return
    fields = [_FIELD_OF.get(re.sub(r"[^a-z]", "", fold(cell)), "") for cell in lines[0]]
    if _are_pictures(lines[0]):
        fields, first = ["image", "mask"], 0
    elif "image" in fields and {"mask", "original"} & set(fields):
        first = 1
    else:
        return
    rows = [(number, _name_cells(fields, cells)) for number, cells in enumerate(lines[first:], first + 1)]
    # A column "label" may as well hold classes: then the list is of another kind.
    if any(_is_picture(row.get(column, "")) for _, row in rows for column in ("mask", "original")):
        yield from ((number, row) for number, row in rows if any(row.values()))


def read_cells(path: Path) -> list[list[str]]:
    """Return the lines of a CSV file however it was saved: UTF-8, UTF-16 or cp1252; comma, semicolon or tab.

    Raises :class:`OSError`, :class:`ValueError` or :class:`csv.Error` for what is no such text.
    """
    text = _decode(path.read_bytes())
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _name_cells(fields: list[str], cells: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for column, cell in zip(fields, cells, strict=False):
        row[column] = row.get(column) or cell.strip()
    return row


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _are_pictures(cells: list[str]) -> bool:
    return len(cells) >= 2 and all(map(_is_picture, cells[:2]))


def _is_picture(cell: str) -> bool:
    return PurePath(cell.strip()).suffix.lower() in PICTURES


def _take(row: dict[str, str], where: str, beside: FileName, places: Places, found: Found) -> None:
    image = places.find(row.get("image", ""), beside)
    if image is None:
        found.problems.append(_missing(row.get("image", ""), where, beside))
        return
    if image.path in found.pictures:
        return
    told = row.get("mask", "")
    mask = places.find(told, beside, mask=True)
    original = places.find(row.get("original", ""), beside)
    split = SPLITS.get(fold(row.get("split", "")), image.split)
    twin = original.path if original else None
    if mask is not None:
        found.add(Pair(image.path, mask.path, twin, convention="CSV manifest", split=split))
    elif told:
        found.problems.append(_missing(told, where, beside))
        found.problems.append(
            Problem(image.path, f"has no mask: {told!r} of {where} is not there.", "Add it.")
        )
    elif twin is not None:
        label = "CSV manifest (difference)"
        found.add(Pair(image.path, twin, twin, convention=label, kind="difference", split=split))
    else:
        found.add(Pair(image.path, None, convention="CSV manifest", split=split))


def _missing(told: str, where: str, beside: FileName) -> Problem:
    path = beside.path.parent / (told[:_LONGEST].replace("\\", "/").replace("\0", "") or beside.path.name)
    return Problem(path, f"is named in {where} but is not there.", "Add the file or correct the list.")
