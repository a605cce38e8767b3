"""The analyst's own outlines in an exported picture: dashed and labelled, unlike the tool's unbroken line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from irlnet_core.evidence.annotations import Outline

EXPLANATION = "Dashed lines and their labels were drawn by the analyst; they are not a result of the tool."
# Okabe and Ito's colour-blind-safe set, without the vermillion of the tool's mask, and two light ones.
COLOURS = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (240, 228, 66),
    (204, 121, 167),
    (0, 114, 178),
    (235, 235, 235),
    (170, 220, 170),
)
_PLATE = (24, 24, 24)
_SHIFT = 4  # bits after the point of OpenCV's coordinates
_DASH, _GAP = 12, 12  # in widths of the line


def draw_outlines(
    picture: NDArray[np.uint8],
    outlines: Sequence[Outline],
    line: int,
    font: ImageFont.FreeTypeFont | None = None,
) -> None:
    """Draw ``outlines`` into ``picture`` (RGB uint8 HxWx3, in place) with a line of ``line`` pixels.

    Labels are written in ``font``; without one in Pillow's own, as large as the line is wide.
    """
    for outline in outlines:
        colour = COLOURS[outline.colour % len(COLOURS)]
        dashes = list(_dashes(np.array(outline.corners, np.float64), _DASH * line, _GAP * line))
        _draw(picture, dashes, _PLATE, 4 * line)
        _draw(picture, dashes, colour, 2 * line)
    for outline in outlines:
        if outline.label:
            _write(picture, outline, font or ImageFont.load_default(9 + 7 * line))


def _dashes(corners: NDArray[np.float64], dash: float, gap: float) -> Iterator[NDArray[np.float64]]:
    """Yield the polyline (n, 2) of each dash along the closed polygon ``corners``."""
    closed = np.concatenate([corners, corners[:1]])
    steps = np.hypot(*np.diff(closed, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    for begin in np.arange(0, way[-1], dash + gap):
        end = min(begin + dash, way[-1])
        at = np.concatenate([[begin], way[(way > begin) & (way < end)], [end]])
        yield np.stack([np.interp(at, way, closed[:, axis]) for axis in (0, 1)], axis=1)


def _draw(
    picture: NDArray[np.uint8], dashes: list[NDArray[np.float64]], colour: tuple[int, int, int], width: int
) -> None:
    # (0, 0) is the corner of the first pixel; OpenCV counts from its centre.
    points = [np.rint((dash - 0.5) * (1 << _SHIFT)).astype(np.int32) for dash in dashes]
    cv2.polylines(picture, points, False, colour, width, cv2.LINE_AA, _SHIFT)


def _write(
    picture: NDArray[np.uint8], outline: Outline, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    """Write the label on a dark plate at the upper left of the outline, inside the picture."""
    left, top, right, bottom = font.getbbox(outline.label)
    pad = int(bottom - top) // 3
    plate = Image.new("RGB", (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad), _PLATE)
    at, colour = (pad - left, pad - top), COLOURS[outline.colour % len(COLOURS)]
    ImageDraw.Draw(plate).text(at, outline.label, colour, font)
    height, width = picture.shape[:2]
    box_x, box_y = outline.box[:2]
    x = int(min(max(box_x, 0), max(0, width - plate.width)))
    y = int(min(max(box_y - plate.height - pad, 0), max(0, height - plate.height)))
    visible = np.asarray(plate)[: height - y, : width - x]
    picture[y : y + visible.shape[0], x : x + visible.shape[1]] = visible
