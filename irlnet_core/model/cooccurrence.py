"""How the values of a fine residual follow each other, cell by cell. Torch-free.

The signs and sizes of four neighbouring values of a high-pass residual have frequencies that the making of a
picture leaves: its sensor, its processing, or the network that painted it. Source: the features of Cozzolino,
Poggi & Verdoliva, "Splicebuster", WIFS 2015, from Fridrich & Kodovsky's rich models, 2012; ours are coarser,
so that a window of 40 pixels fills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import BT601, CELL, luma_and_chroma
from irlnet_core.model.strips import average_near, measure_strips

_WINDOW = 5  # cells on a side over which the frequencies are counted
_HALO = 8
_STEP = 2.0  # grey levels; residuals count as below, within or above half a step
_CHROMA_STEP = 1.0  # the same of Cb and Cr, which vary less
_LENGTH = 4  # neighbours in a row
_ALONG = np.array([[1, -3, 3, -1]], np.float32)
THIRD_ORDER = (_ALONG, _ALONG.T)
_AROUND = 33  # pixels on a side over which a residual's strength is taken
_WIDE_HALO = 24
_FLOOR = 0.3  # added to that strength's square, squared grey levels: about what rounding makes
_SHARE = 0.9  # steps in a root mean square


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
CHROMA_COUNT = 2 * COUNT


def cooccurrences(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.float32]:
    """Return square roots of the shares of 25 kinds of sequences around each cell: (25, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8. Sequences run along and across both third-order residuals of
    luma, and are counted over 5x5 cells. ``between`` is called after every strip of rows: what it raises ends
    the work.
    """
    counts = average_near(measure_strips(image, _HALO, _count, between), _WINDOW)
    shares: NDArray[np.float32] = np.sqrt(counts / counts.sum(axis=0))
    return shares


def relative_cooccurrences(
    image: NDArray[np.uint8], between: Callable[[], None] | None = None
) -> NDArray[np.float32]:
    """Return the same of residuals that are measured by their own strength around: (25, h, w), float32.

    A fixed step tells strong texture from weak; this one is a share of the residual's root mean square over
    33x33 pixels, so that what is left is the texture's kind.
    """
    counts = average_near(measure_strips(image, _WIDE_HALO, _count_relative, between), _WINDOW)
    shares: NDArray[np.float32] = np.sqrt(counts / counts.sum(axis=0))
    return shares


def chroma_cooccurrences(
    image: NDArray[np.uint8], between: Callable[[], None] | None = None
) -> NDArray[np.float32]:
    """Return the same of Cb, in steps of one grey level, then of Cr: (50, h, w), float32.

    What an autoencoder paints looks right in luma; the fine noise of its colours is another than the rest of
    the picture has, more here and less there.
    """
    counts = average_near(measure_strips(image, _HALO, _count_chroma, between), _WINDOW)
    colours = counts.reshape(2, COUNT, *counts.shape[1:])
    shares: NDArray[np.float32] = np.sqrt(colours / colours.sum(axis=1, keepdims=True)).reshape(counts.shape)
    return shares


def _count(piece: NDArray[Any]) -> NDArray[np.float32]:
    """Count the sequences by cell in a strip that has a halo of 8 pixels: (25, rows / 8, columns / 8)."""
    luma = piece.astype(np.float32) @ BT601
    residuals = (cv2.filter2D(luma, cv2.CV_32F, kernel) / _STEP for kernel in THIRD_ORDER)
    return _count_sequences(residuals, _HALO)


def _count_chroma(piece: NDArray[Any]) -> NDArray[np.float32]:
    counts = []
    for plane in luma_and_chroma(piece)[1:]:
        residuals = (cv2.filter2D(plane, cv2.CV_32F, kernel) / _CHROMA_STEP for kernel in THIRD_ORDER)
        counts.append(_count_sequences(residuals, _HALO))
    return np.concatenate(counts)


def _count_relative(piece: NDArray[Any]) -> NDArray[np.float32]:
    luma = piece.astype(np.float32) @ BT601
    residuals = (cv2.filter2D(luma, cv2.CV_32F, kernel) for kernel in THIRD_ORDER)
    return _count_sequences((residual * _SHARE / _strength(residual) for residual in residuals), _WIDE_HALO)


def _strength(residual: NDArray[Any]) -> NDArray[Any]:
    strength: NDArray[Any] = np.sqrt(cv2.blur(residual * residual, (_AROUND, _AROUND)) + _FLOOR)
    return strength


def _count_sequences(residuals: Iterable[NDArray[Any]], halo: int) -> NDArray[np.float32]:
    """Count the sequences of both residuals, in steps, by cell: (25, rows / 8, columns / 8)."""
    total: NDArray[Any] | int = 0
    for residual in residuals:
        total = total + _count_levels(_quantise(residual), halo)
    return np.asarray(total, np.float32)


def _count_levels(levels: NDArray[np.intp], halo: int) -> NDArray[Any]:
    height, width = levels.shape[0] - 2 * halo, levels.shape[1] - 2 * halo
    cell = np.arange(height)[:, None] // CELL * (width // CELL) + np.arange(width) // CELL
    total = np.zeros(cell[-1, -1] * COUNT + COUNT, np.int64)
    for along in ((0, 1), (1, 0)):
        code: NDArray[Any] = np.zeros((height, width), np.intp)
        for place in range(_LENGTH):
            top, left = halo + along[0] * place, halo + along[1] * place
            code += levels[top : top + height, left : left + width] * 3**place
        total += np.bincount((cell * COUNT + _CLASSES[code]).ravel(), minlength=len(total))
    return total.reshape(height // CELL, width // CELL, COUNT).transpose(2, 0, 1)


def _quantise(steps: NDArray[Any]) -> NDArray[np.intp]:
    return np.asarray(np.clip(np.rint(steps), -1, 1) + 1, np.intp)
