"""Reading back the maps and masks that were written as PNG, which may have been altered since."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord

# What a decoder raises for bytes that are no PNG, or that were changed.
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, EOFError)


def read_map(png: bytes, record: AnalysisRecord) -> Localization:
    """Return the response map of a 16-bit PNG of the record's size. Raises :class:`DataError`."""
    values = np.asarray(_open(png, record, ("I;16", "I;16B", "I"))).astype(np.uint16, copy=False)
    area = record.tiles.get("area")
    try:
        whole = Area(0, 0, values.shape[1], values.shape[0])
        return Localization.from_probability16(values, Area(**area).within(whole) if area else None)
    except (IrlnetError, TypeError) as error:
        raise DataError(f"holds a map that can't be used ({error}).") from error


def read_stored_mask(png: bytes, record: AnalysisRecord) -> NDArray[np.bool_]:
    """Return the mask of a 1-bit PNG of the record's size. Raises :class:`DataError`."""
    mask: NDArray[np.bool_] = np.asarray(_open(png, record, ("1",)))
    return mask


def _open(png: bytes, record: AnalysisRecord, modes: tuple[str, ...]) -> Image.Image:
    """Open our own PNG by its class: Image.open would refuse large pictures as bombs.

    A bomb is refused all the same, because the size is compared before anything is unpacked.
    """
    size: tuple[Any, Any] = (record.evidence["width"], record.evidence["height"])
    try:
        picture = PngImageFile(io.BytesIO(png))
        if picture.size != size:
            raise DataError(
                f"holds {picture.size[0]}x{picture.size[1]} pixels for a picture of {size[0]}x{size[1]}."
            )
        if picture.mode not in modes:
            raise DataError(f"holds pixels of the kind {picture.mode}.")
        picture.load()
    except _BROKEN as error:
        raise DataError(f"holds a PNG that can't be read ({error}).") from error
    return picture
