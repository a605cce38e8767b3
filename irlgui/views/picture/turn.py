"""How the stored pixel grid is turned for display by EXIF orientation; all else stays on the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Exif 2.32, tag 274: exchange the axes first, then mirror the columns, then the rows.
_STEPS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


@dataclass(frozen=True)
class Turn:
    """The map between stored and shown coordinates of a picture of ``width`` x ``height`` stored pixels.

    Coordinates run along pixel edges: the first pixel covers 0..1, and (0, 0) is a corner, not a centre.
    ``flag`` is the orientation 1..8 of Exif 2.32; None means 1.
    """

    width: int
    height: int
    flag: int | None = 1

    @property
    def swaps(self) -> bool:
        """Whether rows are shown as columns."""
        return self._steps[0]

    @property
    def mirrors(self) -> tuple[bool, bool]:
        """Whether the shown columns, and the shown rows, run backwards."""
        return self._steps[1:]

    @property
    def shown_size(self) -> tuple[int, int]:
        """Return (width, height) as shown."""
        return (self.height, self.width) if self.swaps else (self.width, self.height)

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a view of ``array`` (HxW or HxWxC, stored) as shown."""
        swap, mirror_x, mirror_y = self._steps
        shown = array.swapaxes(0, 1) if swap else array
        return shown[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1]

    def to_shown(self, x: float, y: float) -> tuple[float, float]:
        """Return where the stored point is shown."""
        swap, mirror_x, mirror_y = self._steps
        width, height = self.shown_size
        x, y = (y, x) if swap else (x, y)
        return (width - x if mirror_x else x), (height - y if mirror_y else y)

    def to_stored(self, x: float, y: float) -> tuple[float, float]:
        """Return which stored point is shown at (x, y)."""
        swap, mirror_x, mirror_y = self._steps
        width, height = self.shown_size
        x, y = (width - x if mirror_x else x), (height - y if mirror_y else y)
        return (y, x) if swap else (x, y)

    def rect_to_shown(
        self, x: float, y: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Return the shown rectangle (x, y, width, height) of a stored one."""
        return _span(self.to_shown(x, y), self.to_shown(x + width, y + height))

    def rect_to_stored(
        self, x: float, y: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Return the stored rectangle (x, y, width, height) of a shown one."""
        return _span(self.to_stored(x, y), self.to_stored(x + width, y + height))

    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Return m11, m12, m21, m22, dx, dy as QTransform takes them: stored to shown."""
        origin, along_x, along_y = self.to_shown(0, 0), self.to_shown(1, 0), self.to_shown(0, 1)
        return (
            along_x[0] - origin[0],
            along_x[1] - origin[1],
            along_y[0] - origin[0],
            along_y[1] - origin[1],
            origin[0],
            origin[1],
        )

    @property
    def _steps(self) -> tuple[bool, bool, bool]:
        return _STEPS.get(self.flag or 1, _STEPS[1])


def _span(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float, float, float]:
    (x0, x1), (y0, y1) = np.sort((a[0], b[0])), np.sort((a[1], b[1]))
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)
