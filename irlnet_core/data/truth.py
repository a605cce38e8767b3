"""The true mask of a pair, whatever tells it, cleaned and with the analyst's answers applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.drawn_masks import read_coco, read_labelme
from irlnet_core.data.mask_cleaning import CleanMask, clean_mask, difference_mask, turn_back, turn_upright
from irlnet_core.data.pairs import Pair
from irlnet_core.errors import DataError, naming
from irlnet_core.evidence.decode import open_picture, pixels_of, read_orientation
from irlnet_core.evidence.image import SuspectImage, mask_levels, read_bytes

_TURNING = {5, 6, 7, 8}  # EXIF orientations that swap width and height


class SizeMismatch(DataError):
    """Mask and picture have different sizes; ``turnable`` where they agree after the orientation flag."""

    def __init__(
        self, pair: Pair, mask: tuple[int, int], picture: tuple[int, int], *, turnable: bool
    ) -> None:
        self.turnable = turnable
        noun = "an original" if pair.derived else "a mask"
        reason = f"is {noun} of {mask[1]}x{mask[0]} pixels for a picture of {picture[1]}x{picture[0]}"
        if turnable:
            reason += ": the sizes agree only after turning by the EXIF orientation flag."
            cure = "Accept the turn, or give a mask of the stored picture."
        else:
            reason += ": their sizes differ."
            cure = f"Give {noun} that belongs to this picture, unturned and unscaled."
        super().__init__(reason, path=pair.mask, cure=cure)


@dataclass(frozen=True)
class MaskSource:
    """A mask's file as bytes, read once, with what its header tells (pictures only)."""

    path: Path
    data: bytes
    size: tuple[int, int] | None = None
    orientation: int = 1
    mode: str = ""


def read_truth(pair: Pair, image: SuspectImage) -> NDArray[np.bool_]:
    """Return the mask (bool, the picture's stored grid) of a pair whose picture was read; True = inpainted.

    An authentic picture has an empty one. Raises :class:`DataError` or :class:`ImageReadError` naming the
    mask's file.
    """
    if pair.mask is None:
        return np.zeros(image.pixels.shape[:2], bool)
    source = open_mask(pair, pair.mask)
    return make_truth(pair, source, image.pixels, image.facts.orientation or 1).mask


def open_mask(pair: Pair, path: Path) -> MaskSource:
    """Read a mask's file, of a picture only the header. Raises :class:`ImageReadError`."""
    data, _ = read_bytes(path)
    if pair.kind in ("labelme", "coco"):
        return MaskSource(path, data)
    with naming(path):
        _, picture = open_picture(data)
    size = (picture.height, picture.width)
    return MaskSource(path, data, size, read_orientation(picture) or 1, picture.mode)


def check_size(pair: Pair, source: MaskSource, size: tuple[int, int], orientation: int) -> None:
    """Raise :class:`SizeMismatch` where header and picture (height, width) do not agree."""
    if source.size is None or source.size == size:
        return
    turnable = source.size == size[::-1] and bool({orientation, source.orientation} & _TURNING)
    if not (turnable and pair.turn):
        raise SizeMismatch(pair, source.size, size, turnable=turnable)


def make_truth(pair: Pair, source: MaskSource, pixels: NDArray[np.uint8], orientation: int) -> CleanMask:
    """Decode, clean, turn and flip the mask of a picture (RGB uint8 HxWx3, EXIF ``orientation`` 1..8)."""
    size = pixels.shape[:2]
    check_size(pair, source, size, orientation)
    with naming(source.path):
        clean = _decode(pair, source, pixels)
    mask = clean.mask
    if pair.turn and orientation != 1:  # the mask was drawn on the picture as its viewer showed it
        mask = turn_back(mask, orientation)
    elif pair.turn:
        mask = turn_upright(mask, source.orientation)
    if mask.shape != size:
        turnable = mask.shape == size[::-1] and orientation in _TURNING and not pair.turn
        raise SizeMismatch(pair, mask.shape, size, turnable=turnable)
    return replace(clean, mask=np.ascontiguousarray(~mask if pair.invert else mask))


def _decode(pair: Pair, source: MaskSource, pixels: NDArray[np.uint8]) -> CleanMask:
    size = pixels.shape[:2]
    if pair.kind == "labelme":
        return CleanMask(read_labelme(source.path, size), "shapes")
    if pair.kind == "coco":
        return CleanMask(read_coco(source.path, pair.entry, size), "shapes")
    if pair.kind == "difference":
        return difference_mask(pixels, pixels_of(source.data)[0])
    clean = clean_mask(*mask_levels(source.data))
    return replace(clean, levels=f"palette, {clean.levels}") if source.mode in {"P", "PA"} else clean
