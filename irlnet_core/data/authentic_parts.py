"""The authentic parts of forged pictures: rectangles beside the hole, usable like photographs. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.photographs import Photograph, read_photograph
from irlnet_core.forge.engine import Image, Mask
from irlnet_core.forge.jpeg import JpegHistory

_CELL = 16  # a multiple of the JPEG grid, so that a part keeps its picture's phase
_MARGIN = 9  # pixels around the hole that a fill's blending may have touched

Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class AuthenticPart(Photograph):
    """A rectangle (top, left, bottom, right; pixels) of a picture, instead of the whole of it."""

    area: Area = (0, 0, 0, 0)

    def read(self) -> tuple[Image, JpegHistory | None]:
        pixels, history = read_photograph(self.path)
        top, left, bottom, right = self.area
        return pixels[top:bottom, left:right], history


def find_authentic_areas(mask: Mask, least: int, most: int = 2) -> list[Area]:
    """Return up to ``most`` rectangles clear of the hole, the largest first, none narrower than ``least``.

    Mask bool HxW; edges are multiples of 16 pixels. Empty when the hole leaves no such room.
    """
    free = _free_cells(mask)
    found: list[Area] = []
    while len(found) < most:
        rows, columns, height, width = _largest_rectangle(free)
        if min(height, width) * _CELL < least:
            break
        free[rows : rows + height, columns : columns + width] = False
        top, left = rows * _CELL, columns * _CELL
        found.append((top, left, top + height * _CELL, left + width * _CELL))
    return found


def _free_cells(mask: Mask) -> NDArray[np.bool_]:
    height, width = (side // _CELL * _CELL for side in mask.shape)
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((2 * _MARGIN + 1, 2 * _MARGIN + 1), np.uint8))
    cells = grown[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    return np.asarray(cells.max((1, 3)) == 0)


def _largest_rectangle(free: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return (row, column, height, width) of the largest all-true rectangle: one histogram a row."""
    best = (0, 0, 0, 0)
    heights = np.zeros(free.shape[1], int)
    for row, line in enumerate(free):
        heights = np.where(line, heights + 1, 0)
        for left, height, width in _bars(heights):
            if height * width > best[2] * best[3]:
                best = (row - height + 1, left, height, width)
    return best


def _bars(heights: NDArray[np.int_]) -> list[tuple[int, int, int]]:
    """Return (left, height, width) of every widest rectangle below a histogram."""
    found, stack = [], [(0, 0)]
    for place, height in enumerate([*map(int, heights), 0]):
        left = place
        while stack and stack[-1][1] > height:
            left, taller = stack.pop()
            found.append((left, taller, place - left))
        if not stack or stack[-1][1] < height:
            stack.append((left, height))
    return found
