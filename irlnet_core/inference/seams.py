"""How visible the tiles are in a finished map: one number that tests and users can check."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from irlnet_core.inference.tiling import TilePlan

CELL = 8  # the stride of the encoder, and the cells of the traces


def seam_error(probability: NDArray[np.float32], plan: TilePlan) -> float:
    """Return the mean absolute step across the tiles' interior edges ÷ that across other lines like them.

    An edge is where a tile's contribution begins or ends: ``margin`` pixels inside its border. Lines like it
    have its place in the cells of 8 pixels in which the network computes: between cells every map has larger
    steps than within them. 1 means that edges can't be told from other places; it is also the answer for a
    map without edges or without any step.
    """
    here = elsewhere = 0.0
    for rows, starts in ((probability, plan.ys), (probability.T, plan.xs)):
        step, edge = _steps(rows, starts, plan)
        place = np.arange(1, len(rows)) % CELL
        for k in range(CELL):
            at, beside = edge & (place == k), ~edge & (place == k)
            if at.any() and beside.any():
                here += float(step[at].sum()) * rows.shape[1]
                elsewhere += float(step[beside].mean() * at.sum()) * rows.shape[1]
    if here == elsewhere:
        return 1.0
    return here / elsewhere if elsewhere > 0 else float("inf")


def _steps(
    rows: NDArray[np.float32], starts: tuple[int, ...], plan: TilePlan
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean absolute difference of each row to the next, and whether a tile's edge lies between them."""
    steps = np.array([np.abs(b - a).mean(dtype=np.float64) for a, b in pairwise(rows)], dtype=np.float64)
    edges = [start + plan.margin for start in starts if start > 0]
    edges += [start + plan.tile - plan.margin for start in starts if start + plan.tile < len(rows)]
    return steps, np.isin(np.arange(1, len(rows)), edges)
