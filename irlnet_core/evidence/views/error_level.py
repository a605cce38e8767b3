"""Error level analysis: what one more JPEG compression would change."""

from __future__ import annotations

from collections.abc import Generator

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.views.view import cut_strips
from irlnet_core.progress import Event, Progress

QUALITY = 90
GAIN = 20


def error_level(
    pixels: NDArray[np.uint8], *, quality: int = QUALITY, gain: int = GAIN
) -> Generator[Event, None, NDArray[np.uint8]]:
    """Save ``pixels`` (RGB uint8 HxWx3) as JPEG and return the channels' largest difference x ``gain``, HxW.

    ``quality`` is libjpeg's. Without colour subsampling each 8x8 block is coded by itself, so strips change
    nothing. Source: Krawetz 2007, "A Picture's Worth" (there: colour, subsampling of the encoder).
    """
    height, width = pixels.shape[:2]
    levels = np.empty((height, width), np.uint8)
    for rows in cut_strips(height, width):
        strip = pixels[rows]
        difference = cv2.absdiff(np.ascontiguousarray(strip), save_again(strip, quality))
        largest = cv2.max(cv2.max(difference[..., 0], difference[..., 1]), difference[..., 2])
        levels[rows] = cv2.convertScaleAbs(largest, alpha=gain)
        yield Progress("error levels", rows.stop, height)
    return levels


def save_again(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return ``pixels`` (HxW, or RGB HxWx3) after one trip through JPEG, without colour subsampling."""
    colour = pixels.ndim == 3
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if colour else pixels, options)[1]
    saved = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(cv2.cvtColor(saved, cv2.COLOR_BGR2RGB) if colour else saved, np.uint8)
