"""Measuring a large picture a strip of rows at a time, and averaging over cells of 8x8 pixels. Torch-free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import CELL

_STRIP = 64  # rows measured at once: what a processor's cache holds


def measure_strips(
    image: NDArray[np.uint8],
    halo: int,
    measure: Callable[[NDArray[Any]], NDArray[Any]],
    between: Callable[[], None] | None = None,
) -> NDArray[Any]:
    """Return what ``measure`` finds in the cells of an image, strip below strip: (C, ceil H/8, ceil W/8).

    ``image`` is uint8 H x W x 3; it is continued by reflection to whole cells. ``measure`` gets the uint8
    pixels of a strip with ``halo`` more on each side, and returns (C, rows / 8, columns / 8) without them.
    ``between`` is called after every strip: what it raises ends the work.
    """
    below, right = (-side % CELL for side in image.shape[:2])
    padded = cv2.copyMakeBorder(image, halo, below + halo, halo, right + halo, cv2.BORDER_REFLECT)
    height = padded.shape[0] - 2 * halo
    rows = []
    for top in range(0, height, _STRIP):
        end = min(top + _STRIP, height)
        rows.append(measure(padded[top : end + 2 * halo]))
        if between is not None:
            between()
    return np.concatenate(rows, axis=1)


def average_cells(planes: NDArray[Any]) -> NDArray[Any]:
    """Return the means of the planes (C, 8 h, 8 w) over cells of 8x8 pixels: (C, h, w)."""
    count, height, width = planes.shape
    means: NDArray[Any] = planes.reshape(count, height // CELL, CELL, width // CELL, CELL).mean(axis=(2, 4))
    return means


def average_near(cells: NDArray[Any], window: int) -> NDArray[Any]:
    """Return each of the planes (C, h, w) averaged over ``window`` x ``window`` cells."""
    near = [cv2.blur(plane, (window, window), borderType=cv2.BORDER_REFLECT) for plane in cells]
    return np.stack(near).reshape(cells.shape)
