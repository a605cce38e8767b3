"""Pull-push: a smooth fill from coarse to fine, which takes every side of a hole into account."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import DataError

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Planes = NDArray[np.float32]


def fill_pull_push(image: Image, mask: Mask) -> Image:
    """Fill the hole (image RGB uint8 HxWx3, mask bool HxW) with colours averaged over wider and wider cells.

    Pixels outside are returned unchanged, and what stood in the hole has no influence. Raises
    :class:`DataError` when nothing lies outside it. Source: Gortler et al. 1996, "The Lumigraph", 3.4.
    """
    if mask.all():
        raise DataError("the hole covers the whole picture, so that there is nothing to fill it from.")
    filled = np.rint(spread(image, mask))
    return np.where(mask[..., None], np.clip(filled, 0, 255).astype(np.uint8), image)


def spread(values: NDArray[Any], mask: Mask) -> Planes:
    """Return values (HxWxC, float32) with those in the hole replaced in the same way; 0 if all is hole."""
    known = (~mask).astype(np.float32)
    weighted = np.asarray(values * known[..., None], np.float32)
    return np.where(mask[..., None], _fill_level(weighted, known), weighted)


def _fill_level(weighted: Planes, known: Planes) -> Planes:
    """Return the colours where they are known (0..1) and those of the next coarser level elsewhere."""
    here = _unweighted(weighted, known)
    height, width = known.shape
    if height == width == 1:
        return here
    pooled = _halve(known)
    colours = _unweighted(_halve(weighted), pooled)
    # Weights saturate: a cell that holds one known pixel is known (least error on photographs).
    trust = np.minimum(4 * pooled, 1)
    below = _fill_level(colours * trust[..., None], trust)
    above = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR).reshape(here.shape)
    return np.asarray(known[..., None] * here + (1 - known[..., None]) * above, np.float32)


def _unweighted(weighted: Planes, known: Planes) -> Planes:
    return np.asarray(weighted / np.maximum(known, 1e-6)[..., None], np.float32)


def _halve(plane: Planes) -> Planes:
    size = ((plane.shape[1] + 1) // 2, (plane.shape[0] + 1) // 2)
    halved = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
    # OpenCV drops a last axis of one channel.
    return halved.reshape(size[1], size[0], *plane.shape[2:])
