"""How strongly the finest structure of a picture repeats every 2, 4 or 8 pixels, cell by cell. Torch-free.

Interpolation makes the strength of a residual periodic (Gallagher, "Detection of linear and cubic
interpolation in JPEG compressed images", 2005; Popescu & Farid, "Exposing digital forgeries by detecting
traces of resampling", 2005), colour filter arrays do, and so do networks that enlarge small feature maps by 2
at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.strips import measure_strips

_PERIODS = (2, 4, 8)
_PLANES = 3
COUNT = _PLANES * 2 * len(_PERIODS)
_WINDOW = 5  # cells on a side over which a phase's mean is taken
_HALO = CELL * (_WINDOW // 2 + 1)
_MOST = 8.0  # grey levels at which the signed residual is cut
_FLOOR = 1e-4


def _fourier_rows() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the Fourier rows over 64 phases, real and imaginary (63, 64), and their periods (3, 63)."""
    y, x = np.divmod(np.arange(CELL * CELL), CELL)
    v, u = y[1:, None], x[1:, None]
    angle = 2 * np.pi / CELL * (v * y + u * x)
    period = CELL // np.gcd(np.gcd(v, u), CELL)[:, 0]
    belongs = np.stack([period == wanted for wanted in _PERIODS]).astype(np.float32)
    scale = np.float32(1 / CELL**2)
    return np.cos(angle).astype(np.float32) * scale, np.sin(angle).astype(np.float32) * scale, belongs


_REAL, _IMAGINARY, _BELONGS = _fourier_rows()


def rhythms(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.float32]:
    """Return log powers of the periods 2, 4 and 8 around each cell of 8x8 pixels: (18, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Of the Laplacian of luma, of red less green and of blue less
    green: first of the logarithm of its size, then of itself; each over 5x5 cells. ``between`` is called
    after every strip of rows: what it raises ends the work.
    """
    return measure_strips(image, _HALO, _strip, between)


def _strip(piece: NDArray[Any]) -> NDArray[np.float32]:
    red, green, blue = (piece[..., i].astype(np.float32) for i in range(3))
    parts = []
    for plane in (0.299 * red + 0.587 * green + 0.114 * blue, red - green, blue - green):
        fine = cv2.Laplacian(plane, cv2.CV_32F)
        parts += [_powers(np.log1p(np.abs(fine))), _powers(np.clip(fine, -_MOST, _MOST))]
    return np.concatenate(parts)


def _powers(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the log powers (3, h, w) of a strip whose halo is cut off again."""
    margin = _WINDOW // 2
    values = values[CELL:-CELL, CELL:-CELL]
    height, width = values.shape[0] // CELL, values.shape[1] // CELL
    phases = np.ascontiguousarray(values.reshape(height, CELL, width, CELL).transpose(0, 2, 1, 3), np.float32)
    near = _box(phases.reshape(height, width, CELL * CELL), margin)
    flat = near.reshape(-1, CELL * CELL).T
    power = (_REAL @ flat) ** 2 + (_IMAGINARY @ flat) ** 2
    logs: NDArray[np.float32] = np.log(_BELONGS @ power + _FLOOR)
    return logs.reshape(len(_PERIODS), *near.shape[:2])


def _box(cells: NDArray[np.float32], margin: int) -> NDArray[np.float32]:
    """Average (h, w, 64) over a square of cells, without what has no whole square around it."""
    blurred = cv2.blur(cells.reshape(cells.shape[0], -1), (1, 2 * margin + 1)).reshape(cells.shape)[
        margin:-margin
    ]
    turned = np.ascontiguousarray(blurred.transpose(1, 0, 2))
    blurred = cv2.blur(turned.reshape(turned.shape[0], -1), (1, 2 * margin + 1)).reshape(turned.shape)
    return np.ascontiguousarray(blurred[margin:-margin].transpose(1, 0, 2))
