"""The side-by-side picture of a comparison: picture, true mask, the base's map, the new one's. Torch-free."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.evidence.export import write_png
from irlnet_core.evidence.overlay import colorize

_SIDE = 384
_GAP = 4
_GREY = 119


def write_map(
    path: Path,
    image: NDArray[np.uint8],
    truth: NDArray[np.bool_],
    maps: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Write the four panels, none longer than 384 pixels, as one PNG. Raises :class:`OutputError`."""
    white = np.repeat(truth[..., None].astype(np.uint8) * 255, 3, axis=2)
    panels = [_shrink(panel) for panel in (image, white, *(colorize(m) for m in maps))]
    gap = np.full((panels[0].shape[0], _GAP, 3), _GREY, np.uint8)
    row = [part for panel in panels for part in (panel, gap)][:-1]
    with files.write_atomically(path) as temporary:
        write_png(temporary, np.concatenate(row, axis=1))


def _shrink(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = tuple(max(1, round(side * factor)) for side in pixels.shape[1::-1])
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
