"""Where the network responded: the float map, its exact 16-bit form, and the mask at a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.evidence.area import Area

_TOP = 65535
_STRIP_PIXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class Localization:
    """The network's response to each pixel of a picture.

    ``probability`` is float32 HxW, 0..1, on the stored grid, and read-only here; the array is handed over,
    not copied. ``analysed`` is the part that the network has seen, None = the whole picture; beyond it the
    map is 0, nothing is in a mask, and nothing is known.
    Raises :class:`ModelError` where it holds values that are not numbers or lie outside 0..1.
    """

    probability: NDArray[np.float32]
    analysed: Area | None = None

    def __post_init__(self) -> None:
        view = self.probability.view()
        if view.ndim != 2 or view.dtype != np.float32 or view.size == 0:
            raise ModelError(
                f"gave a {view.dtype} map of shape {view.shape} instead of float32 (height, width)."
            )
        low, high = float(view.min()), float(view.max())
        if not (low >= 0 and high <= 1):  # written so that NaN fails too
            raise ModelError(
                f"gave a response map with values from {low} to {high} instead of 0 to 1.",
                cure="The weights may be damaged, or the precision too low: try --precision float32.",
            )
        view.flags.writeable = False
        object.__setattr__(self, "probability", view)

    @classmethod
    def from_probability16(cls, values: NDArray[np.uint16], analysed: Area | None = None) -> Localization:
        """Return the map that a 16-bit PNG holds (65535 = 1); :meth:`probability16` gives ``values`` back."""
        probability = values.astype(np.float32)
        probability /= np.float32(_TOP)
        return cls(probability, analysed)

    def probability16(self) -> NDArray[np.uint16]:
        """Return the map as uint16: probability x 65535 in double precision, rounded half to even."""
        height, width = self.probability.shape
        values = np.empty((height, width), np.uint16)
        rows = max(1, _STRIP_PIXELS // width)
        for top in range(0, height, rows):
            values[top : top + rows] = quantise(self.probability[top : top + rows])
        return values

    def mask(self, threshold: float) -> NDArray[np.bool_]:
        """Return exactly ``probability16() >= ceil(threshold * 65535)``, without making the 16-bit map.

        What was not analysed is not in the mask, even at a threshold of 0.
        """
        mask: NDArray[np.bool_] = self.probability >= find_cut(threshold)
        if self.analysed is None:
            return mask
        inside = np.zeros_like(mask)
        inside[self.analysed.slices] = mask[self.analysed.slices]
        return inside

    def area(self, threshold: float) -> float:
        """Return the share (0..1) of the picture's pixels that are in the mask."""
        return int(np.count_nonzero(self.mask(threshold))) / self.probability.size


def cutoff16(threshold: float) -> int:
    """Return ``ceil(threshold * 65535)``, the least 16-bit value in the mask. Raises :class:`ConfigError`."""
    if not 0 <= threshold <= 1:
        raise ConfigError(f"threshold = {threshold} is not between 0 and 1.")
    return math.ceil(float(threshold) * _TOP)


def find_cut(threshold: float) -> np.float32:
    """Return the smallest float32 response whose 16-bit value is in the mask at ``threshold``."""
    cutoff = cutoff16(threshold)
    cut = np.float32(max(0.0, (cutoff - 0.5) / _TOP))
    while quantise(cut) < cutoff:
        cut = np.nextafter(cut, np.float32(1))
    while cut > 0 and quantise(below := np.nextafter(cut, np.float32(0))) >= cutoff:
        cut = below
    return np.float32(cut)


def say_threshold(threshold: float, least: int = 0) -> str:
    """Return a threshold with all its digits, at least ``least`` of them behind the point."""
    return np.format_float_positional(float(threshold), trim="k" if least else "-", min_digits=least)


def quantise(probability: NDArray[np.float32] | np.float32) -> NDArray[np.uint16]:
    """Return responses as 16-bit values: x 65535 in double precision, rounded half to even."""
    return np.rint(np.asarray(probability, np.float64) * _TOP).astype(np.uint16)
