"""The overlay for the screen: the report's own colours as tables of premultiplied colours."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.overlay import FILL, HALO, LINE, Mode, Palette, disc, heat_weights, read_palette

NOTHING, AROUND, EDGE, INSIDE = range(4)


def least_index(threshold: float) -> int:
    """Return the least index 0..255 of the mask at ``threshold``; the exact mask is used from 100 % on."""
    return min(255, math.ceil(threshold * 255 - 1e-9))


@lru_cache(maxsize=8)
def heat_table(opacity: float, palette: Palette) -> NDArray[np.uint32]:
    """Return the 256 heat colours (uint32, premultiplied 0xAARRGGBB) on the fixed scale 0..1."""
    alpha = np.rint(heat_weights(opacity) * (255 / 256)).astype(np.uint32)
    return _premultiplied(read_palette(palette).astype(np.uint32), alpha)


@lru_cache(maxsize=8)
def mark_table(mode: Mode, opacity: float) -> NDArray[np.uint32]:
    """Return the colours of nothing, a mask's dark surround, its bright edge and its inside."""
    colours = np.array([(0, 0, 0), HALO, LINE, FILL], np.uint32)
    fill = round(255 * opacity) if mode == "mask" else 0
    return _premultiplied(colours, np.array((0, 255, 255, fill), np.uint32))


def find_marks(mask: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Return for each pixel of a mask (uint8 0 or 1) what is drawn there: an index of :func:`mark_table`.

    The edge lies inside the mask, ``width`` pixels wide, the surround outside; the border counts as an edge.
    """
    brush = disc(width)
    inner = cv2.erode(mask, brush, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.dilate(mask, brush) + mask + inner, np.uint8)


def paint(table: NDArray[np.uint32], indices: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the packed colours of ``indices``."""
    return np.take(table, indices)


def _premultiplied(colours: NDArray[np.uint32], alpha: NDArray[np.uint32]) -> NDArray[np.uint32]:
    red, green, blue = (((colours * alpha[:, None] + 127) // 255) << np.array((16, 8, 0), np.uint32)).T
    packed: NDArray[np.uint32] = (alpha << np.uint32(24)) | red | green | blue
    packed.flags.writeable = False
    return packed
