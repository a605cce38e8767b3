"""The figures of a report at print resolution: the unaltered picture and the same place with the response."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.hatch import hatch_outside
from irlnet_core.evidence.localization import Localization, find_cut
from irlnet_core.evidence.outline_drawing import draw_outlines
from irlnet_core.evidence.overlay import Brush, paint_strips
from irlnet_core.evidence.regions import Region, Regions
from irlnet_core.report.figure_legend import PAPER, LegendScale, draw_legend, letters, letters_at_hand
from irlnet_core.report.texts import Texts
from irlnet_core.report.visible import make_visible, print_with, shorten

WHOLE, CLOSE = (83.0, 105.0), (83.0, 62.0)  # room of one figure in millimetres
_INCH = 25.4
_LEAST_CROP, _MARGIN = 96, 0.35  # pixels; share of the region's longer side
_MOST_TIMES = 12
_NUMBERED = 40
_LONGEST_LABEL = 32
_LEVEL = 6


@dataclass(frozen=True)
class Print:
    """A figure as PNG; ``ratio`` is print pixels per pixel of the stored grid (below 1: reduced)."""

    png: bytes
    width: int
    height: int
    ratio: float


@dataclass(frozen=True, eq=False)
class Plate:
    """What the figures of one picture are drawn from; ``black`` areas are blackened in each of them."""

    pixels: NDArray[np.uint8]
    localization: Localization
    regions: Regions
    outlines: Sequence[Outline] = ()
    black: Sequence[Area] = ()
    dpi: int = 300

    @property
    def whole(self) -> Area:
        height, width = self.pixels.shape[:2]
        return Area(0, 0, width, height)


def area_around(region: Region, whole: Area) -> Area:
    """Return the part of the picture that shows a region with some of what surrounds it."""
    margin = round(_MARGIN * max(region.width, region.height))
    width = min(whole.width, max(region.width + 2 * margin, _LEAST_CROP))
    height = min(whole.height, max(region.height + 2 * margin, _LEAST_CROP))
    x = min(max(0, region.x + (region.width - width) // 2), whole.width - width)
    y = min(max(0, region.y + (region.height - height) // 2), whole.height - height)
    return Area(x, y, width, height)


def is_black(plate: Plate, region: Region) -> bool:
    """Tell whether an area that is blackened holds the whole region: there is nothing to be shown."""
    return any(
        spot.x <= region.x
        and spot.y <= region.y
        and region.x + region.width <= spot.x1
        and region.y + region.height <= spot.y1
        for spot in plate.black
    )


def print_original(plate: Plate, area: Area, room: tuple[float, float]) -> Print:
    """Return a part of the picture itself, reduced or enlarged to fit ``room`` (mm), on white paper."""
    pixels = plate.pixels[area.slices].copy()
    _blacken(pixels, plate.black, area)
    ratio = _ratio(area, room, plate.dpi)
    return _finish(_scale(pixels, ratio), None, ratio, _dots(room[0], plate.dpi))


def print_response(plate: Plate, area: Area, room: tuple[float, float], texts: Texts) -> Print:
    """Return the same part with the response over it, its legend below."""
    ratio = _ratio(area, room, plate.dpi)
    # As wide in print as a thin pen, however large the picture is.
    line = max(1, round(0.25 / _INCH * plate.dpi / 2 / ratio)) if ratio < 1 else 1
    brush = Brush("heat", 0.6, "viridis", find_cut(plate.regions.threshold), line)
    drawn = _scale(_paint(plate, area, brush), ratio)
    _draw_analysts(drawn, plate, area, ratio)
    drawn = _number_regions(drawn, plate, area, ratio)
    width = _dots(room[0], plate.dpi)
    legend = draw_legend(
        replace(brush, line=1), plate.regions.threshold, LegendScale(width, plate.dpi, ratio), texts
    )
    return _finish(drawn, legend, ratio, width)


def _paint(plate: Plate, area: Area, brush: Brush) -> NDArray[np.uint8]:
    """Draw the response into a copy of a part; hatch what was not analysed."""
    pixels = plate.pixels[area.slices]
    painted = pixels.copy()
    seen = plate.localization.analysed or plate.whole
    if _overlap(seen, area):
        part = seen.within(area)
        here = Area(part.x - area.x, part.y - area.y, part.width, part.height)
        probability = plate.localization.probability[part.slices]
        paint_strips(brush, pixels[here.slices], probability, painted[here.slices])
        if plate.localization.analysed:
            hatch_outside(pixels, here, painted)
    _blacken(painted, plate.black, area)
    return painted


def _blacken(pixels: NDArray[np.uint8], black: Sequence[Area], area: Area) -> None:
    for spot in black:
        if _overlap(spot, area):
            part = spot.within(area)
            pixels[part.y - area.y : part.y1 - area.y, part.x - area.x : part.x1 - area.x] = 0


def _overlap(one: Area, other: Area) -> bool:
    return one.x < other.x1 and other.x < one.x1 and one.y < other.y1 and other.y < one.y1


def _dots(millimetres: float, dpi: int) -> int:
    return round(millimetres / _INCH * dpi)


def _ratio(area: Area, room: tuple[float, float], dpi: int) -> float:
    """Return how much larger the print is: below 1 freely, from 1 on in whole steps."""
    fit = min(_dots(room[0], dpi) / area.width, _dots(room[1], dpi) / area.height)
    return float(min(int(fit), _MOST_TIMES)) if fit >= 1 else fit


def _scale(pixels: NDArray[np.uint8], ratio: float) -> NDArray[np.uint8]:
    if ratio == 1:
        return pixels
    height, width = pixels.shape[:2]
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    # Area means keep a small part's brightness; squares show that an enlargement adds nothing.
    how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def _draw_analysts(drawn: NDArray[np.uint8], plate: Plate, area: Area, ratio: float) -> None:
    moved = [
        replace(
            one,
            points=tuple(((x - area.x) * ratio, (y - area.y) * ratio) for x, y in one.points),
            label=shorten(print_with(make_visible(one.label), letters_at_hand()), _LONGEST_LABEL),
        )
        for one in plate.outlines
    ]
    draw_outlines(drawn, moved, max(1, round(plate.dpi / 150)), letters(7, plate.dpi))


def _number_regions(drawn: NDArray[np.uint8], plate: Plate, area: Area, ratio: float) -> NDArray[np.uint8]:
    """Write each listed region's number beside its upper left corner, on a plate that any ground shows.

    A number whose region is wholly blackened is left out with it.
    """
    sheet = Image.fromarray(drawn)
    pen, font = ImageDraw.Draw(sheet), letters(7, plate.dpi)
    for region in plate.regions.listed[:_NUMBERED]:
        box = Area(region.x, region.y, region.width, region.height)
        if not _overlap(box, area) or is_black(plate, region):
            continue
        x, y = (region.x - area.x) * ratio, (region.y - area.y) * ratio
        _write_number(pen, str(region.id), (x, y), sheet.size, font)
    return np.array(sheet)


def _write_number(
    pen: ImageDraw.ImageDraw, text: str, at: tuple[float, float], size: tuple[int, int], font: object
) -> None:
    left, top, right, bottom = pen.textbbox((0, 0), text, font)  # type: ignore[arg-type]
    pad = (bottom - top) / 3
    width, height = right - left + 2 * pad, bottom - top + 2 * pad
    # Left of the region, so that it covers none of it; where the picture ends there, above it.
    beside = at[0] >= width
    x = min(at[0] - width if beside else 0.0, max(0.0, size[0] - width - 1))
    y = min(max(0.0, at[1] if beside else at[1] - height), max(0.0, size[1] - height - 1))
    pen.rectangle((x, y, x + width, y + height), (24, 24, 24), (255, 255, 255))
    pen.text((x + pad - left, y + pad - top), text, (255, 255, 255), font)  # type: ignore[arg-type]


def _finish(pixels: NDArray[np.uint8], legend: NDArray[np.uint8] | None, ratio: float, width: int) -> Print:
    """Put the picture on paper as wide as the room, the legend below, and encode it without loss."""
    gap = 0 if legend is None else max(4, width // 100)
    height = pixels.shape[0] + gap + (0 if legend is None else len(legend))
    sheet = np.full((height, width, 3), PAPER, np.uint8)
    sheet[: pixels.shape[0], : pixels.shape[1]] = pixels
    if legend is not None:
        sheet[pixels.shape[0] + gap :] = legend
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, "PNG", compress_level=_LEVEL)
    return Print(stream.getvalue(), width, height, ratio)
