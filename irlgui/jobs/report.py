"""Making a report off the GUI thread: its pages as pictures for the preview, or a file."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from irlgui.jobs.output import check_place
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.inference.analysis import check_unchanged
from irlnet_core.progress import Event, Progress
from irlnet_core.report.choices import Choices, Letterhead
from irlnet_core.report.compose import compose
from irlnet_core.report.pdf import render_pdf
from irlnet_core.report.write import choose_targets, write_reports

_SCALE = 1.5  # pixels of the preview per point of the page


@dataclass(frozen=True)
class ReportRequest:
    """One picture, as the analyst sees it now, and the choices of the dialog; other pictures are evidence."""

    exhibit: Exhibit
    head: Letterhead
    choices: Choices
    evidence: Sequence[Path] = ()


def draw_report(request: ReportRequest) -> Generator[Event, None, list[NDArray[np.uint8]]]:
    """Return the pages of the real PDF as pictures (RGB uint8): what is seen is what is saved."""
    yield Progress("composing", 0, 0)
    document = compose([request.exhibit], 1, request.head, request.choices)
    yield Progress("laying out", 0, 0)
    pdf = render_pdf(document)
    pages: list[NDArray[np.uint8]] = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            yield Progress("drawing", len(pages), len(opened))
            pages.append(np.array(page.render(scale=_SCALE).to_pil().convert("RGB")))
    return pages


def save_report(request: ReportRequest, path: Path) -> Generator[Event, None, Path]:
    """Write the report to ``path`` (.pdf or .html) at print resolution; return the path.

    Raises :class:`OutputError` for a folder that holds evidence or can't be written, and
    :class:`ImageReadError` when the evidence is no longer what was analysed.
    """
    yield Progress("checking", 0, 0)
    image = request.exhibit.image
    check_place(path.parent, [*([image.path] if image else []), *request.evidence], path=path)
    if image:
        check_unchanged(image)
    yield Progress("writing", 0, 0)
    targets = choose_targets(path, path.stem, ["pdf"])
    write_reports(targets, [request.exhibit], 1, request.head, request.choices)
    return next(iter(targets))
