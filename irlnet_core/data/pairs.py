"""Folders of inpainted pictures: ``images/``, ``masks/`` and optional ``originals/``. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from irlnet_core.errors import DataError
from irlnet_core.evidence.image import find_images


@dataclass(frozen=True)
class Pair:
    """One picture with its mask (None = authentic) and, where known, its pristine original."""

    image: Path
    mask: Path | None
    original: Path | None = None
    set_name: str = ""

    @property
    def group(self) -> str:
        """The photograph that it was made from: twins of one original belong together."""
        return self.image.stem


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
    by_stem = {path.stem.lower(): path for path in find_images([masks])}
    originals = folder / "originals"
    origins = {p.stem.lower(): p for p in find_images([originals])} if originals.is_dir() else {}
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
