"""How the energy of a picture falls over the frequencies of 8x8 blocks, cell by cell. Torch-free.

Resampling, denoising, coding and the decoder of a generator each give texture a spectrum of their own; beside
the rest of the picture it shows where another hand has painted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import CELL, COSINES, luma_and_chroma
from irlnet_core.model.strips import average_near, measure_strips

_HALF = CELL // 2
_WINDOW = 3  # cells on a side over which energies are averaged
_HALO = 8
_FLOOR = 0.3  # added to the energies, squared grey levels: about what rounding makes

# Luma's 35 frequencies (u, v) with u <= v, each taken together with (v, u); of Cb and Cr the diagonal ones.
_LUMA = [(u, v) for u in range(CELL) for v in range(u, CELL) if (u, v) != (0, 0)]
_CHROMA = [(0, 1), (1, 1), (2, 2), (3, 3), (5, 5), (7, 7)]
_COARSE = [at for at, (u, v) in enumerate(_LUMA) if u + v <= 3]
COUNT = len(_LUMA) + 2 * len(_CHROMA)

_BASIS = np.kron(COSINES, COSINES).astype(np.float32)  # (64 frequencies, 64 pixels of a block)


def band_energies(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.float32]:
    """Return log energies of DCT frequencies around each cell of 8x8 pixels: (47, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Of luma 35 frequencies, of Cb and of Cr six; blocks begin at
    every fourth pixel, and energies are averaged over 3x3 cells. ``between`` is called after every strip of
    rows: what it raises ends the work.
    """
    energies = average_near(measure_strips(image, _HALO, _strip_energies, between), _WINDOW)
    logs: NDArray[np.float32] = np.log(energies + _FLOOR)
    return logs


def coarse_texture(energies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return luma's mean log energy at the lowest frequencies (h, w): what a picture shows, not traces."""
    mean: NDArray[np.float32] = energies[_COARSE].mean(axis=0)
    return mean


def _strip_energies(piece: NDArray[Any]) -> NDArray[np.float32]:
    """Return the mean energies by cell (47, rows / 8, columns / 8) of a strip that has a halo of 8 pixels."""
    planes = zip(luma_and_chroma(piece), (_LUMA, _CHROMA, _CHROMA), strict=True)
    return np.concatenate([_plane_energies(plane, wanted) for plane, wanted in planes])


def _plane_energies(plane: NDArray[np.float32], wanted: list[tuple[int, int]]) -> NDArray[np.float32]:
    first = [u * CELL + v for u, v in wanted]
    second = [v * CELL + u for u, v in wanted]
    needed = sorted({*first, *second})
    # Four blocks a cell: they begin 2 pixels before the cell and 2 pixels into it.
    inner = plane[_HALO - 2 : -_HALO + CELL - 2, _HALO - 2 : -_HALO + CELL - 2]
    blocks = np.lib.stride_tricks.sliding_window_view(inner, (CELL, CELL))[::_HALF, ::_HALF]
    rows, columns = blocks.shape[0] // 2, blocks.shape[1] // 2
    blocks = blocks[: 2 * rows, : 2 * columns].reshape(-1, CELL * CELL)
    power = (_BASIS[needed] @ blocks.T) ** 2
    cells: NDArray[Any] = power.reshape(len(needed), rows, 2, columns, 2).mean(axis=(2, 4))
    place = {number: at for at, number in enumerate(needed)}
    halves = [cells[[place[n] for n in numbers]] for numbers in (first, second)]
    return np.asarray((halves[0] + halves[1]) / 2, np.float32)
