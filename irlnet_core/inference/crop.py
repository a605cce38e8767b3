"""Which part of a picture goes through the network when only an area of it is to be analysed.

The area is the answer; what is computed is larger. It begins on the JPEG grid of 8 pixels, so that the tiles
have the phase they have in the whole picture. It has a margin of context around the area, because the network
sees its own zero padding at a border that is not the picture's. And it is at least one tile, as far as the
picture reaches, so that a small area is seen among its surroundings and not continued by reflection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.area import Area
from irlnet_core.inference.tiling import Tile, TilePlan, plan_tiles

_PHASE = 8


@dataclass(frozen=True)
class Crop:
    """``kept`` is the area of the answer, ``computed`` the one around it that ``plan`` cuts into tiles."""

    kept: Area
    computed: Area
    plan: TilePlan
    whole: bool

    def tiles(self, start: tuple[float, float] | None = None) -> list[Tile]:
        """Return the tiles, places counted inside ``computed``; nearest to the picture's ``start`` first."""
        if start is not None:
            start = start[0] - self.computed.y, start[1] - self.computed.x
        return self.plan.tiles(start)

    def place(self, tile: Tile) -> Area:
        """Return the part of the kept area that ``tile`` covers; the tile itself where it covers none."""
        y, x = self.computed.y, self.computed.x
        whole = Area.between(tile.y0 + y, tile.x0 + x, tile.y1 + y, tile.x1 + x)
        apart = whole.y >= self.kept.y1 or whole.x >= self.kept.x1
        apart = apart or whole.y1 <= self.kept.y or whole.x1 <= self.kept.x
        return whole if apart else whole.within(self.kept)

    def clear_context(self, canvas: NDArray[np.float32]) -> None:
        """Set the map to 0 where it was computed only as context."""
        if self.computed == self.kept:
            return
        answer = canvas[self.kept.slices].copy()
        canvas[self.computed.slices] = 0
        canvas[self.kept.slices] = answer


def plan_crop(height: int, width: int, tile: int, overlap: int, area: Area | None = None) -> Crop:
    """Plan the tiles for ``area`` of a picture, None = all of it.

    Raises :class:`ConfigError` for an area outside the picture and for an impossible tile.
    """
    picture = Area(0, 0, width, height)
    kept = area.within(picture) if area else picture
    margin = overlap // 4
    y0, y1 = _reach(kept.y, kept.y1, height, margin, tile)
    x0, x1 = _reach(kept.x, kept.x1, width, margin, tile)
    computed = Area.between(y0, x0, y1, x1)
    plan = plan_tiles(computed.height, computed.width, tile, overlap)
    return Crop(kept, computed, plan, whole=area is None)


def _reach(first: int, last: int, length: int, margin: int, tile: int) -> tuple[int, int]:
    """Return begin and end of what is computed along one axis for the pixels ``first`` to ``last``."""
    begin, end = max(0, first - margin), min(length, last + margin)
    missing = max(0, min(tile, length) - (end - begin))
    begin = max(0, begin - missing // 2)
    begin -= begin % _PHASE
    end = max(end, min(length, begin + tile))
    if end - begin < min(tile, length):  # the picture ended first: the rest comes from the other side
        begin = max(0, end - tile)
        begin -= begin % _PHASE
    return begin, end
