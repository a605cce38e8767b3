"""A picture and its response map at ever halved sizes: a view touches about as many pixels as it has."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.overlay import response_levels
from irlnet_core.progress import Event, Progress

_SMALLEST = 16  # a picture's coarsest size; a map goes down to one pixel, or its maxima would have gaps
_STRIP_PIXELS = 1_000_000


@dataclass(frozen=True, eq=False)
class Level:
    """One size of a picture: a pixel of ``pixels`` covers ``step_x`` x ``step_y`` stored pixels."""

    pixels: NDArray[Any]
    step_x: float
    step_y: float


@dataclass(frozen=True, eq=False)
class Pyramid:
    """The sizes of one picture, the finest first; ``width`` and ``height`` are of the stored grid."""

    width: int
    height: int
    levels: tuple[Level, ...]

    def level_for(self, scale: float) -> Level:
        """Return the coarsest level that is fine enough for ``scale`` device pixels per stored pixel."""
        fine = [level for level in self.levels if level.step_x * scale <= 1 + 1e-9]
        return fine[-1] if fine else self.levels[0]

    def thumbnail(self, side: int) -> NDArray[Any]:
        """Return the coarsest pixels that are at least ``side`` long or wide, for a small overview."""
        large = [level for level in self.levels if max(level.pixels.shape[:2]) >= side]
        return large[-1].pixels if large else self.levels[0].pixels


def flat_picture(pixels: NDArray[np.uint8]) -> Pyramid:
    """Return a picture (uint8 HxWx3) with its full size only: at once; not copied."""
    height, width = pixels.shape[:2]
    return Pyramid(width, height, (Level(np.ascontiguousarray(pixels), 1.0, 1.0),))


def preview_picture(pixels: NDArray[np.uint8], width: int, height: int) -> Pyramid:
    """Return a small decoding of a picture that has ``width`` x ``height`` stored pixels."""
    rows, columns = pixels.shape[:2]
    return Pyramid(width, height, (Level(pixels, width / columns, height / rows),))


def build_picture(pixels: NDArray[np.uint8]) -> Generator[Event, None, Pyramid]:
    """Return all sizes of a picture by area means; level 0 is ``pixels`` itself. Yields after each size."""
    height, width = pixels.shape[:2]
    levels = [Level(pixels, 1.0, 1.0)]
    while max(levels[-1].pixels.shape[:2]) > _SMALLEST and min(levels[-1].pixels.shape[:2]) > 1:
        levels.append(Level(_halve_by_mean(levels[-1].pixels), 2.0 ** len(levels), 2.0 ** len(levels)))
        yield Progress("preparing the view", len(levels), 0)
    return Pyramid(width, height, tuple(levels))


def build_map(probability: NDArray[np.float32]) -> Generator[Event, None, Pyramid]:
    """Return all sizes of a map as indices 0..255 by maxima. Yields after each size.

    The maximum commutes with a threshold: a pixel of a small size is in the mask if and only if one of the
    stored pixels that it covers is. So nothing vanishes when one zooms out.
    """
    height, width = probability.shape
    finest = np.empty((height, width), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        finest[top : top + rows] = response_levels(probability[top : top + rows])
    levels = [finest]
    while max(levels[-1].shape) > 1:
        yield Progress("preparing the view", len(levels), 0)
        levels.append(_halve_by_maximum(levels[-1]))
    return _as_pyramid(levels, width, height)


def blank_map(width: int, height: int) -> Pyramid:
    """Return a map without a response, to be filled by :func:`refresh_map`."""
    levels = [np.zeros((height, width), np.uint8)]
    while max(levels[-1].shape) > 1:
        rows, columns = levels[-1].shape
        levels.append(np.zeros(((rows + 1) // 2, (columns + 1) // 2), np.uint8))
    return _as_pyramid(levels, width, height)


def refresh_map(pyramid: Pyramid, probability: NDArray[np.float32], rect: tuple[int, int, int, int]) -> None:
    """Take over what changed inside ``rect`` = x, y, width, height, at all sizes.

    Values are clipped to 0..1: a tile that awaits its neighbours may lie a hair outside.
    """
    x0, y0 = max(0, rect[0]), max(0, rect[1])
    x1, y1 = min(pyramid.width, rect[0] + rect[2]), min(pyramid.height, rect[1] + rect[3])
    if x0 >= x1 or y0 >= y1:
        return
    part = np.clip(probability[y0:y1, x0:x1], 0, 1)
    pyramid.levels[0].pixels[y0:y1, x0:x1] = response_levels(part)
    for fine, coarse in zip(pyramid.levels, pyramid.levels[1:], strict=False):
        x0, y0, x1, y1 = x0 // 2, y0 // 2, (x1 + 1) // 2, (y1 + 1) // 2
        coarse.pixels[y0:y1, x0:x1] = _halve_by_maximum(fine.pixels[2 * y0 : 2 * y1, 2 * x0 : 2 * x1])


def _as_pyramid(levels: list[NDArray[np.uint8]], width: int, height: int) -> Pyramid:
    return Pyramid(width, height, tuple(Level(a, 2.0**n, 2.0**n) for n, a in enumerate(levels)))


def _halve_by_mean(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return half the size, odd last row and column left out, so that the step is exactly 2."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    even = pixels[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _halve_by_maximum(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return half the size, rounded up: an odd last row or column is kept."""
    rows = levels[::2].copy()
    np.maximum(rows[: len(levels) // 2], levels[1::2], out=rows[: len(levels) // 2])
    columns = rows[:, ::2].copy()
    np.maximum(columns[:, : levels.shape[1] // 2], rows[:, 1::2], out=columns[:, : levels.shape[1] // 2])
    return columns
