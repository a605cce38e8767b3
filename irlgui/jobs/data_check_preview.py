"""Small pictures for the check: a picture with its mask laid over, read where rows are on the screen."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from irlgui.models.thumbnail_reader import read_thumbnail
from irlnet_core.data.pairs import Pair
from irlnet_core.data.truth import read_truth
from irlnet_core.errors import ImageReadError, IrlnetError
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.overlay import FILL, outline
from irlnet_core.progress import Event

_OPACITY = 0.45
_HALO, _LINE = (16, 16, 16), (255, 255, 255)


@dataclass(frozen=True)
class PreviewMade(Event):
    """A pair's preview at ``side`` pixels: without a mask where that can't be read, else None."""

    pair: Pair
    side: int
    image: QImage | None
    masked: bool


def make_previews(pairs: Iterable[Pair], side: int) -> Generator[Event, None, None]:
    """Yield a :class:`PreviewMade` for each pair."""
    for pair in pairs:
        yield _make(pair, side)


def _make(pair: Pair, side: int) -> PreviewMade:
    try:
        if pair.mask is None:
            return PreviewMade(
                pair, side, to_qimage(np.asarray(read_thumbnail(pair.image, side))), masked=False
            )
        image = read_image(pair.image)
        mask = read_truth(pair, image)
        return PreviewMade(pair, side, to_qimage(overlay(image.pixels, mask, side)), masked=True)
    except (IrlnetError, MemoryError):
        return PreviewMade(pair, side, _plain(pair, side), masked=False)


def _plain(pair: Pair, side: int) -> QImage | None:
    try:
        return to_qimage(np.asarray(read_thumbnail(pair.image, side)))
    except ImageReadError:
        return None


def overlay(pixels: NDArray[np.uint8], mask: NDArray[np.bool_], side: int) -> NDArray[np.uint8]:
    """Return the picture at ``side`` pixels with what is marked filled and outlined (uint8 RGB)."""
    height, width = pixels.shape[:2]
    factor = min(1.0, side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    marked = share >= 0.5
    if not marked.any() and mask.any():
        marked = share > 0  # a small hole stays to be seen
    weight = _OPACITY * share[..., None]
    drawn = np.asarray(small * (1 - weight) + FILL * weight).round().astype(np.uint8)
    around = cv2.dilate(marked.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_) & ~marked
    drawn[around] = _HALO
    drawn[outline(marked)] = _LINE
    return drawn


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return RGB pixels as a picture with bytes of its own."""
    data = np.ascontiguousarray(pixels)
    height, width = data.shape[:2]
    shared = QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return shared.convertToFormat(QImage.Format.Format_RGB32)
