"""How strong and how coloured the finest structure of a picture is, cell by cell. Torch-free.

A camera's noise, demosaicing and coding give the finest structure of a picture the same colour correlation
and the same fall towards high frequencies almost everywhere; what a network paints has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import BT601
from irlnet_core.model.strips import average_cells, average_near, measure_strips

COUNT = 6
_WINDOW = 5  # cells on a side over which the statistics are averaged
_HALO = 8  # rows around a strip that its filters see
_FLOOR = 1.0  # added to the energies, squared grey levels: rounding alone makes about as much


def noise_statistics(
    image: NDArray[np.uint8], between: Callable[[], None] | None = None
) -> NDArray[np.float32]:
    """Return six statistics of the cells of 8x8 pixels of an image, each over 5x5 cells: (6, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Of its Laplacian: log energy of green; of red and of blue
    against green; correlation of red and of blue with green. Of luma: log energy above about 0.2 cycles per
    pixel against the octave below. ``between`` is called after every strip: what it raises ends the work.
    """
    moments = measure_strips(image, _HALO, _moments, between)
    return _statistics(average_near(moments, _WINDOW))


def _moments(strip: NDArray[Any]) -> NDArray[Any]:
    """Return the means by cell of seven products of filtered planes: (7, h, w)."""
    piece = strip.astype(np.float32)
    red, green, blue = (cv2.Laplacian(piece[..., i], cv2.CV_32F) for i in range(3))
    luma = piece @ BT601
    fine, middle = (cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in (1.0, 2.0))
    products = [red * red, green * green, blue * blue, red * green, blue * green]
    products += [(luma - fine) ** 2, (fine - middle) ** 2]
    return average_cells(np.stack(products)[:, _HALO:-_HALO, _HALO:-_HALO])


def _statistics(moments: NDArray[Any]) -> NDArray[np.float32]:
    red, green, blue, red_green, blue_green = moments[:5]
    energies = [np.log(energy + _FLOOR) for energy in (green, red, blue)]
    fine, middle = (np.log(energy + _FLOOR / 10) for energy in moments[5:])
    answer = [
        energies[0],
        energies[1] - energies[0],
        energies[2] - energies[0],
        red_green / np.sqrt((red + _FLOOR) * (green + _FLOOR)),
        blue_green / np.sqrt((blue + _FLOOR) * (green + _FLOOR)),
        fine - middle,
    ]
    return np.stack(answer).astype(np.float32)
