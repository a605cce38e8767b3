"""Pictures that are nearly the same: a 64-bit fingerprint of the coarse content, and groups of close ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR = 6  # bits of 64 by which recompressed, resized and retouched copies may differ
_FLAT = 4.0  # standard deviation (grey levels) below which a picture has no content to compare


def fingerprint(pixels: NDArray[np.uint8]) -> int | None:
    """Return 64 bits of a picture's (RGB uint8 HxWx3) coarse content; None for one without any.

    The lowest 8x8 coefficients of the cosine transform of a 32x32 grey picture, each above their median or
    not (C. Zauner, Implementation and benchmarking of perceptual image hash functions, 2010, section 3.2.1).
    """
    small = cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if grey.std() < _FLAT:
        return None
    block = cv2.dct(grey)[:8, :8].ravel()
    bits = block > np.median(block[1:])  # the first is the brightness, far above all others
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near_pairs(fingerprints: Sequence[int | None], limit: int = NEAR) -> list[tuple[int, int]]:
    """Return (i, j), i < j, of all fingerprints that differ by at most ``limit`` bits."""
    places = [place for place, value in enumerate(fingerprints) if value is not None]
    values = np.array([value for value in fingerprints if value is not None], np.uint64)
    found = []
    for number in range(len(values) - 1):
        distance = np.bitwise_count(values[number + 1 :] ^ values[number])
        close = number + 1 + np.flatnonzero(distance <= limit)
        found += [(places[number], places[int(other)]) for other in close]
    return found


def group(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of ``count`` things the lowest number of its group; ``links`` join two things each."""
    parent = list(range(count))

    def root(thing: int) -> int:
        while parent[thing] != thing:
            parent[thing] = parent[parent[thing]]
            thing = parent[thing]
        return thing

    for one, other in links:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return [root(thing) for thing in range(count)]


def link_equal(keys: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return links between all things of one key; None and empty texts link nothing."""
    first: dict[Hashable, int] = {}
    return [(first.setdefault(key, place), place) for place, key in enumerate(keys) if key]
