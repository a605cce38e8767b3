"""From a pyramid to the device pixels of a view: smooth when made smaller, nearest when made larger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlgui.views.picture.camera import Camera
from irlgui.views.picture.pyramid import Level, Pyramid
from irlgui.views.picture.turn import Turn

_HAIR = 1e-7
_MARGIN = 2  # level pixels around the view, for the interpolation's reach

Finish = Callable[[NDArray[np.uint8]], NDArray[np.uint32]]


@dataclass(frozen=True, eq=False)
class _Chunk:
    """The visible part of a level as shown: its upper left corner in shown picture pixels, its step."""

    pixels: NDArray[Any]
    left: float
    top: float
    step_x: float
    step_y: float


def sample_picture(pyramid: Pyramid, turn: Turn, camera: Camera, finish: Finish) -> NDArray[np.uint32]:
    """Return the packed colours of ``camera.window()``.

    ``finish`` turns RGB pixels (uint8 HxWx3) into packed ones; it is given as few pixels as possible.
    """
    window = camera.window()
    level = pyramid.level_for(camera.scale)
    chunk = _cut(level, turn, camera, window)
    if camera.scale >= 1 and level.step_x <= 1:
        return _nearest(finish(np.ascontiguousarray(chunk.pixels)), chunk, camera, window)
    if level.step_x * camera.scale < 0.5:  # the smaller sizes are still being made
        return finish(_thinned(chunk, camera, window))
    return finish(_smooth(chunk, camera, window))


def sample_map(pyramid: Pyramid, turn: Turn, camera: Camera, margin: int = 0) -> NDArray[np.uint8]:
    """Return the indices (uint8) of ``camera.window(margin)``, each the largest of those that it covers."""
    window = camera.window(margin)
    level = pyramid.level_for(camera.scale)
    chunk = _cut(level, turn, camera, window)
    if level.step_x * camera.scale > 1 - _HAIR:
        return _nearest(np.ascontiguousarray(chunk.pixels), chunk, camera, window)
    return _largest(chunk, camera, window)


def sample_mask(
    probability: NDArray[np.float32], cut: np.float32, turn: Turn, camera: Camera, margin: int = 0
) -> NDArray[np.uint8]:
    """Return where the response is at least ``cut`` (uint8 0, 1) in ``camera.window(margin)``; scale >= 1."""
    window = camera.window(margin)
    chunk = _cut(Level(probability, 1.0, 1.0), turn, camera, window)
    return _nearest(np.greater_equal(chunk.pixels, cut).view(np.uint8), chunk, camera, window)


def _cut(level: Level, turn: Turn, camera: Camera, window: tuple[int, int, int, int]) -> _Chunk:
    rows, columns = level.pixels.shape[:2]
    local = Turn(columns, rows, turn.flag)
    step_x, step_y = (level.step_y, level.step_x) if turn.swaps else (level.step_x, level.step_y)
    # A level of odd halves is a bit wider or narrower than the picture, and flush with the stored corner.
    left = turn.shown_size[0] - local.shown_size[0] * step_x if turn.mirrors[0] else 0.0
    top = turn.shown_size[1] - local.shown_size[1] * step_y if turn.mirrors[1] else 0.0
    (x0, y0), (x1, y1) = camera.to_picture(*window[:2]), camera.to_picture(*window[2:])
    x0, x1 = _clip((x0 - left) / step_x, (x1 - left) / step_x, local.shown_size[0])
    y0, y1 = _clip((y0 - top) / step_y, (y1 - top) / step_y, local.shown_size[1])
    x, y, width, height = (round(v) for v in local.rect_to_stored(x0, y0, x1 - x0, y1 - y0))
    part = Turn(width, height, turn.flag).apply(level.pixels[y : y + height, x : x + width])
    return _Chunk(part, left + x0 * step_x, top + y0 * step_y, step_x, step_y)


def _clip(start: float, stop: float, length: int) -> tuple[int, int]:
    first = min(max(int(np.floor(start)) - _MARGIN, 0), length - 1)
    return first, max(min(int(np.ceil(stop)) + _MARGIN, length), first + 1)


def _places(
    chunk: _Chunk, camera: Camera, window: tuple[int, int, int, int], within: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the chunk's rows and columns under ``within`` (0: edge, 0.5: middle) of the device pixels."""
    x0, y0, x1, y1 = window
    columns = (camera.left + (np.arange(x0, x1) + within) / camera.scale - chunk.left) / chunk.step_x
    rows = (camera.top + (np.arange(y0, y1) + within) / camera.scale - chunk.top) / chunk.step_y
    height, width = chunk.pixels.shape[:2]
    return (
        np.clip(np.floor(rows + _HAIR), 0, height - 1).astype(np.intp),
        np.clip(np.floor(columns + _HAIR), 0, width - 1).astype(np.intp),
    )


def _nearest(
    pixels: NDArray[Any], chunk: _Chunk, camera: Camera, window: tuple[int, int, int, int]
) -> NDArray[Any]:
    rows, columns = _places(chunk, camera, window, 0.5)
    if pixels.shape[0] > len(rows):
        return pixels.take(rows, axis=0).take(columns, axis=1)
    return pixels.take(columns, axis=1).take(rows, axis=0)


def _largest(chunk: _Chunk, camera: Camera, window: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Return the largest of the at most two by two level pixels that begin in each device pixel."""
    window_of_two = np.ones((2, 2), np.uint8)
    widened = cv2.dilate(np.ascontiguousarray(chunk.pixels), window_of_two, anchor=(0, 0))
    rows, columns = _places(chunk, camera, window, 0.0)
    return np.asarray(widened.take(rows, axis=0).take(columns, axis=1), np.uint8)


def _thinned(chunk: _Chunk, camera: Camera, window: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    rows, columns = _places(chunk, camera, window, 0.5)
    whole_pixels = chunk.pixels.view("V3")[..., 0]  # picked as one item each, without copying whole rows
    picked = np.ascontiguousarray(whole_pixels[np.ix_(rows, columns)])
    return picked[..., None].view(np.uint8)


def _smooth(chunk: _Chunk, camera: Camera, window: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = window
    step_x, step_y = 1 / (camera.scale * chunk.step_x), 1 / (camera.scale * chunk.step_y)
    shift_x = (camera.to_picture(x0, 0)[0] - chunk.left) / chunk.step_x + step_x / 2 - 0.5
    shift_y = (camera.to_picture(0, y0)[1] - chunk.top) / chunk.step_y + step_y / 2 - 0.5
    pixels = np.ascontiguousarray(chunk.pixels)
    size = (x1 - x0, y1 - y0)
    if max(abs(step_x - 1), abs(step_y - 1), abs(shift_x % 1), abs(shift_y % 1)) < 1e-6:
        column, row = round(shift_x), round(shift_y)
        exact = pixels[row : row + size[1], column : column + size[0]]
        if min(row, column) >= 0 and exact.shape[:2] == size[::-1]:
            return exact
    matrix = np.array(((step_x, 0, shift_x), (0, step_y, shift_y)))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
