"""What is usual in a picture at a place of such brightness, colour and coarse texture. Torch-free.

Dark places, burnt-out, saturated or blurred ones have other traces than the rest of an innocent picture. So
traces are compared with those of places in the same picture that look alike, by a regression: what it leaves
is what brightness, colour and texture don't explain. Places that fit badly weigh little, so that a filled
region does not become what is usual.

How much such places differ among themselves is fitted likewise: the same difference says little where
traces scatter, and much where they do not. Two more numbers of a place tell how far to trust that: how unlike
all others it looks, and how far off it is altogether.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import luma_and_chroma
from irlnet_core.model.strips import average_cells, average_near, measure_strips

COUNT = 3
TRUST_COUNT = 2
_HALO = 8
_WINDOW = 3
_MEAN, _SPREADS = (110.0, 0.0, 0.0), (60.0, 15.0, 15.0)  # of luma, Cb and Cr over photographs, grey levels
_COLOURFUL = 4.0
MOST = 16_384  # cells that a regression is fitted to
_RIDGE = 5e-4
_HUGE = 6.0  # median deviations after which a place's distance no longer grows
_BAD = 1.8  # root mean square of these at which a place weighs half
_SPREAD_RANGE = 0.3, 3.0  # of the typical spread: beyond it the fit is not believed
_SPREAD_FLOOR = 0.02


def lights(image: NDArray[np.uint8], between: Callable[[], None] | None = None) -> NDArray[np.float32]:
    """Return luma, Cb and Cr around each cell of 8x8 pixels, spread about 1: (3, h, w), float32.

    ``image`` is uint8 H x W x 3, h = ceil H/8; means are over 3x3 cells. ``between`` is called after every
    strip of rows: what it raises ends the work.
    """
    means = average_near(measure_strips(image, _HALO, _means, between), _WINDOW)
    shifted = means - np.reshape(_MEAN, (-1, 1, 1))
    return np.asarray(shifted / np.reshape(_SPREADS, (-1, 1, 1)), np.float32)


def describe(light: NDArray[np.float32], texture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what traces are explained by, from :func:`lights` and the log energy of coarse texture (h, w).

    (h * w, 17): powers and products of brightness, colour and texture.
    """
    luma, blue, red = light.reshape(COUNT, -1)
    blue, red = (np.clip(colour, -_COLOURFUL, _COLOURFUL) for colour in (blue, red))
    energy = texture.ravel()
    energy = (energy - energy.mean()) / (energy.std() + 0.1)
    terms = [np.ones_like(luma), luma, luma**2, luma**3, energy, energy**2, energy**3]
    terms += [luma * energy, luma**2 * energy, luma * energy**2]
    terms += [blue, red, blue**2, red**2, blue * red, energy * blue, energy * red]
    return np.stack(terms, axis=1)


@dataclass(frozen=True)
class Usual:
    """What is usual in one picture, as weights of P terms, for C traces.

    ``mean`` and ``spread`` (P, C) give the usual value and how far places are off it; ``typical`` and
    ``median`` (C) how far they are off on average and in the middle; ``inverse`` (P, P) belongs to leverage.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    typical: NDArray[np.float32]
    median: NDArray[np.float32]
    inverse: NDArray[np.float32]
    judges: int

    def standardize(
        self, off: NDArray[np.float32], terms: NDArray[np.float32], which: slice
    ) -> NDArray[np.float32]:
        """Divide differences (n, c) of the traces ``which`` by how far such places are off here."""
        least, most = _SPREAD_RANGE
        typical = self.typical[which]
        spread = np.clip(terms @ self.spread[:, which], least * typical, most * typical)
        return np.asarray(off / (2 * (spread + _SPREAD_FLOOR)), np.float32)

    def squared_distance(self, off: NDArray[np.float32], which: slice) -> NDArray[np.float32]:
        """Return the sum over the traces ``which`` of how many medians they are off, squared, cut: (n,)."""
        return np.asarray((np.minimum(np.abs(off) / self.median[which], _HUGE) ** 2).sum(axis=1), np.float32)

    def trust(self, squared_distances: NDArray[Any], terms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return two numbers about each place, (2, n), spread about 1: log leverage and log distance.

        Leverage (Hoaglin and Welsch 1978) is large where no other place of the picture has such terms.
        """
        leverage = np.maximum(np.einsum("ij,jk,ik->i", terms, self.inverse, terms, optimize=True), 0)
        distance = np.sqrt(squared_distances / self.judges)
        return np.asarray(np.stack([np.log(leverage + 1) - 2.5, 2 * np.log(distance + 0.1)]), np.float32)


def explain(traces: NDArray[np.float32], terms: NDArray[np.float32], judges: int | None = None) -> Usual:
    """Fit traces (C, n) and their spread by terms (n, P): three rounds, all but the first robust.

    The traces of a large picture are to be given of ``MOST`` of its cells, evenly taken. How much a place
    weighs is told by the first ``judges`` of them alone (without it, by all), so that what is fitted to these
    does not depend on whether others are measured too.
    """
    judges = len(traces) if judges is None else judges
    judging, values = traces[:judges].T, traces.T
    mean = _solve(judging, terms, _square(terms, np.ones(len(terms), np.float32)))
    trust = _trust(np.abs(judging - terms @ mean))
    mean = _solve(values, terms, _square(terms, trust), trust)
    off = np.abs(values - terms @ mean)
    median = _median(off)
    trust = _trust(off[:, :judges], median[:judges])
    cut, square = np.minimum(off, _HUGE * median), _square(terms, trust)
    return Usual(
        mean,
        _solve(cut, terms, square, trust),
        np.average(cut, axis=0, weights=trust + 1e-6),
        median,
        np.asarray(np.linalg.inv(square) * len(terms), np.float32),
        judges,
    )


def _trust(off: NDArray[np.float32], median: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Return how much each place weighs (n) by how far it is off (n, C), measured by the median of that."""
    median = _median(off) if median is None else median
    distance = np.sqrt(np.mean(np.minimum(off / median, _HUGE) ** 2, axis=1))
    return np.asarray(1 / (1 + (distance / _BAD) ** 4), np.float32)


def _median(off: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.median(off, axis=0) + 1e-3, np.float32)


def _square(terms: NDArray[Any], trust: NDArray[Any]) -> NDArray[np.float64]:
    square: NDArray[np.float64] = ((terms * trust[:, None]).T @ terms).astype(np.float64)
    square[np.diag_indices(len(square))] += _RIDGE * len(terms) + 1e-3
    return square


def _solve(
    values: NDArray[Any], terms: NDArray[Any], square: NDArray[Any], trust: NDArray[Any] | None = None
) -> NDArray[np.float32]:
    trusted = terms if trust is None else terms * trust[:, None]
    return np.asarray(np.linalg.solve(square, trusted.T @ values), np.float32)


def _means(strip: NDArray[Any]) -> NDArray[Any]:
    inner = strip[_HALO:-_HALO, _HALO:-_HALO]
    return average_cells(np.stack(luma_and_chroma(inner)))
