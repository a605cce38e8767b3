"""How the PDF looks: its paper, its embedded fonts and its styles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from irlnet_core.report.shipped import report_file

PAPER = A4
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, 20 * mm, 24 * mm, 22 * mm
WIDTH = PAPER[0] - LEFT - RIGHT
INK, DIM, LINE, WASH = HexColor(0x1C1C1C), HexColor(0x5C5C5C), HexColor(0xCFCFCF), HexColor(0xF3F3F3)
LINK = HexColor(0x1F5F8B)
REGULAR, BOLD, MONO = "IrlnetSans", "IrlnetSans-Bold", "IrlnetMono"
_FILES = {REGULAR: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf", MONO: "NotoSansMono-Regular.ttf"}


@dataclass(frozen=True)
class Fonts:
    """The characters that each embedded font holds, by the font's name."""

    letters: dict[str, frozenset[int]]


@cache
def load_fonts() -> Fonts:
    """Make the fonts known to reportlab and return what they hold."""
    letters = {}
    for name, file in _FILES.items():
        font = TTFont(name, str(report_file("fonts", file)))
        pdfmetrics.registerFont(font)
        letters[name] = frozenset(font.face.charToGlyph)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return Fonts(letters)


def make_styles() -> dict[str, ParagraphStyle]:
    """Return the styles by name; every size follows the body's."""
    body = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=12.6, textColor=INK, spaceAfter=4)
    small = {"fontSize": 7.6, "leading": 10.4}

    def style(name: str, **changes: object) -> ParagraphStyle:
        return ParagraphStyle(name, parent=body, **changes)

    styles = [
        body,
        style("title", fontName=BOLD, fontSize=20, leading=25, spaceAfter=1),
        style("subtitle", textColor=DIM, fontSize=10.5, leading=14, spaceAfter=8),
        style("laboratory", fontName=BOLD, fontSize=10.5, leading=14, spaceAfter=0),
        style("address", textColor=DIM, **small),
        style("h1", fontName=BOLD, fontSize=13.5, leading=17, spaceBefore=14, spaceAfter=5),
        style("h2", fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=10, spaceAfter=4),
        style("subheading", fontName=BOLD, spaceBefore=6),
        style("note", textColor=DIM, **small),
        style("quote", textColor=DIM, leftIndent=8, **small),
        style("result", fontSize=10.5, leading=14.5, spaceAfter=0),
        style("caution", spaceAfter=0),
        style("label", textColor=DIM, fontSize=8.4, leading=11.4, spaceAfter=0),
        style("cell", fontSize=8.4, leading=11.4, spaceAfter=0),
        style("mono", fontName=MONO, fontSize=7.6, leading=11.4, spaceAfter=0),
        style("head", fontName=BOLD, fontSize=8, leading=10.4, spaceAfter=0),
        style("caption", textColor=DIM, spaceAfter=0, spaceBefore=3, **small),
        style("contents", fontSize=9, leading=13, spaceAfter=0),
    ]
    named = {one.name: one for one in styles}
    for name in ("cell", "head"):
        named[f"{name}-number"] = ParagraphStyle(f"{name}-number", parent=named[name], alignment=TA_RIGHT)
    return named
