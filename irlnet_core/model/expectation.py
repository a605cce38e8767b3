"""What is usual in a picture at a place of such brightness, colour and coarse texture. Torch-free.

Dark places, burnt-out, saturated or blurred ones have other traces than the rest of an innocent picture. So
traces are compared with those of places in the same picture that look alike, by a regression: what it leaves
is what brightness, colour and texture don't explain. Places that fit badly weigh little, so that a filled
region does not become what is usual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.model.grid_votes import luma_and_chroma
from irlnet_core.model.strips import average_cells, average_near, measure_strips

COUNT = 3
_HALO = 8
_WINDOW = 3
_MEAN, _SPREADS = (110.0, 0.0, 0.0), (60.0, 15.0, 15.0)  # of luma, Cb and Cr over photographs, grey levels
_COLOURFUL = 4.0
MOST = 16_384  # cells that a regression is fitted to
_RIDGE = 5e-4
_HUGE = 6.0  # median deviations after which a place's distance no longer grows
_BAD = 1.8  # root mean square of these at which a place weighs half


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


def explain(traces: NDArray[np.float32], terms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fit traces (C, n) by terms (n, P) and return the weights (P, C): two rounds, the second robust.

    The traces of a large picture are to be given of ``MOST`` of its cells, evenly taken.
    """
    values = traces.T
    weights = _solve(values, terms, np.ones(len(terms), np.float32))
    off = np.abs(values - terms @ weights)
    off /= np.median(off, axis=0) + 1e-3
    distance = np.sqrt(np.mean(np.minimum(off, _HUGE) ** 2, axis=1))
    return _solve(values, terms, 1 / (1 + (distance / _BAD) ** 4))


def _solve(values: NDArray[Any], terms: NDArray[Any], trust: NDArray[Any]) -> NDArray[np.float32]:
    trusted = terms * trust[:, None]
    square = (trusted.T @ terms).astype(np.float64)
    square[np.diag_indices(len(square))] += _RIDGE * len(terms) + 1e-3
    return np.asarray(np.linalg.solve(square, trusted.T @ values), np.float32)


def _means(strip: NDArray[Any]) -> NDArray[Any]:
    inner = strip[_HALO:-_HALO, _HALO:-_HALO]
    return average_cells(np.stack(luma_and_chroma(inner)))
