"""Forged pictures kept on disk and cut anew each time: forging costs more than learning from one crop."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from irlnet_core import files
from irlnet_core.data.dataset import Piece, choose_window, to_tensors
from irlnet_core.forge.compose import Forge
from irlnet_core.model.traces import PictureTraces


@dataclass(frozen=True)
class CachedCrops(Dataset[tuple[Tensor, Tensor]]):
    """Crops of a fixed number of forged pictures; crop number n is of picture n modulo ``pictures``.

    Item ``i`` is crop ``first + i``. Each time a picture comes round another square of it is cut, turned
    otherwise. What ``folder`` lacks is forged, and kept there with its traces; several processes may fill it
    together. A folder belongs to one recipe and one set of photographs.
    """

    forge: Forge
    folder: Path
    pictures: int
    size: int
    length: int
    first: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return to_tensors(*self.piece(index).crop)

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
