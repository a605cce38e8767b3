"""The piece of a picture around a hole that a network gets, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from irlnet_core.forge.engine import Image, Mask


@dataclass(frozen=True)
class Window:
    """Rows and columns of a picture, mirrored at their end up to ``padded`` (height, width).

    Where ``side`` is not 0 the network takes squares of that side only, and a larger window is reduced to it.
    """

    rows: slice
    columns: slice
    padded: tuple[int, int]
    side: int

    def cut(self, image: Image) -> Image:
        """Return the window of a picture as a new array."""
        piece = self._pad(image[self.rows, self.columns], ((0, 0),))
        if self._fits():
            return piece
        return np.asarray(cv2.resize(piece, (self.side, self.side), interpolation=cv2.INTER_AREA), np.uint8)

    def cut_mask(self, mask: Mask) -> Mask:
        """Return the window of a mask; a reduced pixel belongs to the hole when any part of it does."""
        piece = self._pad(mask[self.rows, self.columns], ())
        if self._fits():
            return piece
        size = self.side, self.side
        return np.asarray(cv2.resize(piece.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0)

    def paste(self, made: Image, image: Image, mask: Mask) -> Image:
        """Return a copy of ``image`` that holds ``made``, a window's content, inside ``mask``."""
        if not self._fits():
            made = np.asarray(cv2.resize(made, self.padded[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
        filled, hole = image.copy(), mask[self.rows, self.columns]
        piece = filled[self.rows, self.columns]
        piece[hole] = made[: hole.shape[0], : hole.shape[1]][hole]
        return filled

    def _fits(self) -> bool:
        return not self.side or self.padded == (self.side, self.side)

    def _pad(self, piece: np.ndarray, more: tuple[tuple[int, int], ...]) -> np.ndarray:
        (height, width), (tall, wide) = piece.shape[:2], self.padded
        return np.pad(piece, ((0, tall - height), (0, wide - width), *more), mode="symmetric")


def window_around(mask: Mask, margin: int, multiple: int, side: int) -> Window:
    """Return the window of the hole and ``margin`` pixels around it.

    It begins on the grid of ``multiple`` pixels, and its padded sides are multiples of it. With a ``side`` it
    is a square of that side, or of the length that the hole needs.
    """
    sides = np.asarray(mask.any(axis=1)), np.asarray(mask.any(axis=0))
    if side:
        rows, columns = (_span(hits, 0, 1) for hits in sides)
        length = max(side, rows.stop - rows.start, columns.stop - columns.start)
        rows, columns = _widen(rows, length, len(sides[0])), _widen(columns, length, len(sides[1]))
        return Window(rows, columns, (length, length), side)
    rows, columns = (_span(hits, margin, multiple) for hits in sides)
    height, width = (-(-(span.stop - span.start) // multiple) * multiple for span in (rows, columns))
    return Window(rows, columns, (height, width), 0)


def _span(hits: Mask, margin: int, multiple: int) -> slice:
    found = np.flatnonzero(hits)
    first, last = int(found[0]) - margin, int(found[-1]) + 1 + margin
    return slice(max(0, first // multiple * multiple), min(len(hits), -(-last // multiple) * multiple))


def _widen(span: slice, length: int, total: int) -> slice:
    """Return a span of ``length`` with the same middle, moved inside 0 to ``total`` and cut to it."""
    first = max(0, min((span.start + span.stop - length) // 2, total - length))
    return slice(first, min(total, first + length))
