"""What a view shows: the picture or something to compare with it, with or without a response over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from irlgui.views.picture.pyramid import Pyramid
from irlnet_core.evidence.area import Area


@dataclass(frozen=True, eq=False)
class Response:
    """A map as indices, and the exact responses behind it (None while it is still being computed).

    ``version`` grows when the indices change in place. ``analysed`` is the part that the network was asked
    about, None = the whole picture; nothing is drawn elsewhere.
    """

    indices: Pyramid
    exact: NDArray[np.float32] | None = None
    version: int = 0
    analysed: Area | None = None


@dataclass(frozen=True)
class Side:
    """One look at the picture: its pixels, the response over it (None = plain), and its name."""

    picture: Pyramid
    response: Response | None
    label: str


Compare = Literal["single", "side", "swipe", "blink"]


@dataclass(frozen=True)
class Views:
    """What each pane shows: ``main`` always, ``second`` beside it or beyond a swipe line, or by turns."""

    main: Side
    second: Side | None = None


def choose_views(
    compare: Compare, plain: Side, marked: Side, other: Side | None, *, peek: bool = False
) -> Views:
    """Decide what is seen.

    ``plain`` is the picture alone, ``marked`` has the response over it, ``other`` is what the analyst
    compares with; without it, that is the picture's own response. ``peek`` lifts every response off.
    """
    first, last = (marked, other) if other else (plain, marked)
    if peek:
        first, last = plain, _without_response(other) if other else plain
    if compare == "single":
        return Views(plain if peek else marked)
    return Views(first, last)


def _without_response(side: Side) -> Side:
    return Side(side.picture, None, side.label)
