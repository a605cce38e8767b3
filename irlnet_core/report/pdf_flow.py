"""From a report's blocks to what reportlab lays out on pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    CondPageBreak,
    HRFlowable,
    Image,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus.flowables import Flowable

from irlnet_core.report import document as d
from irlnet_core.report.pdf_style import DIM, INK, LINE, LINK, REGULAR, WASH, WIDTH, Fonts, make_styles
from irlnet_core.report.texts import Texts
from irlnet_core.report.visible import print_with

_GAP = 4 * mm
_LOGO = 45 * mm, 18 * mm
_LINES = ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)
_PADDING = (
    ("TOPPADDING", (0, 0), (-1, -1), 2.2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.8),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 10),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
)
_TOGETHER = 4  # rows
_LEAD, _FACTS = 45 * mm, 28 * mm  # room for what leads to a table, its head and some rows; for some facts
_LONGEST_PIECE = 1500  # letters of a row: a higher one would not fit on two pages, all as codes


class Flow:
    """Turns one document into flowables; each call of :meth:`story` makes them anew."""

    def __init__(self, document: d.Document, texts: Texts, fonts: Fonts) -> None:
        self.document, self.texts, self.fonts = document, texts, fonts
        self._styles = make_styles()

    def story(self, *, draw: bool) -> Iterator[Flowable]:
        """Yield the whole report; without ``draw`` empty room stands for each figure."""
        yield from self._masthead()
        yield from self._contents()
        for section in self.document.sections:
            yield from self._section(section, draw)

    def _text(self, text: str, style: str) -> Text:
        """Return a paragraph: escaped, its lines kept, letters that the font lacks as their codes."""
        letters = self.fonts.letters[self._styles[style].fontName]
        marked = escape(print_with(text, letters)).replace("\n", "<br/>")
        return Text(marked, self._styles[style])

    def _masthead(self) -> Iterator[Flowable]:
        document = self.document
        words = [self._text(document.laboratory, "laboratory")] if document.laboratory else []
        if document.address:
            words.append(self._text(document.address, "address"))
        words += [Spacer(1, 10), self._text(document.title, "title")]
        words.append(self._text(document.subtitle, "subtitle"))
        logo = _fit_logo(document.logo) if document.logo else ""
        plain = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
        places = [("ALIGN", (1, 0), (1, 0), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        yield _sheet([[words, logo]], [WIDTH - _LOGO[0], _LOGO[0]], [*plain, *places])
        yield HRFlowable(WIDTH, 1.2, color=INK, spaceBefore=0, spaceAfter=6)

    def _contents(self) -> Iterator[Flowable]:
        """List the pictures of a case, each a link to its part."""
        parts = [section for section in self.document.sections if section.new_page]
        if not 2 <= len(parts) <= d.MOST_IN_CONTENTS:
            return
        yield self._text(self.document.contents, "subheading")
        for part in parts:
            yield self._link(part.title, part.id, "contents")
        yield Spacer(1, 8)

    def _link(self, text: str, target: str, style: str) -> Text:
        """Return a text that leads to a section."""
        marked = escape(print_with(text, self.fonts.letters[REGULAR]))
        return Text(f'<a href="#{target}" color="{LINK.hexval()}">{marked}</a>', self._styles[style])

    def _section(self, section: d.Section, draw: bool) -> Iterator[Flowable]:
        if section.new_page:
            yield PageBreak()
        heading = self._text(section.title, f"h{section.level}")
        title = print_with(section.title, self.fonts.letters[REGULAR])
        heading.bookmark = (section.id, title, section.level - 1)
        blocks = [*self._blocks(section.blocks, draw)]
        # A heading never stands alone at a page's foot.
        yield CondPageBreak(32 * mm)
        if blocks and not isinstance(section.blocks[0], d.Table | d.Bullets):
            first = 2 if len(blocks) > 1 and _is_short(section.blocks[0]) else 1
            yield KeepTogether([heading, *blocks[:first]])
            yield from blocks[first:]
        else:
            yield heading
            yield from blocks

    def _blocks(self, blocks: tuple[d.Block, ...], draw: bool) -> Iterator[Flowable]:
        """Yield the blocks; what leads to a table does not stand alone at a page's foot."""
        kept = 2 if blocks and _is_short(blocks[0]) else 1  # with the heading
        for number, block in enumerate(blocks):
            follows = blocks[number + 1 : number + 3]
            leads = isinstance(block, d.Paragraph) and any(
                isinstance(o, d.Table | d.Bullets) for o in follows
            )
            if number >= kept and (leads or isinstance(block, d.Facts)):
                yield CondPageBreak(_LEAD if leads else _FACTS)
            yield from self._block(block, draw)

    def _block(self, block: d.Block, draw: bool) -> Iterator[Flowable]:
        match block:
            case d.Paragraph():
                yield self._paragraph(block)
            case d.Bullets():
                items = [ListItem(self._text(item, "body"), leftIndent=12) for item in block.items]
                yield ListFlowable(
                    items,
                    bulletType="bullet",
                    start="•",
                    bulletFontName=REGULAR,
                    bulletFontSize=9,
                    bulletOffsetY=-1.5,
                    leftIndent=12,
                )
            case d.Facts():
                yield from self._facts(block)
            case d.Table():
                yield self._table(block)
            case d.Figures():
                yield self._figures(block, draw)
            case d.Blanks():
                yield self._blanks(block)

    def _paragraph(self, block: d.Paragraph) -> Flowable:
        if block.style not in ("result", "caution"):
            return self._text(block.text, block.style)
        ruled = 2.5 if block.style == "result" else 1.5
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), WASH),
            ("LINEBEFORE", (0, 0), (0, -1), ruled, INK if block.style == "result" else DIM),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
        rows = [[self._text(piece, block.style)] for piece in _pieces(block.text)]
        return _sheet(rows, [WIDTH], style, spaceBefore=4, spaceAfter=6)

    def _facts(self, block: d.Facts) -> Iterator[Flowable]:
        """Yield the rows as tables that touch: neither the first nor the last few stand alone on a page."""
        rows = [
            [
                self._text("" if number else row.label, "label"),
                self._text(piece, "mono" if row.mono else "cell"),
            ]
            for row in block.rows
            for number, piece in enumerate(_pieces(row.value))
        ]
        last = max(_TOGETHER, len(rows) - _TOGETHER)
        for number, part in enumerate((rows[:_TOGETHER], rows[_TOGETHER:last], rows[last:])):
            if part:
                sheet = _sheet(part, [WIDTH * 0.29, WIDTH * 0.71], [_LINES, *_PADDING])
                yield KeepTogether([sheet]) if number == 2 else sheet
        yield Spacer(1, 6)

    def _table(self, block: d.Table) -> Flowable:
        def row(cells: tuple[str, ...], kind: str) -> list[Text]:
            return [self._cell(cell, kind, number, block) for number, cell in enumerate(cells)]

        rows = [row(block.head, "head"), *(row(cells, "cell") for cells in block.rows)]
        for number, link in enumerate(block.links, start=1):
            if link:
                rows[number][0] = self._link(block.rows[number - 1][0], link, "cell-number")
        style = [_LINES, ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK), *_PADDING]
        widths = [WIDTH * share for share in block.widths]
        return _sheet(rows, widths, style, repeatRows=1, spaceBefore=2, spaceAfter=6)

    def _cell(self, text: str, kind: str, column: int, block: d.Table) -> Text:
        if column in block.numbers:
            return self._text(text, f"{kind}-number")
        return self._text(text, "mono" if kind == "cell" and column in block.mono else kind)

    def _figures(self, block: d.Figures, draw: bool) -> Flowable:
        width = (WIDTH - _GAP) / 2
        cells = [self._figure(figure, width, draw) for figure in (block.left, block.right)]
        none = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
        style = [*none, ("VALIGN", (0, 0), (-1, -1), "TOP")]
        # A picture stays with its caption: this row is not split.
        return _sheet([cells], [width + _GAP, width], style, splitInRow=0, spaceBefore=4, spaceAfter=8)

    def _figure(self, figure: d.Figure, width: float, draw: bool) -> list[Flowable]:
        height = width * figure.height / figure.width
        picture = Image(io.BytesIO(figure.png), width, height) if draw else Spacer(width, height)
        picture.hAlign = "LEFT"
        caption = self._text(figure.caption, "caption")
        none = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "BOTTOM")]
        return [picture, _sheet([[caption]], [width], none, hAlign="LEFT")]

    def _blanks(self, block: d.Blanks) -> Flowable:
        say = self.texts.say
        rows = []
        for label, name in zip(block.labels, block.names, strict=True):
            rows.append([self._text(label, "label"), self._text(say("signatures.date"), "label")])
            rows[-1].append(self._text(say("signatures.signature"), "label"))
            rows.append([self._text(name, "cell"), "", ""])
        lines = [("LINEBELOW", (0, row), (-1, row), 0.6, INK) for row in range(1, len(rows), 2)]
        room = [("TOPPADDING", (0, row), (-1, row), 16 - 8 * (row % 2 == 0)) for row in range(len(rows))]
        style = [*_PADDING, *lines, *room, ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
        return _sheet(rows, [WIDTH * 0.4, WIDTH * 0.2, WIDTH * 0.4], style)


def _sheet(rows: list[list[Any]], widths: list[float], style: list[Any], **options: Any) -> Table:
    """Return a table whose rows may be higher than a page, and whose empty cells name an embedded font."""
    named = TableStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR), *style])
    return Table(rows, widths, style=named, **{"splitInRow": 1, **options})


def _is_short(block: d.Block) -> bool:
    return isinstance(block, d.Paragraph) and block.style in ("note", "subheading", "result")


def _fit_logo(logo: bytes) -> Image:
    width, height = ImageReader(io.BytesIO(logo)).getSize()
    scale = min(_LOGO[0] / width, _LOGO[1] / height)
    return Image(io.BytesIO(logo), width * scale, height * scale, hAlign="RIGHT")


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces that each fit on a page or two, at line ends where it has some."""
    pieces = [""]
    for line in text.split("\n"):
        for start in range(0, max(1, len(line)), _LONGEST_PIECE):
            piece = line[start : start + _LONGEST_PIECE]
            full = len(pieces[-1]) + len(piece) > _LONGEST_PIECE or pieces[-1].count("\n") > 25
            if full and pieces[-1]:
                pieces.append(piece)
            else:
                pieces[-1] = f"{pieces[-1]}\n{piece}" if pieces[-1] or start else piece
    return pieces
