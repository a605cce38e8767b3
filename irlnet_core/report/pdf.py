"""A report as PDF: A4, page x of y, bookmarks, title and language set, fonts embedded."""

from __future__ import annotations

import io
import threading
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.doctemplate import LayoutError
from reportlab.platypus.flowables import Flowable

from irlnet_core import __version__
from irlnet_core.errors import OutputError
from irlnet_core.report.document import Document
from irlnet_core.report.pdf_flow import Flow
from irlnet_core.report.pdf_style import (
    BOLD,
    BOTTOM,
    DIM,
    LEFT,
    LINE,
    PAPER,
    REGULAR,
    RIGHT,
    TOP,
    WIDTH,
    load_fonts,
)
from irlnet_core.report.texts import load_texts
from irlnet_core.report.visible import print_with

_SMALL = 7.6
_ONE_AT_A_TIME = threading.Lock()  # reportlab keeps its fonts for the whole process


def render_pdf(document: Document) -> bytes:
    """Return the file. It is laid out twice: first without figures, only to learn the number of pages.

    Raises :class:`OutputError` when something in it fits on no page.
    """
    with _ONE_AT_A_TIME:
        try:
            return _render(document)
        except LayoutError as error:
            reason = f"The report can't be laid out on pages: {str(error)[:200]}"
            raise OutputError(reason, cure="Write it as HTML.") from error


def _render(document: Document) -> bytes:
    fonts = load_fonts()
    flow = Flow(document, load_texts(document.language), fonts)
    counted = _Report(document, io.BytesIO(), 0, fonts.letters[REGULAR])
    counted.build(list(flow.story(draw=False)))
    file = io.BytesIO()
    _Report(document, file, counted.page, fonts.letters[REGULAR]).build(list(flow.story(draw=True)))
    return file.getvalue()


class _Report(BaseDocTemplate):  # type: ignore[misc]
    """Pages with a line above and below: laboratory and title, report and case, page x of y."""

    def __init__(self, document: Document, file: io.BytesIO, pages: int, letters: frozenset[int]) -> None:
        super().__init__(
            file,
            pagesize=PAPER,
            title=f"{document.title} {document.id}",
            author=document.laboratory or "IRL-Net",
            subject=document.subtitle,
            creator=f"IRL-Net {__version__}",
            lang=document.language,
            initialFontName=REGULAR,  # else an unused font is named that is not embedded
        )
        self._document, self._pages, self._letters = document, pages, letters
        height = PAPER[1] - TOP - BOTTOM
        frame = Frame(LEFT, BOTTOM, WIDTH, height, 0, 0, 0, 0)
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._draw_margins)])

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's name
        self.canv.setViewerPreference("DisplayDocTitle", "true")
        self.canv.showOutline()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        mark = getattr(flowable, "bookmark", None)
        if mark:
            key, text, level = mark
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level, closed=level > 0)

    def _draw_margins(self, canvas: Canvas, _template: Any) -> None:
        canvas.saveState()
        top, bottom = PAPER[1] - TOP + 14, BOTTOM - 14
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        for y in (top - 5, bottom + 11):
            canvas.line(LEFT, y, PAPER[0] - RIGHT, y)
        canvas.setFillColor(DIM)
        if canvas.getPageNumber() > 1:  # on the first its letterhead stands just below
            canvas.setFont(BOLD, _SMALL)
            canvas.drawString(LEFT, top, self._fit(self._document.laboratory, 0.6))
        canvas.setFont(REGULAR, _SMALL)
        canvas.drawRightString(PAPER[0] - RIGHT, top, self._document.title)
        canvas.drawString(LEFT, bottom, self._fit(self._document.footer, 0.8))
        page = self._document.page.format(page=canvas.getPageNumber(), pages=self._pages)
        canvas.drawRightString(PAPER[0] - RIGHT, bottom, page)
        canvas.restoreState()

    def _fit(self, text: str, share: float) -> str:
        """Return a text that fits into a share of the line, cut with an ellipsis."""
        text = print_with(text, self._letters)
        room = WIDTH * share
        width = self.canv.stringWidth
        if width(text, BOLD, _SMALL) <= room:
            return text
        while text and width(f"{text}…", BOLD, _SMALL) > room:
            text = text[:-1]
        return f"{text}…"
