"""The strip below a printed figure: colour scale with the threshold, ruler, and what the line means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

from irlnet_core.evidence.legend import ruler_length
from irlnet_core.evidence.overlay import HALO, LINE, Brush
from irlnet_core.report.shipped import report_file
from irlnet_core.report.texts import Texts

PAPER = (255, 255, 255)
_INK, _DIM, _GROUND = (30, 30, 30), (90, 90, 90), 128
_FONT = "NotoSans-Regular.ttf"
_POINT = 7.0  # the size of the words in print


@dataclass(frozen=True)
class LegendScale:
    """``width`` of the strip in print pixels, ``dpi``, and print pixels per pixel of the stored grid."""

    width: int
    dpi: int
    ratio: float


def letters(points: float, dpi: int) -> ImageFont.FreeTypeFont:
    """Return the report's font in so many points at a resolution."""
    return ImageFont.truetype(str(report_file("fonts", _FONT)), round(points * dpi / 72))


@cache
def letters_at_hand() -> frozenset[int]:
    """Return the characters that the report's font holds."""
    return frozenset(TTFontFile(str(report_file("fonts", _FONT))).charToGlyph)


def draw_legend(brush: Brush, threshold: float, scale: LegendScale, texts: Texts) -> NDArray[np.uint8]:
    """Return the strip as RGB uint8; the scale is drawn by the brush that drew the figure."""
    font = letters(_POINT, scale.dpi)
    em = round(_POINT * scale.dpi / 72)
    strip = Image.new("RGB", (scale.width, round(5.2 * em)), PAPER)
    pen = ImageDraw.Draw(strip)
    _draw_scale(strip, pen, brush, threshold, em, font, texts)
    _draw_ruler(pen, scale, em, font, texts)
    _draw_line_sample(pen, em, font, texts)
    return np.array(strip)


def _draw_scale(
    strip: Image.Image,
    pen: ImageDraw.ImageDraw,
    brush: Brush,
    threshold: float,
    em: int,
    font: ImageFont.FreeTypeFont,
    texts: Texts,
) -> None:
    length, thick, top = round(strip.width * 0.5), round(0.8 * em), round(1.5 * em)
    ground = np.full((thick, length, 3), _GROUND, np.uint8)
    ramp = np.broadcast_to(np.linspace(0, 1, length, dtype=np.float32), (thick, length))
    strip.paste(Image.fromarray(brush.paint(ground, np.ascontiguousarray(ramp))), (0, top))
    at, tip = round(threshold * (length - 1)), round(0.3 * em)
    pen.polygon([(at - tip, top - 2 * tip), (at + tip, top - 2 * tip), (at, top - 1)], _INK)
    words = texts.say("legend.threshold", value=texts.threshold(threshold))
    room = font.getlength(words)
    x = at - 2 * tip - room if at > room + 2 * tip else at + 2 * tip
    pen.text((x, top - round(0.25 * em)), words, _INK, font, anchor="ls")
    for value, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        words = texts.number(value, 1) if value % 1 else f"{value:.0f}"
        pen.text((round(value * (length - 1)), top + thick + em // 4), words, _DIM, font, anchor=anchor)
    pen.text((length + em // 2, top + thick // 2), texts.say("legend.response"), _DIM, font, anchor="lm")


def _draw_ruler(
    pen: ImageDraw.ImageDraw,
    scale: LegendScale,
    em: int,
    font: ImageFont.FreeTypeFont,
    texts: Texts,
) -> None:
    """Draw so many pixels of the stored grid at the right."""
    pixels = ruler_length(max(5, round(scale.width / scale.ratio)))
    length, y, thick = round(pixels * scale.ratio), round(1.9 * em), max(2, round(em / 10))
    left, right, tick = scale.width - length, scale.width - 1, round(0.3 * em)
    pen.rectangle((left, y - thick // 2, right, y + thick // 2), _INK)
    for x in (left, right - thick):
        pen.rectangle((x, y - tick, x + thick, y + tick), _INK)
    pen.text((right, y + em // 2), texts.say("legend.ruler", n=pixels), _DIM, font, anchor="ra")


def _draw_line_sample(pen: ImageDraw.ImageDraw, em: int, font: ImageFont.FreeTypeFont, texts: Texts) -> None:
    y, thick = round(4.4 * em), max(2, round(em / 10))
    pen.rectangle((0, y - 2 * thick, 2 * em, y + 2 * thick), tuple(HALO.tolist()))
    pen.rectangle((0, y - thick // 2, 2 * em, y + thick // 2), tuple(LINE.tolist()))
    pen.text((round(2.6 * em), y), texts.say("legend.line"), _DIM, font, anchor="lm")
