"""A map that is being filled in: what the viewer may show of an analysis that has not ended yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.area import Area


@dataclass(frozen=True, eq=False)
class PartialMap:
    """``probability`` is the map itself (float32 HxW, read-only here, no copy) while a worker writes to it.

    ``fresh`` are the places that were filled since the last one. Where neighbouring tiles are still missing
    the values near a tile's border are too low; the last one is followed by the finished map.
    """

    probability: NDArray[np.float32]
    fresh: tuple[Area, ...]
    done: int
    total: int
