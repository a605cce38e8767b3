"""How many DCT coefficients around each pixel are zero: votes that show a coding grid. Torch-free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 8
LIMITS = (1.0, 0.25, 0.25)  # of Y, Cb and Cr: a coefficient below this counts as zero, grey levels
_STRIP = 64  # rows transformed at once: what a processor's cache holds

_u, _x = np.mgrid[:CELL, :CELL]
_COSINES = np.where(_u == 0, np.sqrt(1 / CELL), np.sqrt(2 / CELL)) * np.cos((2 * _x + 1) * _u * np.pi / 16)
_COSINES = _COSINES.astype(np.float32)


def count_zeros(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.uint8]:
    """Return the number of zero AC coefficients of the 8x8 block around each pixel: (2, 8 h, 8 w).

    ``image`` is uint8 H x W x 3; its sides are continued to multiples of 8 by repeating the last pixel. First
    luma's (0..63), then both chroma planes' together (0..126). The block of pixel (y, x) covers rows y - 4 to
    y + 3. ``between`` is called after every strip of 64 rows: what it raises ends the count.
    Source: the vote of Nikoukhah et al., "ZERO: a local JPEG grid origin detector", IPOL 2021.
    """
    height, width = (-(-side // CELL) * CELL for side in image.shape[:2])
    more = (4, 3 + height - image.shape[0], 4, 3 + width - image.shape[1])
    padded = cv2.copyMakeBorder(image, *more, borderType=cv2.BORDER_REPLICATE)
    votes = np.zeros((2, height, width), np.uint8)
    for top in range(0, height, _STRIP):
        rows = min(_STRIP, height - top)
        planes = _planes(padded[top : top + rows + CELL - 1])
        for plane, limit, into in zip(planes, LIMITS, (0, 1, 1), strict=True):
            votes[into, top : top + rows] += _count(plane, limit)[:rows, :width]
        if between is not None:
            between()
    return votes


def _planes(image: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
    """Return Y, Cb and Cr of BT.601, unrounded: OpenCV would round them to whole grey levels."""
    red, green, blue = (image[..., i].astype(np.float32) for i in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return luma, 0.564 * (blue - luma), 0.713 * (red - luma)


def _count(plane: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    votes = np.zeros(plane.shape, np.uint8)
    for u in range(CELL):
        lines = cv2.filter2D(plane, -1, _COSINES[u][:, None], anchor=(0, 0))
        for v in range(CELL):
            if u or v:  # the mean of the block is no AC coefficient
                coefficients = cv2.filter2D(lines, -1, _COSINES[v][None], anchor=(0, 0))
                votes += cv2.inRange(coefficients, -limit, limit).view(np.uint8) & 1  # type: ignore[call-overload]
    return votes
