"""How many pixels respond how strongly: counted once per map, then every threshold is a look-up."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.localization import Localization, cutoff16, quantise

BINS = 65536
_STRIP_PIXELS = 4_000_000
# Counting a large map takes a good part of a second. A worker that makes the histogram before it hands the
# map over spares the window's thread that time.
_counted: WeakKeyDictionary[Localization, NDArray[np.int64]] = WeakKeyDictionary()


class ResponseHistogram:
    """The cumulative histogram of a map's 16-bit responses; pixels that were not analysed are not counted."""

    def __init__(self, localization: Localization) -> None:
        """Count the map, or use the count that was made of it before."""
        if localization not in _counted:
            _counted[localization] = _count(localization)
        self._at_least = _counted[localization]
        self._pixels = localization.probability.size

    def pixels(self, threshold: float) -> int:
        """Return the number of mask pixels at ``threshold``: exactly those of :meth:`Localization.mask`."""
        return int(self._at_least[cutoff16(threshold)])

    def area(self, threshold: float) -> float:
        """Return the share (0..1) of the picture that is in the mask at ``threshold``."""
        return self.pixels(threshold) / self._pixels

    def bars(self, n: int) -> NDArray[np.int64]:
        """Return the numbers of pixels in ``n`` equal parts of the scale 0..1 (int64, n)."""
        edges = np.rint(np.linspace(0, BINS, n + 1)).astype(np.intp)
        counts: NDArray[np.int64] = -np.diff(self._at_least[edges])
        return counts

    def log_bars(self, n: int) -> NDArray[np.float64]:
        """Return :meth:`bars` on a log scale, the highest 1 and an empty one 0 (float64, n)."""
        bars = np.log1p(self.bars(n))
        return bars / max(float(bars.max()), 1e-12)


def _count(localization: Localization) -> NDArray[np.int64]:
    """Return for each 16-bit value how many pixels have at least that value (int64, BINS + 1; the last 0)."""
    analysed = localization.analysed
    part = localization.probability[analysed.slices] if analysed else localization.probability
    counts = np.zeros(BINS + 1, np.int64)
    rows = max(1, _STRIP_PIXELS // part.shape[1])
    for top in range(0, len(part), rows):
        counts[:BINS] += np.bincount(quantise(part[top : top + rows]).ravel(), minlength=BINS)
    return np.cumsum(counts[::-1])[::-1].copy()
