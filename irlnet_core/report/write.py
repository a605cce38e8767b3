"""Reports as files: HTML or PDF of the same document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.errors import ConfigError, DataError, ImageReadError
from irlnet_core.evidence.decode import pixels_of
from irlnet_core.files import write_bytes
from irlnet_core.report.choices import Choices, Letterhead
from irlnet_core.report.compose import Scope, compose
from irlnet_core.report.document import Document
from irlnet_core.report.html import render_html
from irlnet_core.report.pdf import render_pdf

Kind = Literal["html", "pdf"]
RENDERERS: dict[Kind, Callable[[Document], bytes]] = {"html": render_html, "pdf": render_pdf}
_LOGO_KINDS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_LOGO_MOST, _LOGO_MOST_PIXELS = 4_000_000, 20_000_000
_LOGO_CURE = "Save the logo as a small PNG."


def make_reports(
    exhibit: Exhibit, head: Letterhead | None = None, choices: Choices | None = None
) -> dict[str, bytes]:
    """Return ``report.html`` and ``report.pdf`` of one picture: the same document twice."""
    document = compose([exhibit], 1, head or Letterhead(), choices or Choices())
    return {f"report.{kind}": render(document) for kind, render in RENDERERS.items()}


def write_reports(
    targets: dict[Path, Kind],
    exhibits: Iterable[Exhibit],
    count: int,
    head: Letterhead,
    choices: Choices,
    scope: Scope | None = None,
    told: Callable[[int], None] | None = None,
) -> Document:
    """Write one document to each target in its kind, none before all can be written; return the document.

    Raises :class:`ConfigError`, :class:`DataError` and :class:`OutputError`.
    """
    document = compose(exhibits, count, head, choices, scope, told)
    papers = {path: RENDERERS[kind](document) for path, kind in targets.items()}
    for path, paper in papers.items():
        write_bytes(path, paper)
    return document


def choose_targets(output: Path, stem: str, kinds: Iterable[Kind]) -> dict[Path, Kind]:
    """Return the files to write: ``output`` itself where it ends in .pdf or .html, else files in it."""
    named: dict[str, Kind] = {".pdf": "pdf", ".html": "html", ".htm": "html"}
    if kind := named.get(output.suffix.lower()):
        return {output: kind}
    return {output / f"{stem}.report.{kind}": kind for kind in kinds}


def read_logo(path: Path) -> bytes:
    """Return the bytes of a logo. Raises :class:`ConfigError` or :class:`DataError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"can't be read ({error.strerror}).", path=path, cure="Name another logo.") from error
    if not data.startswith(_LOGO_KINDS) or len(data) > _LOGO_MOST:
        raise ConfigError("is no PNG or JPEG of up to 4 MB.", path=path, cure=_LOGO_CURE)
    try:
        pixels_of(data, max_pixels=_LOGO_MOST_PIXELS)
    except ImageReadError as error:
        raise ConfigError(error.reason, path=path, cure=_LOGO_CURE) from error
    return data
