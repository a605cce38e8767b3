"""What is painted for one side of a view: computed once, and again only as far as something changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from irlgui.views.picture.camera import Camera
from irlgui.views.picture.marks import find_marks, heat_table, least_index, mark_table, paint
from irlgui.views.picture.sampling import sample_map, sample_mask, sample_picture
from irlgui.views.picture.side import Response, Side
from irlgui.views.picture.tone import Tone
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.localization import find_cut
from irlnet_core.evidence.overlay import Palette


@dataclass(frozen=True)
class Look:
    """How a side is drawn: the overlay's mode, opacity, palette and threshold, the tone, the line's width."""

    mode: Literal["none", "heat", "mask", "outline"] = "heat"
    opacity: float = 0.6
    palette: Palette = "viridis"
    threshold: float = 0.5
    tone: Tone = field(default_factory=Tone)
    line: int = 1


@dataclass(frozen=True, eq=False)
class Sheet:
    """Packed colours to be painted with their upper left pixel at device pixel (x, y) of the view."""

    x: int
    y: int
    pixels: NDArray[np.uint32]


class FrameMaker:
    """Makes the sheets of one side: picture, heat and marks; each is kept until what it shows changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def picture(self, side: Side, turn: Turn, camera: Camera, look: Look) -> Sheet:
        """Return the picture in its tone (opaque)."""

        def make() -> NDArray[np.uint32]:
            return sample_picture(side.picture, turn, camera, look.tone.pack)

        x, y, _, _ = camera.window()
        return Sheet(x, y, self._keep("picture", (side.picture, turn, camera, look.tone), make))

    def heat(self, side: Side, turn: Turn, camera: Camera, look: Look) -> Sheet | None:
        """Return the heat (premultiplied), which no threshold changes; None in other modes."""
        response = side.response
        if response is None or look.mode != "heat":
            return None
        indices = self._indices(response, turn, camera, look.line + 1)
        table = heat_table(look.opacity, look.palette)
        x, y, _, _ = camera.window(look.line + 1)
        return Sheet(x, y, self._keep("heat", (indices, table), lambda: paint(table, indices)))

    def marks(self, side: Side, turn: Turn, camera: Camera, look: Look) -> Sheet | None:
        """Return the mask's edge and fill (premultiplied); None without a response."""
        response = side.response
        if response is None or look.mode == "none":
            return None
        table = mark_table(look.mode, look.opacity)
        mask = self._mask(response, turn, camera, look)
        x, y, _, _ = camera.window(look.line + 1)
        key = (mask, table, look.line)
        return Sheet(x, y, self._keep("marks", key, lambda: paint(table, find_marks(mask, look.line))))

    def forget(self) -> None:
        """Let go of everything that was kept."""
        self._kept.clear()

    def _mask(self, response: Response, turn: Turn, camera: Camera, look: Look) -> NDArray[np.uint8]:
        """Return the mask on the view: from 100 % on the very mask of the report, below from the indices."""
        margin = look.line + 1
        if camera.scale >= 1 and response.exact is not None:
            exact, cut = response.exact, find_cut(look.threshold)
            key: tuple[Any, ...] = (exact, float(cut), turn, camera, margin)
            return np.asarray(self._keep("mask", key, lambda: sample_mask(exact, cut, turn, camera, margin)))
        indices = self._indices(response, turn, camera, margin)
        least = least_index(look.threshold)
        return np.asarray(self._keep("mask", (indices, least), lambda: (indices >= least).view(np.uint8)))

    def _indices(self, response: Response, turn: Turn, camera: Camera, margin: int) -> NDArray[np.uint8]:
        key = (response.indices, response.version, turn, camera, margin)
        return np.asarray(
            self._keep("indices", key, lambda: sample_map(response.indices, turn, camera, margin))
        )

    def _keep(self, name: str, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        kept = self._kept.get(name)
        if kept is None or not _same(kept[0], key):
            kept = self._kept[name] = (key, make())
        return kept[1]


def _same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Return whether two keys name the same arrays and equal values."""
    return len(a) == len(b) and all(
        x is y or (not isinstance(x, np.ndarray) and x == y) for x, y in zip(a, b, strict=True)
    )
