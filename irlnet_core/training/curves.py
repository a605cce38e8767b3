"""Precision and recall at every threshold, over many pictures that all weigh the same. Torch-free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
BINS = 1000


class PrecisionRecall:
    """Adds up shares of pictures (pixels ÷ pixels of the picture) by response, so that size has no weight."""

    def __init__(self) -> None:
        self.pictures = 0
        self._inside, self._outside = np.zeros((2, BINS + 1))

    def add(self, response: NDArray[np.floating], truth: Mask) -> None:
        """Add one picture: its map (0..1) and its true mask."""
        steps = np.floor(response * BINS).astype(np.int64)
        self._inside += np.bincount(steps[truth], minlength=BINS + 1) / truth.size
        self._outside += np.bincount(steps[~truth], minlength=BINS + 1) / truth.size
        self.pictures += 1

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return thresholds (k / 1000, rising), precision and recall, where anything is marked."""
        found = np.cumsum(self._inside[::-1])[::-1]
        wrong = np.cumsum(self._outside[::-1])[::-1]
        marked = found + wrong > 0
        precision = found[marked] / (found + wrong)[marked]
        recall = found[marked] / max(self._inside.sum(), np.finfo(float).tiny)
        return np.flatnonzero(marked) / BINS, precision, recall
