"""JPEG history: a photograph's own quantisation tables, and recompression on its own block grid."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image as PillowImage
from PIL import JpegImagePlugin

from irlnet_core.forge.engine import Image

_GRID = 16  # a chroma block at 4:2:0 covers 16 x 16 pixels


@dataclass(frozen=True)
class JpegHistory:
    """How a JPEG was coded: one quantisation table for each of Y, Cb, Cr, and the chroma sub-sampling.

    A table has 64 values, row by row. ``subsampling`` is Pillow's number: 0 = 4:4:4, 1 = 4:2:2, 2 = 4:2:0.
    """

    tables: tuple[tuple[int, ...], ...]
    subsampling: int


def read_history(data: bytes) -> JpegHistory | None:
    """Return a JPEG's tables and sub-sampling, or None for other files and unusual JPEGs (such as RGB)."""
    try:
        with PillowImage.open(io.BytesIO(data)) as picture:
            if not isinstance(picture, JpegImagePlugin.JpegImageFile) or picture.mode != "RGB":
                return None
            subsampling = JpegImagePlugin.get_sampling(picture)
            # Files may hold more tables than they use, so that each colour's own number decides.
            tables = tuple(tuple(picture.quantization[layer[3]]) for layer in picture.layer)
            stored_as_rgb = picture.info.get("adobe_transform") == 0
    except (OSError, SyntaxError, ValueError, KeyError):
        return None
    usual = subsampling in (0, 1, 2) and all(1 <= v <= 255 for table in tables for v in table)
    return JpegHistory(tables, subsampling) if usual and not stored_as_rgb else None


@functools.lru_cache(maxsize=64)
def history_of_quality(quality: int, subsampling: int) -> JpegHistory:
    """Return the history that the usual encoder (IJG tables) leaves at a quality of 1 to 100."""
    buffer = io.BytesIO()
    grey = PillowImage.new("RGB", (16, 16))
    grey.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    history = read_history(buffer.getvalue())
    if history is None:
        raise ValueError(f"quality {quality} with sub-sampling {subsampling} gives no usual JPEG")
    return history


def recompress(image: Image, history: JpegHistory, phase: tuple[int, int] = (0, 0)) -> Image:
    """Code and decode a picture with the given tables, its block grid starting at ``phase``.

    ``phase`` (row, column) is the position of the picture's first pixel on the grid of the file that it was
    cut from (its offset there modulo 16). The picture is padded by replication before and cut after.
    """
    height, width = image.shape[:2]
    top, left = phase[0] % _GRID, phase[1] % _GRID
    bottom, right = -(top + height) % _GRID, -(left + width) % _GRID
    padded = np.pad(image, ((top, bottom), (left, right), (0, 0)), mode="edge")
    buffer = io.BytesIO()
    PillowImage.fromarray(padded).save(
        buffer, "JPEG", qtables=[list(t) for t in history.tables], subsampling=history.subsampling
    )
    with PillowImage.open(buffer) as coded:
        decoded = np.asarray(coded.convert("RGB"))
    return decoded[top : top + height, left : left + width]
