"""Forged pictures kept on disk and cut anew each time: forging costs more than learning from one crop."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.config import to_dict
from irlnet_core.data.dataset import Piece, PieceCrops, choose_window
from irlnet_core.data.photographs import Photograph
from irlnet_core.errors import DataError
from irlnet_core.forge.compose import Forge
from irlnet_core.model.traces import CHANNELS, PictureTraces

KEPT_NOTE = "forge.json"
_CURE = "Name another folder with --forged, or train with the recipe and photographs it was filled with."
_REFILL = "Fill another folder, by a training with its recipe."


@dataclass(frozen=True)
class CachedCrops(PieceCrops):
    """Crops of a fixed number of forged pictures, which come round in another order each time.

    Item ``i`` is crop ``first + i``. Each time a picture comes round another square of it is cut, turned
    otherwise. What ``folder`` lacks is forged, and kept there with its traces; several processes may fill it
    together. A folder belongs to one forge, see :func:`bind_folder`; ``others`` are files that other forges
    keep, see :func:`find_kept`.
    """

    forge: Forge
    folder: Path
    pictures: int
    size: int
    length: int
    first: int = 0
    others: tuple[Path, ...] = ()

    def piece(self, index: int) -> Piece:
        """Return crop ``index`` in its surroundings, with the picture's traces."""
        number = self.first + index
        total = self.pictures + len(self.others)
        order = np.random.default_rng((self.forge.seed, number // total)).permutation(total)
        image, mask, traces = self.picture(int(order[number % total]))
        rng = np.random.default_rng((self.forge.seed, number, 1))
        way = int(rng.integers(8))
        return Piece(image, mask, *choose_window(mask, self.size, rng), self.size, way, traces)

    def picture(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float16]]:
        """Return a forged picture, its mask and its traces (float16), from the folders or made now."""
        own = number < self.pictures
        path = self.folder / f"{number:06d}.npz" if own else self.others[number - self.pictures]
        if path.is_file():
            with np.load(path, allow_pickle=False) as kept:
                return kept["image"], kept["mask"], kept["traces"]
        sample = self.forge.make(number, self.size)
        image = np.ascontiguousarray(sample.image)
        return image, sample.mask, keep_picture(path, image, sample.mask)


def keep_picture(path: Path, image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float16]:
    """Keep a picture and its mask as ``path`` (.npz) with its traces, and return these."""
    traces = PictureTraces().of_picture(image).numpy().astype(np.float16)
    data = io.BytesIO()
    np.savez(data, image=image, mask=mask, traces=traces)
    files.write_bytes(path, data.getvalue())
    return traces


def bind_folder(folder: Path, forge: Forge, size: int) -> None:
    """Note in ``folder`` whose pictures it keeps: the forge's recipe, seed, photographs, and the crop's size.

    Raises :class:`DataError` when it keeps another forge's: the card would tell a recipe not learned.
    """
    whose = {
        "forge": to_dict(forge.config),
        "seed": forge.seed,
        "size": size,
        "photographs_sha256": hash_photographs(forge.photographs),
        "traces": CHANNELS,
    }
    path, text = folder / KEPT_NOTE, json.dumps(whose, indent=2, sort_keys=True) + "\n"
    if not path.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise DataError("holds files, but not the note of a forge.", path=folder, cure=_CURE)
        files.write_bytes(path, text.encode())
    elif path.read_text("utf-8") != text:
        raise DataError("keeps the pictures of another forge.", path=folder, cure=_CURE)


def find_kept(folder: Path, forge: Forge, size: int) -> tuple[tuple[Path, ...], dict[str, Any]]:
    """Return the pictures that a folder keeps, and its note with their number: to be learned from as well.

    Those that are smaller than a crop of ``size`` pixels are left out. Raises :class:`DataError` when none is
    large enough, when it keeps other traces than are measured today, or some of other photographs than
    ``forge`` has: those could be held out.
    """
    if not (folder / KEPT_NOTE).is_file():
        raise DataError("does not hold the note of a forge.", path=folder, cure=_CURE)
    whose: dict[str, Any] = json.loads((folder / KEPT_NOTE).read_text("utf-8"))
    if whose.pop("photographs_sha256") != hash_photographs(forge.photographs):
        raise DataError("keeps pictures of other photographs.", path=folder, cure=_CURE)
    if whose.pop("traces", None) != CHANNELS:
        raise DataError(
            "keeps pictures with other traces than are measured today.", path=folder, cure=_REFILL
        )
    kept = tuple(path for path in sorted(folder.glob("*.npz")) if _side(path) >= size)
    if not kept:
        raise DataError(f"keeps no forged pictures of {size} pixels or more.", path=folder, cure=_CURE)
    return kept, {"pictures": len(kept), **whose}


def _side(path: Path) -> int:
    with np.load(path, allow_pickle=False) as kept:
        return int(min(kept["mask"].shape))


def hash_photographs(photographs: Sequence[Photograph]) -> str:
    """Return the SHA-256 by which a kept folder tells of which photographs it was made."""
    return files.sha256_of_bytes("".join(sorted(photo.credit()["sha256"] for photo in photographs)).encode())
