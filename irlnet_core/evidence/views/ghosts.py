"""JPEG ghosts: what was once compressed at another quality changes least when that quality is met again."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.views.error_level import save_again
from irlnet_core.evidence.views.view import ALIGNMENT, cut_strips
from irlnet_core.progress import Event, Progress

QUALITIES = tuple(range(40, 96, 5))
BLOCK = ALIGNMENT


def jpeg_ghosts(
    pixels: NDArray[np.uint8], *, qualities: Sequence[int] = QUALITIES
) -> Generator[Event, None, NDArray[np.uint8]]:
    """Return one map per quality: uint8 (len(qualities), ceil(H/16), ceil(W/16)); dark = changed least there.

    The squared difference to the picture saved again is averaged over blocks of 16x16 pixels (Farid 2009,
    "Exposing Digital Forgeries from JPEG Ghosts", eq. 3) and scaled over the qualities of each block to
    0..255 (eq. 4, 5). Of RGB uint8 HxWx3 only the brightness is used, and only the grid of blocks that begins
    at the upper left.
    """
    height, width = pixels.shape[:2]
    shape = (len(qualities), -(-height // BLOCK), -(-width // BLOCK))
    errors = np.empty(shape, np.float32)
    for rows in cut_strips(height, width):
        grey = np.asarray(cv2.cvtColor(pixels[rows], cv2.COLOR_RGB2GRAY), np.uint8)
        blocks = slice(rows.start // BLOCK, -(-rows.stop // BLOCK))
        for number, quality in enumerate(qualities):
            errors[number, blocks] = _block_errors(grey, quality)
            yield Progress("JPEG ghosts", rows.start * shape[0] + (number + 1) * len(grey), height * shape[0])
    return _scale(errors)


def _block_errors(grey: NDArray[np.uint8], quality: int) -> NDArray[np.float32]:
    """Return the mean squared difference of each block; blocks cut by the border count what they have."""
    difference = cv2.absdiff(grey, save_again(grey, quality)).astype(np.uint16)
    squares = (difference * difference).astype(np.float32)
    starts = [np.arange(0, side, BLOCK) for side in grey.shape]
    sums = np.add.reduceat(np.add.reduceat(squares, starts[0], axis=0), starts[1], axis=1)
    sides = [np.minimum(BLOCK, side - start) for side, start in zip(grey.shape, starts, strict=True)]
    return np.asarray(sums / (sides[0][:, None] * sides[1]), np.float32)


def _scale(errors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale each block's errors over the qualities to 0..255; a block that never changes is white."""
    low, high = errors.min(axis=0), errors.max(axis=0)
    span = high - low
    share = np.divide(errors - low, span, out=np.ones_like(errors), where=span > 0)
    return np.asarray(np.rint(share * 255), np.uint8)
