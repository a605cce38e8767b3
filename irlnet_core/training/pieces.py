"""Pieces of photographs, held in memory, from which the trainings of engines cut their crops."""

from __future__ import annotations

import math
from collections.abc import Generator

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.photographs import Photograph, cut
from irlnet_core.errors import DataError
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine import Image
from irlnet_core.progress import Event, Note, Progress

_MOST_PIECES = 30  # of one photograph
_LEAST_SCALE = 0.4


def cut_pieces(
    photographs: list[Photograph], side: int, count: int, seed: int, *, reduced: float = 0.0
) -> Generator[Event, None, NDArray[np.uint8]]:
    """Return about ``count`` random pieces (n, side, side, 3), about equally many of each photograph.

    A share ``reduced`` of them is cut larger, up to 2.5 times, and reduced to ``side``, so that it keeps no
    JPEG history. Raises :class:`DataError` when no photograph is large enough; smaller ones are named.
    """
    rng = np.random.default_rng((seed, 0))
    chosen = [photographs[i] for i in rng.permutation(len(photographs))[:count]]
    each = min(math.ceil(count / len(chosen)), _MOST_PIECES)
    pieces: list[Image] = []
    for done, photo in enumerate(chosen, 1):
        pixels = read_image(photo.path).pixels
        if min(pixels.shape[:2]) < side:
            yield Note(f"{photo.path.name} is smaller than {side} pixels and is left out.")
            continue
        pieces += [_cut_piece(pixels, side, reduced, rng) for _ in range(each)]
        yield Progress("reading photographs", done, len(chosen))
    if not pieces:
        raise DataError(
            f"no photograph is at least {side} pixels on each side.", cure="Give larger photographs."
        )
    return np.stack(pieces)


def _cut_piece(pixels: Image, side: int, reduced: float, rng: np.random.Generator) -> Image:
    source = side
    if reduced and rng.random() < reduced:
        source = min(round(side / rng.uniform(_LEAST_SCALE, 1)), *pixels.shape[:2])
    piece, _ = cut(pixels, (source, source), rng)
    if source == side:
        return piece.copy()
    return np.asarray(cv2.resize(piece, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
