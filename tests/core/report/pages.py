"""Reading a report back: the text and the look of PDF pages, and an HTML page as a tree."""

from __future__ import annotations

import io
from typing import Any

import html5lib
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image


def read_pages(pdf: bytes) -> list[str]:
    """Return the text of each page, its line breaks as spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def read_bookmarks(pdf: bytes) -> list[tuple[int, str, int]]:
    """Return level, title and page (from 0) of each bookmark."""
    with pypdfium2.PdfDocument(pdf) as document:
        marks = list(document.get_toc())
        return [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in marks]


def count_pictures(pdf: bytes) -> list[int]:
    """Return how many pictures each page holds."""
    kind = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    with pypdfium2.PdfDocument(pdf) as document:
        return [len(list(page.get_objects(filter=kind))) for page in document]


def decode(png: bytes) -> NDArray[np.uint8]:
    """Return a figure as RGB uint8."""
    return np.array(Image.open(io.BytesIO(png)))


def parse_html(page: bytes) -> Any:
    """Return the tree of a page that is valid HTML; what is not raises."""
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    return parser.parse(page, transport_encoding="utf-8")


def words_of(tree: Any) -> str:
    """Return the text of a tree, its white space as single spaces."""
    body = tree.find("body")
    return " ".join(" ".join(body.itertext()).split())
