"""Writing the open picture's record to hand on: the package that ``irlnet localize --record`` writes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from irlgui.jobs.case_thread import Ask
from irlgui.jobs.export import captions
from irlgui.jobs.output import check_place
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.case.package import write_package
from irlnet_core.errors import OutputError
from irlnet_core.inference.analysis import check_unchanged
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True, eq=False)
class RecordRequest:
    """One exhibit to be written to ``path``; ``ask`` reaches the case, whose log tells of it.

    ``evidence`` are the other pictures that are evidence.
    """

    exhibit: Exhibit
    path: Path
    ask: Ask
    evidence: Sequence[Path] = ()


def write_record(request: RecordRequest) -> Generator[Event, None, Path]:
    """Write ``NAME.record.zip`` with its reports and the case's log, and return its path.

    Raises :class:`OutputError` for a folder that holds evidence or can't be written, and
    :class:`ImageReadError` when the evidence is no longer what was analysed.
    """
    from irlnet_core.report.write import make_reports  # brings what draws PDF, which the start spares

    exhibit = request.exhibit
    yield Progress("checking", 0, 0)
    own = [exhibit.image.path] if exhibit.image else []
    check_place(request.path.parent, [*own, *request.evidence], path=request.path)
    if exhibit.image:
        check_unchanged(exhibit.image)
    yield Progress("writing", 0, 0)
    caption = captions(exhibit.record)
    future = request.ask(
        lambda case: write_package(request.path, exhibit, case, caption=caption, make_reports=make_reports)
    )
    try:
        if future:
            future.result()
            return request.path
    except CancelledError:
        pass  # told below
    raise OutputError("was not written: the case was closed.", path=request.path)
