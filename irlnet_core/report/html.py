"""A report as one HTML page that holds everything it shows: no link, no script, no file beside it."""

from __future__ import annotations

import base64
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from irlnet_core import __version__
from irlnet_core.report.document import MOST_IN_CONTENTS, Document
from irlnet_core.report.shipped import report_file
from irlnet_core.report.texts import load_texts

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def render_html(document: Document) -> bytes:
    """Return the page in UTF-8. Every text is escaped; a picture is a ``data:`` address."""
    template = _environment().get_template("report.html.j2")
    texts = load_texts(document.language)
    words = {name: texts.say(f"signatures.{name}") for name in ("date", "signature")}
    css = Markup(report_file("report.css").read_text("utf-8"))  # noqa: S704 - our own file, no text of others
    parts = [section for section in document.sections if section.level == 1]
    if sum(part.new_page for part in parts) > MOST_IN_CONTENTS:
        parts = [part for part in parts if not part.new_page]
    page = template.render(document=document, parts=parts, css=css, words=words, version=__version__)
    return page.encode("utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(report_file()), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(kind=_kind, value=_value, data_uri=_data_uri)
    return environment


def _kind(block: Any) -> str:
    return type(block).__name__


def _value(text: str) -> Markup:
    """Return a text in an element of its own: one written from right to left turns no other around."""
    if not text:
        return Markup()
    return Markup('<bdi dir="auto">{}</bdi>').format(escape(text))


def _data_uri(data: bytes) -> str:
    kind = "png" if data.startswith(_PNG) else "jpeg" if data.startswith(_JPEG) else "octet-stream"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
