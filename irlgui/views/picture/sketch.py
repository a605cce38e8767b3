"""Drawing an outline with the pointer: presses and moves in, a finished shape out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

Kind = Literal["polygon", "rectangle", "freehand"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A closed outline in pixels of the stored grid: (x, y) along pixel edges, in drawing order.

    A rectangle has two opposite corners, the others at least three points.
    """

    kind: Kind
    points: tuple[Point, ...]


class Sketch:
    """One outline while it is being drawn, inside a picture of ``width`` x ``height`` stored pixels.

    ``reach`` (stored pixels) is how near a click must be to the first corner of a polygon to close it, and
    ``detail`` how far the simplified freehand line may leave the drawn one; both follow the zoom.
    """

    def __init__(
        self, kind: Kind, width: int, height: int, *, reach: float = 4.0, detail: float = 0.5
    ) -> None:
        self.kind: Kind = kind
        self.points: list[Point] = []
        self.hover: Point | None = None
        self._limits = (float(width), float(height))
        self._reach, self._detail = reach, detail

    @property
    def started(self) -> bool:
        """Whether there is something to be thrown away."""
        return bool(self.points)

    def outline(self) -> list[Point]:
        """Return the corners to be shown now, the pointer's place as the last."""
        corners = [*self.points, *([self.hover] if self.hover and self.points else [])]
        if self.kind == "rectangle" and len(corners) == 2:
            return list(_box(corners[0], corners[1]))
        return corners

    def press(self, x: float, y: float) -> Shape | None:
        """Begin, add a corner, or close a polygon at its first corner."""
        place = self._within(x, y)
        if self.kind != "polygon":
            self.points = [place]
            return None
        if len(self.points) >= 3 and _distance(place, self.points[0]) <= self._reach:
            return self.close()
        if not self.points or place != self.points[-1]:
            self.points.append(place)
        return None

    def move(self, x: float, y: float) -> None:
        """Follow the pointer."""
        self.hover = self._within(x, y)
        if self.kind == "freehand" and self.points and self.hover != self.points[-1]:
            self.points.append(self.hover)

    def release(self, x: float, y: float) -> Shape | None:
        """End a rectangle or a freehand line; a polygon goes on."""
        if self.kind == "polygon" or not self.points:
            return None
        self.move(x, y)
        if self.kind == "rectangle":
            self.points = [self.points[0], self._within(x, y)]
        return self.close()

    def take_back(self) -> None:
        """Remove the last corner of a polygon."""
        if self.kind == "polygon" and self.points:
            self.points.pop()

    def close(self) -> Shape | None:
        """Return the finished shape and start anew; None when it has no area."""
        points, self.points, self.hover = tuple(self.points), [], None
        if self.kind == "freehand":
            points = _simplify(points, self._detail)
        corners = _box(*points) if self.kind == "rectangle" and len(points) == 2 else points
        return Shape(self.kind, points) if len(corners) >= 3 and _area(corners) > 0 else None

    def _within(self, x: float, y: float) -> Point:
        return min(max(x, 0.0), self._limits[0]), min(max(y, 0.0), self._limits[1])


def whole_pixels(a: Point, b: Point, width: int, height: int) -> tuple[int, int, int, int]:
    """Return x, y, width, height of all pixels that the rectangle between two points touches."""
    (x0, x1), (y0, y1) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
    right, bottom = min(width, int(np.ceil(x1))), min(height, int(np.ceil(y1)))
    return left, top, max(0, right - left), max(0, bottom - top)


def _box(a: Point, b: Point) -> tuple[Point, Point, Point, Point]:
    (x0, x1), (y0, y1) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _distance(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _area(points: tuple[Point, ...]) -> float:
    x, y = np.array(points).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _simplify(points: tuple[Point, ...], detail: float) -> tuple[Point, ...]:
    """Drop points by Douglas and Peucker (1973)."""
    if len(points) < 3:
        return points
    line = cv2.approxPolyDP(np.array(points, np.float32)[:, None], detail, closed=True)
    return tuple((float(x), float(y)) for x, y in np.asarray(line).reshape(-1, 2))
