"""Taking hold of an outline that is already drawn: what is under the pointer, and what a drag makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from irlgui.models.outlines import moved
from irlnet_core.evidence.annotations import Outline, Point, keep_inside

MOST_HANDLES = 40  # an outline with more corners, as one drawn freehand, is moved as a whole


@dataclass(frozen=True)
class Grip:
    """An outline held by one of its corners (an index into ``corners``), or by its line as a whole (None)."""

    outline: Outline
    corner: int | None = None

    def dragged(self, dx: float, dy: float, size: tuple[int, int]) -> Outline:
        """Return the outline after a drag by stored pixels, within a picture of ``size`` (width, height)."""
        if self.corner is None:
            return moved(self.outline, dx, dy, size)
        corners = self.outline.corners
        x, y = corners[self.corner]
        [place] = keep_inside([(x + dx, y + dy)], size)
        if self.outline.kind == "rectangle":
            return replace(self.outline, points=(corners[(self.corner + 2) % 4], place))
        points = (*corners[: self.corner], place, *corners[self.corner + 1 :])
        return replace(self.outline, points=points)


def find_grip(
    outlines: Sequence[Outline], chosen: str | None, x: float, y: float, reach: float
) -> Grip | None:
    """Return what can be held at a stored place within ``reach`` pixels: a corner of the chosen outline,
    then the line of the chosen one, then the line of the one that was drawn last.
    """
    for outline in outlines:
        if outline.id == chosen and len(outline.corners) <= MOST_HANDLES:
            gaps = np.hypot(*(np.array(outline.corners) - (x, y)).T)
            if gaps.min() <= reach:
                return Grip(outline, int(gaps.argmin()))
    first = [outline for outline in outlines if outline.id == chosen]
    for outline in (*first, *reversed(outlines)):
        if distance_to_line(outline.corners, x, y) <= reach:
            return Grip(outline)
    return None


def distance_to_line(corners: Sequence[Point], x: float, y: float) -> float:
    """Return how far a place is from a closed line through ``corners``, in pixels."""
    start = np.array(corners, np.float64)
    along = np.roll(start, -1, axis=0) - start
    to_place = np.array((x, y)) - start
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((along * to_place).sum(axis=1) / length, 0, 1)
    return float(np.hypot(*(to_place - share[:, None] * along).T).min())
