"""Finds pictures and their masks in a folder by every usual convention, and says what did not pair.

Only names, CSV and JSON files are read here; :func:`irlnet_core.data.pair_check.check_pairs` reads pixels.
Of several hints about one picture the most explicit wins: a CSV manifest, a mask picture, labelme or COCO
JSON, the difference to an original.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from irlnet_core.data.file_names import FileName
from irlnet_core.data.folder_tree import FolderTree, read_tree
from irlnet_core.data.pair_by_json import pair_json
from irlnet_core.data.pair_by_list import pair_lists
from irlnet_core.data.pair_by_names import is_original, pair_masks, pair_twins
from irlnet_core.data.pairs import Pair, Problem


@dataclass(frozen=True)
class Pairing:
    """What a folder holds: pairs, authentic pictures without a mask, files that cannot be used, the rest.

    ``authentic`` are pairs without a mask. ``ignored`` are files that are no pictures, among them lists that
    were read. Every file of the folder is in exactly one of the four (a pair has up to three files).
    """

    folder: Path
    pairs: tuple[Pair, ...]
    authentic: tuple[Pair, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[Path, ...] = ()


def find_pairs(folder: Path, *, authentic: bool = False) -> Pairing:
    """Pair the files below ``folder`` by their names and lists; no pixels are read, nothing is written.

    ``authentic`` takes every picture without a mask as an authentic one; otherwise it is a problem, except
    in folders such as ``good/`` or ``original/``. Raises :class:`DataError` where there is no such folder.
    """
    search = _Search(read_tree(Path(folder)))
    search.run()
    return search.result(authentic=authentic)


class _Search:
    """One search: every convention takes its files from those that are left."""

    def __init__(self, tree: FolderTree) -> None:
        self._tree = tree
        self._pairs: list[Pair] = []
        self._authentic: list[Pair] = []
        self._problems = list(tree.problems)
        self._used: set[Path] = {problem.file for problem in tree.problems}
        self._ignored = list(tree.ignored)

    def run(self) -> None:
        listed = pair_lists(self._tree)
        self._add(listed.pairs)
        self._authentic += listed.authentic
        self._used |= {pair.image for pair in listed.authentic}
        self._report(listed.problems)
        self._ignored += listed.read
        self._add(pair_masks(self._left(), self._originals()))
        described = pair_json(self._tree, self._used)
        self._add(described.pairs)
        self._authentic += described.authentic
        self._used |= {pair.image for pair in described.authentic}
        self._report(described.problems)
        self._ignored += described.read
        self._add(pair_twins(self._left(), self._originals()))

    def result(self, *, authentic: bool) -> Pairing:
        for name in self._left():
            self._place(name, authentic=authentic)
        return Pairing(
            self._tree.folder,
            tuple(sorted((self._named(pair) for pair in self._pairs), key=lambda pair: pair.image)),
            tuple(sorted((self._named(pair) for pair in self._authentic), key=lambda pair: pair.image)),
            tuple(sorted(self._problems, key=lambda problem: problem.file)),
            tuple(sorted(self._ignored)),
        )

    def _left(self) -> list[FileName]:
        return [name for name in self._tree.pictures if name.path not in self._used]

    def _originals(self) -> list[FileName]:
        return [name for name in self._left() if is_original(name) and not name.in_mask_folder]

    def _add(self, pairs: list[Pair]) -> None:
        self._pairs += pairs
        for pair in pairs:
            self._used |= {path for path in (pair.image, pair.mask, pair.original) if path is not None}

    def _report(self, problems: list[Problem]) -> None:
        for problem in problems:
            if problem.file not in self._used:
                self._problems.append(problem)
                self._used.add(problem.file)

    def _place(self, name: FileName, *, authentic: bool) -> None:
        """Put a picture that paired with nothing where it belongs."""
        if name.in_mask_folder or name.mask_base is not None:
            self._problems.append(Problem(name.path, *_lonely_mask(name)))
        elif authentic or is_original(name):
            self._authentic.append(Pair(name.path, None, convention="authentic", split=name.split))
        else:
            self._problems.append(Problem(name.path, *_lonely_picture(name)))

    def _named(self, pair: Pair) -> Pair:
        return replace(pair, set_name=self._tree.folder.name)


def _lonely_mask(name: FileName) -> tuple[str, str]:
    base = name.mask_base or name.relative.stem
    return (
        f"is a mask by its name, but no picture named {base!r} is free for it.",
        "Add the picture, or give both the same name.",
    )


def _lonely_picture(name: FileName) -> tuple[str, str]:
    stem = name.relative.stem
    places = f"{stem}_mask.png or masks/{stem}.png"
    return "has no mask.", f"Add {places}, or say that pictures without a mask are authentic."
