"""How a drawn picture shows what was not analysed: greyed and hatched, so that nobody takes it for clean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.area import Area

_GREY = 96
_LINE = 132
_STRIP_PIXELS = 2_000_000


def hatch_outside(image: NDArray[np.uint8], analysed: Area, target: NDArray[np.uint8]) -> None:
    """Draw into ``target`` (RGB uint8 HxWx3) what ``image`` shows outside the analysed area."""
    line = max(2, round(max(image.shape[:2]) / 400))
    rows, columns = analysed.slices
    for part in (
        np.s_[: analysed.y],
        np.s_[analysed.y1 :],
        np.s_[rows, : columns.start],
        np.s_[rows, columns.stop :],
    ):
        _hatch(image[part], target[part], line)


def _hatch(image: NDArray[np.uint8], target: NDArray[np.uint8], line: int) -> None:
    height, width = image.shape[:2]
    rows = max(1, _STRIP_PIXELS // max(width, 1))
    for top in range(0, height, rows):
        strip = image[top : top + rows] // 2 + np.uint8(_GREY // 2)
        diagonal = np.arange(top, top + len(strip))[:, None] + np.arange(width)[None, :]
        strip[diagonal // line % 12 == 0] = _LINE
        target[top : top + rows] = strip
