"""Hole shapes for forged samples: brush strokes, boxes, blobs and object-like outlines of a wanted area."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

_SUBPIXEL_BITS = 4
_AREA_TOLERANCE = 0.08
_MAX_RESCALES = 10
_NOISE_SHARE = 0.10
_SEVERAL_HOLES_SHARE = 0.25


@dataclass(frozen=True)
class _Outline:
    """A shape around (0, 0) of about unit area: a filled polygon, or a brushed line if it has widths."""

    points: Points
    widths: Points | None = None


def draw_mask(
    rng: np.random.Generator, height: int, width: int, *, hole_min: float = 0.01, hole_max: float = 0.40
) -> Mask:
    """Draw a random hole (mask, True inside) covering between ``hole_min`` and ``hole_max`` of the picture.

    The area is log-uniform, so most holes are small; a quarter of the masks has two or three holes; holes may
    touch the border. Shapes scale with the picture. Strokes follow Yu et al. 2019 (DeepFill v2),
    supplementary algorithm 1. The same generator state gives the same mask.
    Raises :class:`ConfigError` when no whole number of pixels fits.
    """
    fewest, most = _pixel_bounds(height * width, hole_min, hole_max)
    wanted = int(np.clip(round(math.exp(rng.uniform(math.log(fewest), math.log(most)))), fewest, most))
    if rng.random() >= _NOISE_SHARE:
        mask = _draw_outlines(rng, height, width, wanted)
        if fewest <= int(mask.sum()) <= most:
            return mask
    return _draw_noise_blob(rng, height, width, wanted)


def _pixel_bounds(pixels: int, hole_min: float, hole_max: float) -> tuple[int, int]:
    fewest, most = max(1, math.ceil(hole_min * pixels)), math.floor(hole_max * pixels)
    if pixels < 1 or not 0 < hole_min <= hole_max <= 1 or fewest > most:
        raise ConfigError(
            f"no hole of {hole_min:g} to {hole_max:g} of the area fits into {pixels} pixels.",
            cure="Use a larger crop or a wider range of hole areas.",
        )
    return fewest, most


def _draw_outlines(rng: np.random.Generator, height: int, width: int, wanted: int) -> Mask:
    """Draw one to three outlines and scale them together until they cover about ``wanted`` pixels."""
    count = int(rng.integers(2, 4)) if rng.random() < _SEVERAL_HOLES_SHARE else 1
    centres = _spread_centres(rng, count, height, width)
    kinds = rng.choice(len(_KINDS), size=count, p=_SHARES)
    shapes = [_KINDS[int(kind)](rng) for kind in kinds]
    sizes = rng.uniform(0.5, 1.0, size=count)
    scale = math.sqrt(wanted / float(np.sum(sizes**2)))
    canvas = np.zeros((height, width), np.uint8)
    for _ in range(_MAX_RESCALES):
        canvas[:] = 0
        for shape, centre, size in zip(shapes, centres, sizes, strict=True):
            _paint(canvas, shape, centre, scale * size)
        area = cv2.countNonZero(canvas)
        if abs(area - wanted) <= _AREA_TOLERANCE * wanted:
            break
        # Area grows with the square of the scale; the limits tame a hole that has left the picture.
        scale *= min(max(math.sqrt(wanted / max(area, 1)), 0.4), 2.5)
    return canvas.astype(bool)


def _spread_centres(rng: np.random.Generator, count: int, height: int, width: int) -> Points:
    """Return ``count`` places (x, y); each further one is the loneliest of six candidates."""
    extent = np.array([width, height], np.float64)
    centres = rng.random((1, 2)) * extent
    while len(centres) < count:
        candidates = rng.random((6, 2)) * extent
        distances = np.linalg.norm(candidates[:, None] - centres[None], axis=2).min(axis=1)
        centres = np.vstack([centres, candidates[np.argmax(distances)]])
    return centres


def _paint(canvas: NDArray[np.uint8], shape: _Outline, centre: Points, scale: float) -> None:
    places = np.clip(shape.points * scale + centre, -16_000, 16_000)
    fixed = np.round(places * 2**_SUBPIXEL_BITS).astype(np.int32)
    if shape.widths is None:
        cv2.fillPoly(canvas, [fixed], 1, shift=_SUBPIXEL_BITS)
        return
    for start, end, brush in zip(fixed[:-1], fixed[1:], shape.widths, strict=True):
        thickness = int(np.clip(round(brush * scale), 1, 2_000))
        # A thick line of OpenCV has round ends, which join the strokes as algorithm 1's circles do.
        cv2.line(canvas, tuple(start.tolist()), tuple(end.tolist()), 1, thickness, shift=_SUBPIXEL_BITS)


def _strokes(rng: np.random.Generator) -> _Outline:
    """A free-form brush stroke: vertices joined by turning strokes of random length, angle and width."""
    vertices = int(rng.integers(3, 13))
    # Algorithm 1 turns by 2 pi / 5 on average; a smaller mean gives the long strokes of a wire or a scratch.
    mean_turn = 2 * math.pi / 5 * rng.uniform(0.3, 1.0)
    angles = mean_turn + rng.uniform(-2 * math.pi / 15, 2 * math.pi / 15, size=vertices)
    angles[::2] = 2 * math.pi - angles[::2]
    angles += rng.uniform(0, 2 * math.pi)
    lengths = np.clip(rng.normal(1.0, 0.5, size=vertices), 0.05, 2.0)
    steps = np.stack([lengths * np.cos(angles), lengths * np.sin(angles)], axis=1)
    points = np.vstack([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    # Widths to lengths as in DeepFill v2: brushes of 12 to 40 pixels for strokes of about 45 at 256x256.
    widths = np.full(vertices, rng.uniform(0.25, 0.9)) * rng.uniform(0.8, 1.2, size=vertices)
    extent = math.sqrt(float(np.sum(lengths * widths)))
    return _Outline((points - points.mean(axis=0)) / extent, widths / extent)


def _box(rng: np.random.Generator) -> _Outline:
    """A rectangle of aspect 1:3 to 3:1, turned in four of ten cases."""
    aspect = math.exp(rng.uniform(-0.55, 0.55))
    corners = 0.5 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [aspect, 1 / aspect]
    angle = rng.uniform(0, math.pi) if rng.random() < 0.4 else 0.0
    return _Outline(corners @ _rotation(angle))


def _blob(rng: np.random.Generator) -> _Outline:
    """A smooth closed contour whose radius is a short random Fourier series."""
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    orders = np.arange(1, 7)
    amplitudes = rng.normal(0, 0.28, size=6) / orders**0.7
    waves = np.cos(turn[:, None] * orders + rng.uniform(0, 2 * math.pi, size=6)) @ amplitudes
    return _Outline(_stretched(rng, _circle(turn, np.exp(waves))))


def _object(rng: np.random.Generator) -> _Outline:
    """A concave outline like a cut-out thing: a polygon of uneven radius whose corners are cut round."""
    corners = int(rng.integers(5, 15))
    turn = (np.arange(corners) + rng.uniform(-0.35, 0.35, size=corners)) * (2 * math.pi / corners)
    points = _circle(turn, rng.uniform(0.3, 1.0, size=corners))
    for _ in range(int(rng.integers(0, 4))):
        points = _cut_corners(points)
    return _Outline(_stretched(rng, points))


def _cut_corners(points: Points) -> Points:
    """One round of Chaikin's corner cutting on a closed polygon."""
    after = np.roll(points, -1, axis=0)
    return np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)


def _circle(turn: Points, radius: Points) -> Points:
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def _stretched(rng: np.random.Generator, points: Points) -> Points:
    aspect = math.exp(rng.uniform(-0.4, 0.4))
    return (points / math.sqrt(math.pi) * [aspect, 1 / aspect]) @ _rotation(rng.uniform(0, math.pi))


def _rotation(angle: float) -> Points:
    return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def _draw_noise_blob(rng: np.random.Generator, height: int, width: int, wanted: int) -> Mask:
    """Mark exactly ``wanted`` pixels: the highest of a smooth random field around a random place."""
    cells = int(rng.integers(3, 9))
    coarse = rng.normal(size=(cells, cells)).astype(np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.ogrid[:height, :width]
    distance = ((y / height - rng.random()) ** 2 + (x / width - rng.random()) ** 2) * rng.uniform(2, 25)
    heights = (field - distance).ravel()
    mask = np.zeros(height * width, bool)
    mask[np.argpartition(heights, -wanted)[-wanted:]] = True
    return mask.reshape(height, width)


_KINDS: tuple[Callable[[np.random.Generator], _Outline], ...] = (_strokes, _box, _blob, _object)
_SHARES = (0.40, 0.15, 0.20, 0.25)
