"""How good an engine is on photographs it never saw: its error in the hole, and whether it blurs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from irlnet_core.errors import DataError
from irlnet_core.forge.diffusion import fill_diffusion
from irlnet_core.forge.engine import Engine, Image, Mask
from irlnet_core.forge.masks import draw_mask

_SIDE = 256
_HOLE_MIN, _HOLE_MAX = 0.02, 0.20
_SHARPNESS_RANGE = (0.7, 1.4)


@dataclass(frozen=True)
class EngineQuality:
    """What an engine did on ``photographs`` pictures, one random hole in each.

    ``error`` is the mean absolute difference from the truth in the hole (levels of 255), ``telea_error`` that
    of Telea's fill of the same holes. ``sharpness`` is the variance of the Laplacian inside the hole divided
    by that outside, the median over the pictures; ``true_sharpness`` the same for the untouched pictures.
    ``reconstruct`` says whether the engine could see the truth (a round trip).
    """

    error: float
    telea_error: float
    sharpness: float
    true_sharpness: float
    photographs: int
    reconstruct: bool

    @property
    def counts(self) -> bool:
        """Whether it counts as a learned engine: better than Telea's fill, and neither blurry nor noisy."""
        low, high = _SHARPNESS_RANGE
        return self.error < self.telea_error and low <= self.sharpness <= high

    def as_dict(self) -> dict[str, Any]:
        values = asdict(self).items()
        rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in values}
        return {**rounded, "counts": self.counts}


def engine_quality(
    engine: Engine, photographs: Iterable[Image], seed: int, *, reconstruct: bool = False
) -> EngineQuality:
    """Fill a random hole in a piece (up to 256x256) of each photograph (RGB uint8); compare with the truth.

    Raises :class:`DataError` when there is no photograph.
    """
    rows = [
        _measure_one(engine, image, np.random.default_rng((seed, index)), reconstruct)
        for index, image in enumerate(photographs)
    ]
    if not rows:
        raise DataError("an engine's quality needs at least one photograph that it never saw.")
    error, telea_error = np.mean(rows, axis=0)[:2].tolist()
    sharpness, true_sharpness = np.median(rows, axis=0)[2:].tolist()
    return EngineQuality(error, telea_error, sharpness, true_sharpness, len(rows), reconstruct)


def _measure_one(
    engine: Engine, photograph: Image, rng: np.random.Generator, reconstruct: bool
) -> tuple[float, float, float, float]:
    truth = _cut_middle(photograph)
    hole = draw_mask(rng, *truth.shape[:2], hole_min=_HOLE_MIN, hole_max=_HOLE_MAX)
    made = engine.fill(truth, hole, rng, reconstruct=reconstruct)
    filled = np.where(hole[..., None], made, truth)
    telea = fill_diffusion(truth, hole)
    return (
        _error(filled, truth, hole),
        _error(telea, truth, hole),
        _sharpness(filled, hole),
        _sharpness(truth, hole),
    )


def _cut_middle(image: Image) -> Image:
    top, left = ((max(0, side - _SIDE) // 2) for side in image.shape[:2])
    return np.ascontiguousarray(image[top : top + _SIDE, left : left + _SIDE])


def _error(filled: Image, truth: Image, hole: Mask) -> float:
    return float(np.abs(filled[hole].astype(np.float32) - truth[hole]).mean())


def _sharpness(image: Image, hole: Mask) -> float:
    """Return the Laplacian's variance inside over outside; pixels at the seam don't count."""
    edges = cv2.Laplacian(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), cv2.CV_32F)
    cross = np.ones((3, 3), np.uint8)
    inside = cv2.erode(hole.astype(np.uint8), cross).astype(bool)
    outside = ~cv2.dilate(hole.astype(np.uint8), cross).astype(bool)
    if not inside.any() or not outside.any():
        return 1.0
    # One level squared keeps flat sky, where both variances are near 0, from dividing noise by nothing.
    return float((edges[inside].var() + 1) / (edges[outside].var() + 1))
