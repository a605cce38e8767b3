"""OpenCV's two diffusion fills, kept from looking into the hole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import DataError

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_RADIUS = 3


def fill_diffusion(image: Image, mask: Mask, method: int = cv2.INPAINT_TELEA) -> Image:
    """Fill the hole by Telea 2004 (``cv2.INPAINT_TELEA``) or Bertalmio et al. 2001 (``cv2.INPAINT_NS``).

    Image RGB uint8 HxWx3, mask bool HxW; pixels outside the mask are returned unchanged, and what stood in
    the hole has no influence. Raises :class:`DataError` when nothing lies outside the hole.
    """
    if not mask.any():
        return image.copy()
    # OpenCV takes the outermost pixels of a picture as known even inside the hole, and would let the true
    # content of a hole that touches the border flow back in.
    filled = cv2.inpaint(spread_known(image, mask), mask.astype(np.uint8), _RADIUS, method)
    return np.where(mask[..., None], np.asarray(filled, np.uint8), image)


def spread_known(image: Image, mask: Mask) -> Image:
    """Give each pixel of the hole the colour of the nearest pixel outside it, and return the new picture."""
    if mask.all():
        raise DataError("the hole covers the whole picture, so that there is nothing to fill it from.")
    _, labels = cv2.distanceTransformWithLabels(
        mask.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(labels.max()) + 1, 3), np.uint8)
    colours[labels[~mask]] = image[~mask]
    return np.asarray(colours[labels])
