"""What another look at a picture gives: maps for the eye, a sentence, and one of three states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.area import Area
from irlnet_core.evidence.metadata import State

ALIGNMENT = 16  # a multiple of JPEG's 8 pixels and of the ghosts' blocks
_STRIP_PIXELS = 2_000_000


@dataclass(frozen=True, eq=False)
class Layer:
    """One map: uint8 HxW or HxWx3, stretched over the whole picture (or area) it was made from.

    Shown smaller, it is averaged, or single pixels are picked: the average of noise would be no noise.
    """

    label: str
    pixels: NDArray[np.uint8]
    smaller: Literal["average", "pick"] = "average"


@dataclass(frozen=True, eq=False)
class View:
    """The outcome of one view.

    "found" means that there is something to look at (``layers``), never that something is wrong with the
    picture; ``statement`` says in one sentence what is shown; ``reason`` is given when it was not run.
    """

    state: State
    layers: tuple[Layer, ...] = ()
    statement: str = ""
    reason: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


def not_run(reason: str) -> View:
    """Return the view of a check that did not run; ``reason`` continues "not run, because"."""
    return View("not run", reason=reason)


def align_area(area: Area, height: int, width: int) -> Area:
    """Return the smallest area around ``area`` with edges on the grid of 16 pixels, or the picture's own.

    Error levels and ghosts of the pixels of such an area are exactly those of the whole picture.
    """
    area = area.within(Area(0, 0, width, height))
    return Area.between(
        area.y // ALIGNMENT * ALIGNMENT,
        area.x // ALIGNMENT * ALIGNMENT,
        min(height, -(-area.y1 // ALIGNMENT) * ALIGNMENT),
        min(width, -(-area.x1 // ALIGNMENT) * ALIGNMENT),
    )


def cut_strips(height: int, width: int) -> Iterator[slice]:
    """Yield row slices that start on the grid of 16 pixels and hold about two million pixels each."""
    rows = max(1, _STRIP_PIXELS // (width * ALIGNMENT)) * ALIGNMENT
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))
