"""What another look at a picture gives: maps for the eye, a sentence, and one of three states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

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


def cut_strips(height: int, width: int) -> Iterator[slice]:
    """Yield row slices that start on the grid of 16 pixels and hold about two million pixels each."""
    rows = max(1, _STRIP_PIXELS // (width * ALIGNMENT)) * ALIGNMENT
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))
