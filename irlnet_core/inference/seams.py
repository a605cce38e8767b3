"""How visible the tiles are in a finished map: one number that tests and users can check."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from irlnet_core.inference.tiling import TilePlan


def seam_error(probability: NDArray[np.float32], plan: TilePlan) -> float:
    """Return the mean absolute step across the tiles' interior edges ÷ the mean absolute step elsewhere.

    An edge is where a tile's contribution begins or ends: ``margin`` pixels inside its border. 1 means that
    edges can't be told from other places; it is also the answer for a map without edges or without any step.
    """
    steps, at_edge = zip(
        _steps(probability, plan.ys, plan),
        _steps(probability.T, plan.xs, plan),
        strict=True,
    )
    weights = np.repeat([plan.width, plan.height], [len(part) for part in steps])
    step, edge = np.concatenate(steps), np.concatenate(at_edge)
    if edge.all() or not edge.any():
        return 1.0
    here = float(np.average(step[edge], weights=weights[edge]))
    elsewhere = float(np.average(step[~edge], weights=weights[~edge]))
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
