"""Forged pictures kept on disk and cut anew each time: forging costs more than learning from one crop."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.config import to_dict
from irlnet_core.data.dataset import Piece, PieceCrops, choose_window
from irlnet_core.errors import DataError
from irlnet_core.forge.compose import Forge
from irlnet_core.model.traces import PictureTraces

_WHOSE = "forge.json"
_CURE = "Name another folder with --forged, or train with the recipe and photographs it was filled with."


@dataclass(frozen=True)
class CachedCrops(PieceCrops):
    """Crops of a fixed number of forged pictures; crop number n is of picture n modulo ``pictures``.

    Item ``i`` is crop ``first + i``. Each time a picture comes round another square of it is cut, turned
    otherwise. What ``folder`` lacks is forged, and kept there with its traces; several processes may fill it
    together. A folder belongs to one forge, see :func:`bind_folder`.
    """

    forge: Forge
    folder: Path
    pictures: int
    size: int
    length: int
    first: int = 0

    def piece(self, index: int) -> Piece:
        """Return crop ``index`` in its surroundings, with the picture's traces."""
        number = self.first + index
        image, mask, traces = self.picture(number % self.pictures)
        rng = np.random.default_rng((self.forge.seed, number, 1))
        way = int(rng.integers(8))
        return Piece(image, mask, *choose_window(mask, self.size, rng), self.size, way, traces)

    def picture(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float16]]:
        """Return a forged picture, its mask and its traces (float16), from the folder or made now."""
        path = self.folder / f"{number:06d}.npz"
        if path.is_file():
            with np.load(path, allow_pickle=False) as kept:
                return kept["image"], kept["mask"], kept["traces"]
        sample = self.forge.make(number, self.size)
        image = np.ascontiguousarray(sample.image)
        traces = PictureTraces().of_picture(image).numpy().astype(np.float16)
        data = io.BytesIO()
        np.savez(data, image=image, mask=sample.mask, traces=traces)
        files.write_bytes(path, data.getvalue())
        return image, sample.mask, traces


def bind_folder(folder: Path, forge: Forge, size: int) -> None:
    """Note in ``folder`` whose pictures it keeps: the forge's recipe, seed, photographs, and the crop's size.

    Raises :class:`DataError` when it keeps another forge's: the card would tell a recipe not learned.
    """
    photographs = "".join(sorted(photo.credit()["sha256"] for photo in forge.photographs))
    whose = {
        "forge": to_dict(forge.config),
        "seed": forge.seed,
        "size": size,
        "photographs_sha256": files.sha256_of_bytes(photographs.encode()),
    }
    path, text = folder / _WHOSE, json.dumps(whose, indent=2, sort_keys=True) + "\n"
    if not path.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise DataError("holds files, but not the note of a forge.", path=folder, cure=_CURE)
        files.write_bytes(path, text.encode())
    elif path.read_text("utf-8") != text:
        raise DataError("keeps the pictures of another forge.", path=folder, cure=_CURE)
