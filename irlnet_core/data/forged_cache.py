"""Forged pictures kept on disk and cut anew each time: forging costs more than learning from one crop."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from irlnet_core import files
from irlnet_core.data.dataset import Piece, choose_window, to_tensors, turn
from irlnet_core.forge.compose import Forge
from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.traces import PictureTraces


@dataclass(frozen=True)
class CachedCrops(Dataset[tuple[Tensor, ...]]):
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
    has_traces: ClassVar[bool] = True

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        piece, traces, way = self._cut(index)
        rows, columns = (slice(n // CELL, -(-(n + piece.size) // CELL)) for n in (piece.top, piece.left))
        cells = turn(traces[:, rows, columns].transpose(1, 2, 0), np.zeros((1, 1), bool), way)[0]
        beside = torch.from_numpy(np.ascontiguousarray(cells.transpose(2, 0, 1)).astype(np.float32))
        return *to_tensors(*turn(*piece.crop, way)), beside

    def piece(self, index: int) -> Piece:
        """Return crop ``index`` in its surroundings, not turned."""
        return self._cut(index)[0]

    def _cut(self, index: int) -> tuple[Piece, NDArray[Any], int]:
        number = self.first + index
        image, mask, traces = self.picture(number % self.pictures)
        rng = np.random.default_rng((self.forge.seed, number, 1))
        way = int(rng.integers(8))
        return Piece(image, mask, *choose_window(mask, self.size, rng), self.size), traces, way

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
