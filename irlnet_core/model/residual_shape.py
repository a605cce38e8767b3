"""How the residuals of the colours go together, and how heavy their tails are, cell by cell. Torch-free.

Energies say how strong a texture is; these say of what kind: demosaicing and coding tie the colours together,
each in its own way at each scale, and a network's texture is often more or less spiky than a sensor's noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.cooccurrence import THIRD_ORDER
from irlnet_core.model.grid_votes import BT601
from irlnet_core.model.strips import average_cells, average_near, measure_strips

_HALO = 8
_WINDOW = 5  # cells on a side over which the moments are taken
_PAIRS = ((0, 1), (1, 2), (0, 2))  # red and green, green and blue, red and blue
_FLOORS = (0.5, 0.1, 0.5, 0.5)  # added to the energies, squared grey levels: about what rounding makes
_BANDS = 2  # whose colours are compared
COUNT = _BANDS * len(_PAIRS) + len(_FLOORS)
_FINE = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], np.float32)
_SPREADS = np.array([0.5] * _BANDS * len(_PAIRS) + [0.125] * len(_FLOORS), np.float32)[:, None, None]
_USUAL = 0.75  # mean size by root mean square: .80 of Gaussian noise, less the heavier its tails are


def residual_shapes(
    image: NDArray[np.uint8], between: Callable[[], None] | None = None
) -> NDArray[np.float32]:
    """Return ten numbers about the residuals around each cell of 8x8 pixels: (10, h, w), spread about 1.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Correlations of red and green, green and blue, red and blue,
    of the Laplacian and of the octave below it; then mean size by root mean square of luma's Laplacian, that
    octave, and the third-order residuals along and across. All over 5x5 cells. ``between`` is called after
    every strip of rows: what it raises ends the work.
    """
    moments = average_near(measure_strips(image, _HALO, _moments, between), _WINDOW)
    numbers = []
    for band in range(_BANDS):
        powers = moments[6 * band : 6 * band + 3] + _FLOORS[band]
        products = moments[6 * band + 3 : 6 * band + 6]
        numbers += [
            product / np.sqrt(powers[one] * powers[other])
            for product, (one, other) in zip(products, _PAIRS, strict=True)
        ]
    sizes, energies = moments[6 * _BANDS :: 2], moments[6 * _BANDS + 1 :: 2]
    numbers += [
        size / np.sqrt(energy + floor) - _USUAL
        for size, energy, floor in zip(sizes, energies, _FLOORS, strict=True)
    ]
    return np.asarray(np.stack(numbers) / _SPREADS, np.float32)


def _moments(strip: NDArray[Any]) -> NDArray[Any]:
    """Return means by cell: six products of colours a band, then size and energy of luma's four residuals."""
    piece = strip.astype(np.float32)
    bands = [
        cv2.filter2D(piece, -1, _FINE),
        cv2.GaussianBlur(piece, (0, 0), 1) - cv2.GaussianBlur(piece, (0, 0), 2),
    ]
    planes = []
    for band in bands:
        colours = [band[..., i] for i in range(3)]
        planes += [colour * colour for colour in colours]
        planes += [colours[one] * colours[other] for one, other in _PAIRS]
    luma = piece @ BT601
    lines = [cv2.filter2D(luma, -1, kernel) for kernel in THIRD_ORDER]
    for residual in (*(band @ BT601 for band in bands), *lines):
        planes += [np.abs(residual), residual * residual]
    return average_cells(np.stack(planes)[:, _HALO:-_HALO, _HALO:-_HALO])
