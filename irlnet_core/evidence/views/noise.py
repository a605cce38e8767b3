"""The noise residual: what a fixed high-pass filter leaves of the brightness."""

from __future__ import annotations

from collections.abc import Generator

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.views.view import cut_strips
from irlnet_core.progress import Event, Progress

GAIN = 6
KERNEL = np.array(
    (
        (-1, 2, -2, 2, -1),
        (2, -6, 8, -6, 2),
        (-2, 8, -12, 8, -2),
        (2, -6, 8, -6, 2),
        (-1, 2, -2, 2, -1),
    ),
    np.float32,
) / np.float32(12)
_MARGIN = 2


def noise_residual(
    pixels: NDArray[np.uint8], *, gain: float = GAIN
) -> Generator[Event, None, NDArray[np.uint8]]:
    """Return 128 + ``gain`` x residual of the brightness (BT.601) of RGB uint8 HxWx3, as uint8 HxW.

    The kernel is the 5x5 square residual of the rich model (Fridrich and Kodovsky 2012, SQUARE 5x5). It
    sums to 0, so flat parts give 128. The border is mirrored.
    """
    height, width = pixels.shape[:2]
    residual = np.empty((height, width), np.uint8)
    for rows in cut_strips(height, width):
        first, last = max(0, rows.start - _MARGIN), min(height, rows.stop + _MARGIN)
        grey = cv2.cvtColor(pixels[first:last], cv2.COLOR_RGB2GRAY)
        filtered = cv2.filter2D(grey, cv2.CV_8U, KERNEL * gain, delta=128, borderType=cv2.BORDER_REFLECT_101)
        residual[rows] = filtered[rows.start - first : rows.stop - first]
        yield Progress("noise residual", rows.stop, height)
    return residual
