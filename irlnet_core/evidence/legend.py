"""The strip below an overlay: the result in words, the colour scale, the threshold, the ruler, captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from irlnet_core.evidence.localization import say_threshold
from irlnet_core.evidence.regions import Regions

Paint = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.uint8]]

_LEAST_WIDTH = 440
_BRIGHT, _DIM = (240, 240, 240), (176, 176, 176)


@dataclass(frozen=True)
class _Sheet:
    """Measures of one legend; every length follows from the text size ``em`` in pixels."""

    width: int
    em: int
    font: ImageFont.FreeTypeFont
    small: ImageFont.FreeTypeFont

    @property
    def pad(self) -> int:
        return round(self.em * 0.9)


def render_legend(
    regions: Regions,
    mode: str,
    paint: Paint,
    picture_width: int,
    caption: Sequence[str] = (),
    background: tuple[int, int, int] = (40, 40, 40),
) -> NDArray[np.uint8]:
    """Return the legend as RGB uint8, as wide as the picture or wide enough to be read.

    ``paint`` draws a response over a picture: the scale is drawn by the very code that draws the overlay.
    """
    sheet = _measure(picture_width)
    headline = _wrap(describe_result(regions), sheet.font, sheet.width - 2 * sheet.pad)
    captions = [part for text in caption for part in _wrap(text, sheet.small, sheet.width - 2 * sheet.pad)]
    scale_top = sheet.pad + round(1.35 * sheet.em * len(headline)) + round(0.5 * sheet.em)
    captions_top = scale_top + round(3.9 * sheet.em)
    height = captions_top + round(1.15 * sheet.em * len(captions)) + (sheet.pad if captions else 0)
    strip = Image.new("RGB", (sheet.width, height), background)
    pen = ImageDraw.Draw(strip)
    for number, text in enumerate(headline):
        pen.text((sheet.pad, sheet.pad + round(1.35 * sheet.em * number)), text, _BRIGHT, sheet.font)
    _draw_scale(strip, pen, sheet, scale_top, regions.threshold, mode, paint, background)
    _draw_ruler(pen, sheet, scale_top, picture_width)
    for number, text in enumerate(captions):
        pen.text((sheet.pad, captions_top + round(1.15 * sheet.em * number)), text, _DIM, sheet.small)
    return np.array(strip)


def describe_result(regions: Regions) -> str:
    """Say in one line what exceeds the threshold: a tool result, not a finding."""
    number = "1 region" if regions.count == 1 else f"{regions.count} regions"
    small = f" (+ {regions.small_count} too small to list)" if regions.small_count else ""
    percent = 100 * regions.listed_fraction
    area = f"{percent:.2f} %" if percent >= 0.01 or percent == 0 else "under 0.01 %"
    return (
        f"Response at or above {say_threshold(regions.threshold, 2)}: {number}, {area} of the picture{small}"
    )


def ruler_length(width: int) -> int:
    """Return a round number of pixels (1, 2 or 5 times a power of ten), at most a fifth of ``width``."""
    room = max(1, width // 5)
    power = int(10 ** (len(str(room)) - 1))
    return max(step * power for step in (1, 2, 5) if step * power <= room)


def _measure(picture_width: int) -> _Sheet:
    width = max(picture_width, _LEAST_WIDTH)
    em = min(max(14, round(width * 0.0135)), 160)
    return _Sheet(width, em, _load_font(em), _load_font(round(em * 0.82)))


def _load_font(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font, so that no font file is needed; without FreeType Pillow itself raises."""
    font = ImageFont.load_default(size)
    return cast(ImageFont.FreeTypeFont, font)


def _draw_scale(
    strip: Image.Image,
    pen: ImageDraw.ImageDraw,
    sheet: _Sheet,
    top: int,
    threshold: float,
    mode: str,
    paint: Paint,
    background: tuple[int, int, int],
) -> None:
    """Draw the scale from 0 to 1 with the threshold's mark above it and numbers below."""
    em, left = sheet.em, sheet.pad
    length, thick, bar_top = round(min(22 * em, sheet.width * 0.52)), round(0.8 * em), top + round(1.2 * em)
    ground = np.full((thick, length, 3), background, np.uint8) + np.uint8(70)
    ramp = np.broadcast_to(np.linspace(0, 1, length, dtype=np.float32), (thick, length))
    strip.paste(Image.fromarray(paint(ground, np.ascontiguousarray(ramp))), (left, bar_top))
    at, tip = left + round(threshold * (length - 1)), round(0.32 * em)
    pen.polygon([(at - tip, bar_top - 2 * tip), (at + tip, bar_top - 2 * tip), (at, bar_top - 2)], _BRIGHT)
    label = f"threshold {say_threshold(threshold, 2)}"
    room = sheet.small.getlength(label)
    right_of_mark = at + 2 * tip + room <= left + length + 4 * em
    x = at + 2 * tip if right_of_mark else at - 2 * tip - room
    pen.text((x, bar_top - round(0.25 * em)), label, _BRIGHT, sheet.small, anchor="ls")
    for value, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        place = left + round(value * (length - 1))
        pen.text((place, bar_top + thick + round(0.3 * em)), f"{value:g}", _DIM, sheet.small, anchor=anchor)
    noun = {"heat": "response", "mask": "mask", "outline": "outline"}[mode]
    pen.text((left + length + round(0.7 * em), bar_top + thick // 2), noun, _DIM, sheet.small, anchor="lm")


def _draw_ruler(pen: ImageDraw.ImageDraw, sheet: _Sheet, top: int, picture_width: int) -> None:
    """Draw the scale bar at the right: so many pixels of the stored grid."""
    length = ruler_length(picture_width)
    right, y = sheet.width - sheet.pad, top + round(1.6 * sheet.em)
    thick, tick = max(1, round(sheet.em / 10)), round(0.35 * sheet.em)
    left = right - length
    pen.rectangle((left, y, right - 1, y + thick - 1), _BRIGHT)
    for x in (left, right - thick):
        pen.rectangle((x, y - tick, x + thick - 1, y + thick - 1 + tick), _BRIGHT)
    anchor_x = right if length < 4 * sheet.em else (left + right) // 2
    anchor = "ra" if length < 4 * sheet.em else "ma"
    pen.text((anchor_x, y + round(0.7 * sheet.em)), f"{length} px", _DIM, sheet.small, anchor=anchor)


def _wrap(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Break ``text`` into lines that fit; a word longer than a line is broken too."""
    lines = [""]
    for word in text.replace("\n", " ").split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= room:
            lines[-1] = joined
        else:
            lines += _chop(word, font, room)
    return [line for line in lines if line]


def _chop(word: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and font.getlength(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces
