"""How the values of a fine residual follow each other, cell by cell. Torch-free.

The signs and sizes of four neighbouring values of a high-pass residual have frequencies that the making of a
picture leaves: its sensor, its processing, or the network that painted it. Source: the features of Cozzolino,
Poggi & Verdoliva, "Splicebuster", WIFS 2015, from Fridrich & Kodovsky's rich models, 2012; ours are coarser,
so that a window of 40 pixels fills them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.strips import average_near, measure_strips

_WINDOW = 5  # cells on a side over which the frequencies are counted
_HALO = 8
_STEP = 2.0  # grey levels; residuals count as below, within or above half a step
_LENGTH = 4  # neighbours in a row
_THIRD_ORDER = np.array([[1, -3, 3, -1]], np.float32)
_BT601 = np.array([0.299, 0.587, 0.114], np.float32)


def _number_classes() -> tuple[NDArray[np.intp], int]:
    """Return the class of each of the 81 sequences: its mirror and its negative are of the same class."""
    known: dict[tuple[int, ...], int] = {}
    classes = np.zeros(3**_LENGTH, np.intp)
    for code in range(3**_LENGTH):
        digits = [(code // 3**place) % 3 for place in range(_LENGTH)]
        negative = [2 - digit for digit in digits]
        alike = min(tuple(way) for way in (digits, digits[::-1], negative, negative[::-1]))
        classes[code] = known.setdefault(alike, len(known))
    return classes, len(known)


_CLASSES, COUNT = _number_classes()


def cooccurrences(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.float32]:
    """Return square roots of the shares of 25 kinds of sequences around each cell: (25, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Sequences run along and across both third-order residuals of
    luma, and are counted over 5x5 cells. ``between`` is called after every strip of rows: what it raises ends
    the work.
    """
    counts = average_near(measure_strips(image, _HALO, _count, between), _WINDOW)
    shares: NDArray[np.float32] = np.sqrt(counts / counts.sum(axis=0))
    return shares


def _count(piece: NDArray[Any]) -> NDArray[np.float32]:
    """Count the sequences by cell in a strip that has a halo of 8 pixels: (25, rows / 8, columns / 8)."""
    luma = piece.astype(np.float32) @ _BT601
    height, width = luma.shape[0] - 2 * _HALO, luma.shape[1] - 2 * _HALO
    cell = np.arange(height)[:, None] // CELL * (width // CELL) + np.arange(width) // CELL
    total = np.zeros(cell[-1, -1] * COUNT + COUNT, np.int64)
    for kernel in (_THIRD_ORDER, _THIRD_ORDER.T):
        levels = _quantise(cv2.filter2D(luma, cv2.CV_32F, kernel))
        for along in ((0, 1), (1, 0)):
            code: NDArray[Any] = np.zeros((height, width), np.intp)
            for place in range(_LENGTH):
                top, left = _HALO + along[0] * place, _HALO + along[1] * place
                code += levels[top : top + height, left : left + width] * 3**place
            total += np.bincount((cell * COUNT + _CLASSES[code]).ravel(), minlength=len(total))
    counts = total.reshape(height // CELL, width // CELL, COUNT).transpose(2, 0, 1)
    return np.ascontiguousarray(counts, np.float32)


def _quantise(residual: NDArray[Any]) -> NDArray[np.intp]:
    return np.asarray(np.clip(np.rint(residual / _STEP), -1, 1) + 1, np.intp)
