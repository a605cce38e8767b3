"""How many DCT coefficients around each pixel are zero: votes that show a coding grid. Torch-free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 8
BT601 = np.array([0.299, 0.587, 0.114], np.float32)  # luma of red, green and blue
LIMITS = (1.0, 0.25, 0.25)  # of Y, Cb and Cr: a coefficient below this counts as zero, grey levels
_LEAST = 2 * CELL  # a smaller picture is continued by repeating its last pixel
_STRIP = 64  # rows transformed at once: what a processor's cache holds

# The DCT of a block: one frequency a row.
_u, _x = np.mgrid[:CELL, :CELL]
COSINES = np.where(_u == 0, np.sqrt(1 / CELL), np.sqrt(2 / CELL)) * np.cos((2 * _x + 1) * _u * np.pi / 16)
_SINGLE = COSINES.astype(np.float32)


def count_zeros(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.uint8]:
    """Return the number of zero AC coefficients of the 8x8 block around each pixel: (2, 8 h, 8 w).

    ``image`` is uint8 H x W x 3, h = ceil H/8. First luma's (0..63), then both chroma planes' together
    (0..126). The block of pixel (y, x) covers rows y - 4 to y + 3; where it would leave the picture, the vote
    8 pixels further inside stands, which has the same place on the grid. ``between`` is called after every
    strip of 64 rows: what it raises ends the count.
    Source: the vote of Nikoukhah et al., "ZERO: a local JPEG grid origin detector", IPOL 2021.
    """
    rows, columns = (_places(side) for side in image.shape[:2])
    small = [max(0, _LEAST - side) for side in image.shape[:2]]
    image = cv2.copyMakeBorder(image, 0, small[0], 0, small[1], cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    height, width = (side - CELL + 1 for side in image.shape[:2])
    votes = np.zeros((2, height, width), np.uint8)
    for top in range(0, height, _STRIP):
        end = min(top + _STRIP, height)
        planes = luma_and_chroma(image[top : end + CELL - 1])
        for plane, limit, into in zip(planes, LIMITS, (0, 1, 1), strict=True):
            votes[into, top:end] += _count(plane, limit)[: end - top, :width]
        if between is not None:
            between()
    return votes[:, rows][:, :, columns]


def _places(side: int) -> NDArray[np.intp]:
    """Return for each pixel of a side, made whole cells, where the block begins that votes for it."""
    last = max(side, _LEAST) - CELL
    begin = np.arange(-(-side // CELL) * CELL) - CELL // 2
    begin = np.where(begin < 0, begin + CELL, begin)
    places: NDArray[np.intp] = begin - np.maximum(0, -(-(begin - last) // CELL)) * CELL
    return places


def luma_and_chroma(image: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
    """Return Y, Cb and Cr of BT.601, unrounded: OpenCV would round them to whole grey levels."""
    red, green, blue = (image[..., i].astype(np.float32) for i in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return luma, 0.564 * (blue - luma), 0.713 * (red - luma)


def _count(plane: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    votes = np.zeros(plane.shape, np.uint8)
    for u in range(CELL):
        lines = cv2.filter2D(plane, -1, _SINGLE[u][:, None], anchor=(0, 0))
        for v in range(CELL):
            if u or v:  # the mean of the block is no AC coefficient
                coefficients = cv2.filter2D(lines, -1, _SINGLE[v][None], anchor=(0, 0))
                votes += cv2.inRange(coefficients, -limit, limit).view(np.uint8) & 1  # type: ignore[call-overload]
    return votes
