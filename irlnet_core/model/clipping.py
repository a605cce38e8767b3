"""Where a picture is clipped: the ends of the scale hold no noise and no trace of coding. Torch-free."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import CELL

COUNT = 2
_LIMITS = (1, 254)  # coding moves a clipped value by about one grey level
_WINDOW = 5  # cells on a side over which the other traces are averaged too


def clipped_shares(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the shares of pixels with a colour at the dark and at the bright end: (2, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8; the shares are of cells of 8x8 pixels, over 5x5 cells.
    """
    below, right = (-side % CELL for side in image.shape[:2])
    ends = [image.min(axis=2) <= _LIMITS[0], image.max(axis=2) >= _LIMITS[1]]
    return np.stack([_near(_cells(np.pad(end, ((0, below), (0, right)), mode="edge"))) for end in ends])


def _cells(marked: NDArray[np.bool_]) -> NDArray[np.float32]:
    height, width = marked.shape
    cells = marked.reshape(height // CELL, CELL, width // CELL, CELL)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)


def _near(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(cells, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REFLECT), np.float32)
