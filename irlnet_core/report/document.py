"""A report as plain data: what it says, apart from how it looks. HTML and PDF are drawn from one tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST_IN_CONTENTS = 40  # pictures: more are found by the table of the case


@dataclass(frozen=True)
class Paragraph:
    """Some lines of text. ``result`` stands out, ``note`` is smaller, ``subheading`` names what follows."""

    text: str
    style: Literal["body", "result", "note", "caution", "subheading", "quote"] = "body"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """A name and its value; ``mono`` sets hashes, paths and numbers that are compared by eye."""

    label: str
    value: str
    mono: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and values in two columns."""

    rows: tuple[Fact, ...]


@dataclass(frozen=True)
class Table:
    """Rows of text below a head; ``widths`` are shares of the line, ``numbers`` the columns set right.

    ``links`` names for each row the section that its first cell leads to, "" for none.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: frozenset[int] = frozenset()
    mono: frozenset[int] = frozenset()
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture as PNG with its size in pixels; ``alt`` tells in words what it shows."""

    png: bytes
    width: int
    height: int
    caption: str
    alt: str


@dataclass(frozen=True)
class Figures:
    """Two figures of the same place side by side."""

    left: Figure
    right: Figure


@dataclass(frozen=True)
class Blanks:
    """Lines to be filled in by hand: signature and date of each."""

    labels: tuple[str, ...]
    names: tuple[str, ...]


Block = Paragraph | Bullets | Facts | Table | Figures | Blanks


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: a part of the report (level 1) or of a picture's account (2)."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True)
class Document:
    """A whole report. ``page`` is the text "Page {page} of {pages}" in the report's language."""

    id: str
    title: str
    subtitle: str
    language: str
    laboratory: str
    address: str
    logo: bytes | None
    footer: str
    page: str
    contents: str
    sections: tuple[Section, ...]
