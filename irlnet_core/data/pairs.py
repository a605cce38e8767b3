"""A picture and what tells its mask; and folders of ``images/``, ``masks/``, ``originals/``. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irlnet_core.errors import DataError
from irlnet_core.evidence.image import find_images

MaskKind = Literal["picture", "labelme", "coco", "difference"]


@dataclass(frozen=True)
class Pair:
    """One picture, the file that tells its mask (None = authentic) and, where known, its pristine original.

    ``kind`` says what the mask's file is: a picture, labelme or COCO JSON (``entry`` = the picture's id in
    it), or the original, from which the picture differs where it was changed. ``convention`` is how the two
    were found. ``invert`` and ``turn`` are the analyst's answers: flip the mask (None = not asked), turn it
    by the picture's orientation flag. ``split`` is what a folder's name or a manifest says: "train",
    "validation" or nothing. ``source`` is the group that a check of all pairs has put it into.
    """

    image: Path
    mask: Path | None
    original: Path | None = None
    set_name: str = ""
    convention: str = ""
    kind: MaskKind = "picture"
    entry: str = ""
    invert: bool | None = None
    turn: bool = False
    split: str = ""
    source: str = ""

    @property
    def group(self) -> str:
        """The photograph that it was made from: twins of one original belong together."""
        return self.source or self.image.stem

    @property
    def derived(self) -> bool:
        """Whether the mask is what differs between the picture and its original."""
        return self.kind == "difference"


@dataclass(frozen=True)
class Problem:
    """A file that cannot be used, because …, and what to do about it."""

    file: Path
    reason: str
    cure: str = ""

    @property
    def text(self) -> str:
        return f"{self.reason} {self.cure}".strip()


def read_pairs(folder: Path) -> list[Pair]:
    """Return the pairs of a folder with ``images/`` and ``masks/``, matched by stem in any letter case.

    Pictures without a mask raise :class:`DataError` that names the first of them.
    """
    folder = Path(folder)
    images, masks = folder / "images", folder / "masks"
    if not images.is_dir() or not masks.is_dir():
        raise DataError(
            "has no images/ and masks/ folders.",
            path=folder,
            cure="Put the pictures and their masks into these.",
        )
    by_stem = _by_stem(masks)
    origins = _by_stem(folder / "originals") if (folder / "originals").is_dir() else {}
    pictures = find_images([images])
    lonely = [path for path in pictures if path.stem.lower() not in by_stem]
    if lonely:
        raise DataError(
            "has no mask of the same name in masks/.", path=lonely[0], cure="Add it or remove the picture."
        )
    if not pictures:
        raise DataError("holds no pictures.", path=images)
    return [
        Pair(path, by_stem[path.stem.lower()], origins.get(path.stem.lower()), folder.name)
        for path in pictures
    ]


def _by_stem(folder: Path) -> dict[str, Path]:
    """Return masks or originals by stem; pictures of one photograph may share a file by links."""
    return {path.stem.lower(): path for path in find_images([folder], links=True)}
