"""What part of a picture a view shows, and how large: in device pixels and shown picture pixels."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, replace

LARGEST = 32.0
GRID_FROM = 8.0
_STEPS = (
    *(1 / n for n in (64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2)),
    *(2 / 3, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, LARGEST),
)
_HAIR = 1e-9


@dataclass(frozen=True)
class Camera:
    """A view of ``view_width`` x ``view_height`` device pixels on ``width`` x ``height`` shown pixels.

    ``left`` and ``top`` are the picture coordinates at the view's upper left corner, ``scale`` is device
    pixels per picture pixel (1 = 100 %). Made by :meth:`at` or :meth:`fitted`, a picture at 100 % lies on
    whole device pixels and is shown pixel for pixel; one smaller than the view is centred, a larger one
    leaves no gap at its edges.
    """

    width: int
    height: int
    view_width: int
    view_height: int
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0

    def at(self, x: float, y: float, scale: float) -> Camera:
        """Return the view centred on (x, y) as far as the picture's edges allow."""
        scale = min(LARGEST, max(self.smallest, scale))
        left = _settle(x - self.view_width / scale / 2, self.width, self.view_width, scale)
        top = _settle(y - self.view_height / scale / 2, self.height, self.view_height, scale)
        return replace(self, left=left, top=top, scale=scale)

    def fitted(self) -> Camera:
        """Return the view of the whole picture, at 100 % at most."""
        return self.at(self.width / 2, self.height / 2, self.fit_scale)

    def resized(self, view_width: int, view_height: int) -> Camera:
        """Return the same place in a view of another size."""
        x, y = self.centre
        return replace(self, view_width=view_width, view_height=view_height).at(x, y, self.scale)

    def moved(self, dx: float, dy: float) -> Camera:
        """Return the view after the picture was pulled by (dx, dy) device pixels."""
        x, y = self.centre
        return self.at(x - dx / self.scale, y - dy / self.scale, self.scale)

    def zoomed(self, scale: float, at: tuple[float, float] | None = None) -> Camera:
        """Return the view at ``scale``; the point under ``at`` (device pixels; None: middle) stays there."""
        px, py = at or (self.view_width / 2, self.view_height / 2)
        x, y = self.to_picture(px, py)
        scale = min(LARGEST, max(self.smallest, scale))
        return self.at(x + (self.view_width / 2 - px) / scale, y + (self.view_height / 2 - py) / scale, scale)

    def step(self, direction: int) -> float:
        """Return the next handy scale above (+1) or below (-1) this one."""
        steps = sorted({*_STEPS, self.fit_scale})
        if direction > 0:
            place = bisect.bisect_right(steps, self.scale * (1 + _HAIR))
            return steps[min(place, len(steps) - 1)]
        return steps[max(bisect.bisect_left(steps, self.scale * (1 - _HAIR)) - 1, 0)]

    def wheel(self, notches: float) -> float:
        """Return the scale after ``notches`` of the wheel; it stops at 100 % when it would pass over it."""
        scale = self.scale * 1.25**notches
        passes = (self.scale - 1) * (scale - 1) < 0 and abs(math.log(self.scale)) > _HAIR
        return 1.0 if passes else scale

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole picture is seen, 1 at most."""
        return min(1.0, self.view_width / self.width, self.view_height / self.height)

    @property
    def smallest(self) -> float:
        """The least scale: half of what fits."""
        return self.fit_scale / 2

    @property
    def centre(self) -> tuple[float, float]:
        """The picture coordinates in the middle of the view."""
        return self.left + self.view_width / self.scale / 2, self.top + self.view_height / self.scale / 2

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """The part of the picture that is seen: x, y, width, height in shown picture pixels."""
        x0, y0 = max(0.0, self.left), max(0.0, self.top)
        x1 = min(float(self.width), self.left + self.view_width / self.scale)
        y1 = min(float(self.height), self.top + self.view_height / self.scale)
        return x0, y0, max(0.0, x1 - x0), max(0.0, y1 - y0)

    @property
    def shows_all(self) -> bool:
        """Whether no part of the picture lies outside the view."""
        _, _, width, height = self.visible
        return width >= self.width - 0.5 / self.scale and height >= self.height - 0.5 / self.scale

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return the picture coordinates under a device pixel coordinate."""
        return self.left + x / self.scale, self.top + y / self.scale

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return the device pixel coordinate of a picture coordinate."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def window(self, margin: int = 0) -> tuple[int, int, int, int]:
        """Return x0, y0, x1, y1: the device pixels that the picture covers, ``margin`` around the view."""
        x, y = (whole(place) for place in self.to_view(0, 0))
        x1, y1 = (whole(place) for place in self.to_view(self.width, self.height))
        x1, y1 = max(x1, x + 1), max(y1, y + 1)
        return (
            max(x, -margin),
            max(y, -margin),
            min(x1, self.view_width + margin),
            min(y1, self.view_height + margin),
        )


def _settle(start: float, length: int, view: int, scale: float) -> float:
    """Return ``start`` moved so that no gap is left, and at 100 % onto a whole pixel.

    At other scales it stays as it is: rounded at every step of a zoom, the place would creep away.
    """
    most = length - view / scale
    start = most / 2 if most <= 0 else min(max(start, 0.0), most)
    return float(whole(start)) if scale == 1 else start


def whole(value: float) -> int:
    """Return the nearest whole device pixel; halves go up everywhere, so that no edge is off by one."""
    return math.floor(value + 0.5)
