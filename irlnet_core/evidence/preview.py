"""A first, small look at a JPEG while the whole of it is still being decoded; nothing here is analysed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS, open_picture, read_orientation


@dataclass(frozen=True, eq=False)
class Preview:
    """``pixels`` (RGB uint8, stored grid) are those of a picture of ``width`` x ``height``, made smaller.

    ``orientation`` is EXIF's 1..8, None where there is none.
    """

    path: Path
    pixels: NDArray[np.uint8]
    width: int
    height: int
    orientation: int | None = None


def read_preview(path: Path, side: int = 2048, max_pixels: int = DEFAULT_MAX_PIXELS) -> Preview | None:
    """Return a JPEG at a half, a quarter or an eighth, its longer side still at least ``side`` pixels.

    A JPEG's blocks can be decoded at these sizes directly. None for other types, for small pictures, and for
    whatever is wrong with the file: the reader of the whole picture will say it.
    """
    try:
        kind, picture = open_picture(Path(path).read_bytes())
    except (ImageReadError, OSError, ValueError, MemoryError):
        return None
    width, height = picture.size
    if kind != "JPEG" or max(width, height) < 2 * side or width * height > max_pixels:
        return None
    orientation = read_orientation(picture)
    scale = side / max(width, height)
    picture.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))
    pixels = _decode(picture)
    return None if pixels is None else Preview(Path(path), pixels, width, height, orientation)


def _decode(picture: Image.Image) -> NDArray[np.uint8] | None:
    if picture.mode not in ("RGB", "L"):
        return None
    try:
        return np.asarray(picture.convert("RGB"))
    except Exception:  # noqa: BLE001 - a decoder fed with hostile bytes may raise anything
        return None
