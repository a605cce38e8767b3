"""The picture with the network's response over it, on a fixed scale, with its legend burned in below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.hatch import hatch_outside
from irlnet_core.evidence.legend import render_legend
from irlnet_core.evidence.localization import Localization, find_cut
from irlnet_core.evidence.outline_drawing import EXPLANATION, draw_outlines
from irlnet_core.evidence.regions import Regions, find_regions

Mode = Literal["heat", "mask", "outline"]
Palette = Literal["viridis", "cividis"]

BACKGROUND = (40, 40, 40)
_STRIP_PIXELS = 2_000_000
LINE = np.array((255, 255, 255), np.uint8)
HALO = np.array((16, 16, 16), np.uint8)
FILL = np.array((213, 94, 0), np.uint8)  # vermillion of Okabe and Ito's colour-blind-safe set
_CLEAR_BELOW, _FULL_FROM = 0.10, 0.50


def read_palette(name: Palette) -> NDArray[np.uint8]:
    """Return the 256 RGB colours of a colour-blind-safe map (uint8 256x3).

    Source: viridis (van der Walt and Smith 2015) and cividis (Nunez et al. 2018) as published in matplotlib
    and carried by OpenCV.
    """
    maps = {"viridis": cv2.COLORMAP_VIRIDIS, "cividis": cv2.COLORMAP_CIVIDIS}
    table = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], maps[name])
    return np.ascontiguousarray(table[:, 0, ::-1])


def colorize(probability: NDArray[np.float32], palette: Palette = "viridis") -> NDArray[np.uint8]:
    """Return the map in colour (uint8 HxWx3) on the fixed scale 0..1, never stretched to its own maximum."""
    return read_palette(palette)[response_levels(probability)]


def outline(mask: NDArray[np.bool_], width: int = 1) -> NDArray[np.bool_]:
    """Return the mask's pixels within ``width`` of its edge; the picture's border counts as an edge."""
    inner = cv2.erode(mask.view(np.uint8), disc(width), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return mask & np.equal(inner, 0)


def response_levels(probability: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the responses as indices 0..255 of the colour tables (uint8, same shape)."""
    return (probability * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def heat_weights(opacity: float) -> NDArray[np.uint16]:
    """Return how much of the heat's colour covers the picture, per index 0..255: 0 (none) to 256 (all).

    Low responses stay clear, so that the picture can be read; the scale is fixed.
    """
    ramp = np.clip((np.arange(256) / 255 - _CLEAR_BELOW) / (_FULL_FROM - _CLEAR_BELOW), 0, 1)
    return np.rint(ramp * opacity * 256).astype(np.uint16)


def disc(radius: int) -> NDArray[np.uint8]:
    """Return the round brush (uint8, 0 and 1) of the line at a mask's edge."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)


def render_overlay(
    image: NDArray[np.uint8],
    localization: Localization,
    threshold: float,
    *,
    mode: Mode = "heat",
    opacity: float = 0.6,
    palette: Palette = "viridis",
    regions: Regions | None = None,
    caption: Sequence[str] = (),
    outlines: Sequence[Outline] = (),
) -> NDArray[np.uint8]:
    """Return the picture with the response over it and a legend strip below, as RGB uint8.

    The picture is neither scaled nor covered: the legend lies below it, and a picture too narrow for the
    legend is centred on a wider, neutral sheet. ``regions`` saves finding them again; ``caption`` lines are
    printed last. ``outlines`` are the analyst's own; they are drawn dashed, and the legend says whose they
    are. What was not analysed is hatched.
    """
    brush = Brush(mode, opacity, palette, find_cut(threshold), max(1, round(max(image.shape[:2]) / 1200)))
    regions = regions or find_regions(localization, threshold)
    height, width = image.shape[:2]
    caption = [*caption, *([EXPLANATION] if outlines else [])]
    legend = render_legend(regions, mode, brush.paint, width, caption, BACKGROUND)
    sheet = np.empty((height + len(legend), legend.shape[1], 3), np.uint8)
    sheet[:height] = BACKGROUND
    left = (legend.shape[1] - width) // 2
    picture = sheet[:height, left : left + width]
    part = (localization.analysed or Area(0, 0, width, height)).slices
    paint_strips(brush, image[part], localization.probability[part], picture[part])
    if localization.analysed:
        hatch_outside(image, localization.analysed, picture)
    draw_outlines(picture, outlines, brush.line)
    sheet[height:] = legend
    return sheet


@dataclass(frozen=True)
class Brush:
    """How a response is drawn: ``cut`` is the least response in the mask, ``line`` a width in pixels."""

    mode: Mode
    opacity: float
    palette: Palette
    cut: np.float32
    line: int

    def __post_init__(self) -> None:
        if not 0 <= self.opacity <= 1:
            raise ConfigError(f"opacity = {self.opacity} is not between 0 and 1.")

    def paint(self, image: NDArray[np.uint8], probability: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return ``image`` (RGB uint8 HxWx3) with ``probability`` (HxW) drawn over it."""
        mask = probability >= self.cut
        if self.mode == "heat":
            painted = _blend_heat(image, probability, self.opacity, self.palette)
        else:
            painted = image.copy()
        if self.mode == "mask":
            painted[mask] = _mix(painted[mask], FILL, self.opacity)
        return self._draw_line(painted, mask)

    def _draw_line(self, painted: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Draw a bright line inside the mask's edge and a dark one outside: visible on any ground."""
        around = cv2.dilate(mask.view(np.uint8), disc(self.line)).view(np.bool_) & ~mask
        painted[around] = HALO
        painted[outline(mask, self.line)] = LINE
        return painted


def paint_strips(
    brush: Brush, image: NDArray[np.uint8], probability: NDArray[np.float32], target: NDArray[np.uint8]
) -> None:
    """Paint into ``target`` by row strips with a margin wider than the line, so that no edge of one shows."""
    height, width = probability.shape
    rows, margin = max(1, _STRIP_PIXELS // width), brush.line + 1
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first, last = max(0, top - margin), min(height, bottom + margin)
        painted = brush.paint(image[first:last], probability[first:last])
        target[top:bottom] = painted[top - first : bottom - first]


def _blend_heat(
    image: NDArray[np.uint8], probability: NDArray[np.float32], opacity: float, palette: Palette
) -> NDArray[np.uint8]:
    """Blend by table."""
    weight = heat_weights(opacity)
    colour = read_palette(palette) * weight[:, None]
    levels = response_levels(probability)
    blended = image * (256 - weight)[levels][..., None] + colour[levels] + np.uint16(128)
    return (blended >> 8).astype(np.uint8)


def _mix(pixels: NDArray[np.uint8], colour: NDArray[np.uint8], opacity: float) -> NDArray[np.uint8]:
    return np.rint(pixels * (1 - opacity) + colour * opacity).astype(np.uint8)
