"""Cutting a picture into overlapping tiles and blending the tiles' maps back into one, with numpy alone.

The grid is a product of a row plan and a column plan. So the blend weights are products of two short
vectors, each normalised by itself, and no weight map of the picture's size is ever needed.

*Taper.* Along each axis a tile weighs nothing in the outer ``margin`` pixels beside an interior border (there
the network sees its own zero padding instead of the picture), then rises as a raised cosine. A border that is
also the picture's border is not tapered. A network that looks at most ``margin`` pixels far therefore gives
the same map tiled and untiled.

*Place.* Tiles start on multiples of 8 as far as the overlap leaves room for it, so that the JPEG grid has the
same phase in each of them; only the last tile of an axis is shifted inward to end with the picture.

*Small pictures.* A side shorter than the tile is continued to the right or below by reflection that does not
repeat the edge pixel; a side of 2 or 3 pixels is reflected to and fro, a side of 1 pixel repeats that pixel.
The answer for the continuation is thrown away.

*What is blended* is probability, not logits: it is bounded, so a saturated tile can't outvote its neighbour
by more than its weight, and the transition between two tiles that disagree is as long as the taper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError

MOST_SIDE = 1 << 14  # of a tile, in pixels: one that is larger fits into no memory
_PHASE = 8


@dataclass(frozen=True)
class Tile:
    """One place of the grid (``row``, ``column``): rows y0:y1, columns x0:x1 of the picture."""

    row: int
    column: int
    y0: int
    x0: int
    y1: int
    x1: int


@dataclass(frozen=True)
class TilePlan:
    """Where the tiles of one picture lie: made by :func:`plan_tiles`. All lengths are pixels.

    ``ys`` and ``xs`` are the tiles' first rows and columns; ``margin`` is the untrusted border of a tile.
    """

    height: int
    width: int
    tile: int
    overlap: int
    margin: int
    ys: tuple[int, ...]
    xs: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ys) * len(self.xs)

    @property
    def padded(self) -> bool:
        """Whether a side of the picture is shorter than the tile and gets continued by reflection."""
        return min(self.height, self.width) < self.tile

    def tiles(self, start: tuple[float, float] | None = None) -> list[Tile]:
        """Return the tiles row by row, or those nearest to the point ``start`` = (y, x) first."""
        tiles = [self._tile(row, column) for row in range(len(self.ys)) for column in range(len(self.xs))]
        if start is not None:
            y, x = start
            tiles.sort(key=lambda t: ((t.y0 + t.y1) / 2 - y) ** 2 + ((t.x0 + t.x1) / 2 - x) ** 2)
        return tiles

    @cached_property
    def row_weights(self) -> list[NDArray[np.float32]]:
        """For each entry of ``ys`` the weights (tile,) of its rows; they sum to 1 on each picture row."""
        return _axis_weights(self.height, self.ys, self)

    @cached_property
    def column_weights(self) -> list[NDArray[np.float32]]:
        """For each entry of ``xs`` the weights (tile,) of its columns; see :attr:`row_weights`."""
        return _axis_weights(self.width, self.xs, self)

    def weight(self, tile: Tile) -> NDArray[np.float32]:
        """Return the share (rows, columns) that ``tile`` has in each pixel of its place in the picture."""
        rows = self.row_weights[tile.row][: tile.y1 - tile.y0]
        columns = self.column_weights[tile.column][: tile.x1 - tile.x0]
        return rows[:, None] * columns[None, :]

    def _tile(self, row: int, column: int) -> Tile:
        y, x = self.ys[row], self.xs[column]
        return Tile(row, column, y, x, min(y + self.tile, self.height), min(x + self.tile, self.width))


def plan_tiles(height: int, width: int, tile: int, overlap: int, margin: int | None = None) -> TilePlan:
    """Plan the tiles that cover a picture of ``height`` x ``width`` pixels.

    Neighbours share at least ``overlap`` pixels; on either side ``margin`` of them (default a quarter of the
    overlap) carry no weight. Raises :class:`ConfigError` unless 0 <= 2 margin <= overlap < tile.
    """
    margin = overlap // 4 if margin is None else margin
    if min(height, width, tile) < 1:
        raise ConfigError(f"A picture of {height}x{width} pixels can't be cut into tiles of {tile} pixels.")
    if not 0 <= 2 * margin <= overlap < tile:
        raise ConfigError(
            f"Tiles of {tile} pixels can't overlap by {overlap} with a margin of {margin}.",
            cure="Choose an overlap from 0 to the tile less 1, and a margin of at most half the overlap.",
        )
    ys, xs = _axis_starts(height, tile, overlap), _axis_starts(width, tile, overlap)
    return TilePlan(height, width, tile, overlap, margin, ys, xs)


def cut_tiles(image: NDArray[np.uint8], tiles: Sequence[Tile], side: int) -> NDArray[np.uint8]:
    """Copy ``tiles`` of an image H x W x 3 as (N, side, side, 3), continued by reflection where too small."""
    batch = np.empty((len(tiles), side, side, image.shape[2]), dtype=image.dtype)
    for place, tile in zip(batch, tiles, strict=True):
        piece = image[tile.y0 : tile.y1, tile.x0 : tile.x1]
        missing = (0, side - piece.shape[0]), (0, side - piece.shape[1]), (0, 0)
        place[:] = np.pad(piece, missing, mode="reflect")
    return batch


def cut_cells(cells: NDArray[np.float32], tiles: Sequence[Tile], side: int) -> NDArray[np.float32]:
    """Copy the cells of 8x8 pixels under ``tiles``: (C, ceil H/8, ceil W/8) → (N, C, side/8, side/8).

    A tile that starts between two cells gets the nearest; beyond the picture the last cell is repeated.
    """
    count = -(-side // _PHASE)
    batch = np.empty((len(tiles), cells.shape[0], count, count), dtype=cells.dtype)
    for place, tile in zip(batch, tiles, strict=True):
        y = min(round(tile.y0 / _PHASE), max(0, cells.shape[1] - count))
        x = min(round(tile.x0 / _PHASE), max(0, cells.shape[2] - count))
        piece = cells[:, y : y + count, x : x + count]
        missing = (0, 0), (0, count - piece.shape[1]), (0, count - piece.shape[2])
        place[:] = np.pad(piece, missing, mode="edge")
    return batch


class TileBlender:
    """Adds up the tiles' maps by their weights in one float32 map H x W, the only large array it holds.

    ``into`` is such an array, all zeros, that the caller keeps an eye on while it fills.
    """

    def __init__(self, plan: TilePlan, into: NDArray[np.float32] | None = None) -> None:
        self._plan = plan
        self._sum = np.zeros((plan.height, plan.width), dtype=np.float32) if into is None else into

    def add(self, tile: Tile, probability: NDArray[np.float32]) -> None:
        """Blend in one tile's ``probability`` (tile, tile); each tile of the plan is added exactly once."""
        share = self._plan.weight(tile)
        share *= probability[: share.shape[0], : share.shape[1]]
        self._sum[tile.y0 : tile.y1, tile.x0 : tile.x1] += share

    def finish(self) -> NDArray[np.float32]:
        """Return the blended map H x W within 0..1: the blender's own array, not a copy."""
        np.clip(self._sum, 0, 1, out=self._sum)
        return self._sum


def _axis_starts(length: int, tile: int, overlap: int) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    step = tile - overlap
    step -= step % _PHASE if step >= _PHASE else 0
    return (*range(0, length - tile, step), length - tile)


def _axis_weights(length: int, starts: Sequence[int], plan: TilePlan) -> list[NDArray[np.float32]]:
    total = np.zeros(max(length, plan.tile))
    tapers = []
    for start in starts:
        taper = _taper(plan, before=start > 0, after=start + plan.tile < length)
        total[start : start + plan.tile] += taper
        tapers.append(taper)
    return [(t / total[s : s + plan.tile]).astype(np.float32) for s, t in zip(starts, tapers, strict=True)]


def _taper(plan: TilePlan, *, before: bool, after: bool) -> NDArray[np.float64]:
    """Weights of one axis of one tile: 0 in the margin, sin² over the rest of the overlap, 1 beyond."""
    ramp = max(plan.overlap - 2 * plan.margin, 1)
    distance = np.arange(plan.tile) + 0.5 - plan.margin
    rise = np.sin(np.pi / 2 * np.clip(distance / ramp, 0, 1)) ** 2
    flat = np.ones(plan.tile)
    taper: NDArray[np.float64] = (rise if before else flat) * (rise[::-1] if after else flat)
    return taper
