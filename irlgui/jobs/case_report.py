"""The report of many pictures of the open case, off the GUI thread; saving goes on between the pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from irlgui.jobs.case_thread import Ask
from irlgui.jobs.output import check_place
from irlgui.recent import is_there
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.case.items import Item, find_moved, load_evidence
from irlnet_core.errors import DataError, Interrupted
from irlnet_core.files import sha256_of_file
from irlnet_core.inference.self_test import with_self_test
from irlnet_core.progress import Event, Progress
from irlnet_core.report.choices import Choices, Letterhead
from irlnet_core.report.compose import Scope
from irlnet_core.report.write import choose_targets, write_reports


@dataclass(frozen=True)
class CaseReportRequest:
    """The items with the hashes ``wanted``, in order; ``tell`` hears how many are done, on the job's thread.

    ``case`` is the case's file, ``ask`` reads from it on its own thread. ``evidence`` are all pictures beside
    which nothing is written, also those that are not wanted here.
    """

    wanted: tuple[str, ...]
    case: Path
    ask: Ask
    head: Letterhead
    choices: Choices
    scope: Scope
    tell: Callable[[int], None]
    stopped: threading.Event = field(default_factory=threading.Event)
    evidence: Sequence[Path] = ()


def write_case_report(request: CaseReportRequest, path: Path) -> Generator[Event, None, tuple[Path, str]]:
    """Write one report (.pdf or .html) and return its path and SHA-256, once the case has logged it.

    Raises :class:`OutputError` for a folder that holds evidence, and :class:`Interrupted` when stopped.
    """
    yield Progress("checking", 0, 0)
    items = _ask(request, lambda case: [case.find_item(sha256) for sha256 in request.wanted])
    known = [item for item in items if item]
    places = [place for item in known for place in item.places if is_there(place)]
    check_place(path.parent, [*places, *request.evidence], path=path)
    yield Progress("writing", 0, len(known))
    targets = choose_targets(path, path.stem, ["pdf"])
    exhibits = (exhibit for item in known for exhibit in _exhibit(request, item))
    write_reports(targets, exhibits, len(known), request.head, request.choices, request.scope, request.tell)
    target = next(iter(targets))
    sha256 = sha256_of_file(target)
    _ask(request, lambda case: case.log("report written", file=target.name, sha256=sha256))
    return target, sha256


def _exhibit(request: CaseReportRequest, item: Item) -> Iterator[Exhibit]:
    """Yield an item's exhibit; the map is read on the case's thread, the evidence on this one."""
    if request.stopped.is_set():
        raise Interrupted("The report was not written.")
    exhibit: Exhibit = _ask(request, lambda case: case.exhibit(item, load_image=False))
    image, missing = load_evidence(item.sha256, find_moved(item, request.case))
    yield replace(exhibit, image=image, missing=missing, record=with_self_test(exhibit.record))


def _ask(request: CaseReportRequest, do: Callable[[CaseFile], Any]) -> Any:
    future = request.ask(do)
    try:
        if future:
            return future.result()
    except CancelledError:
        pass  # told below
    raise DataError("was closed before the report was written.", path=request.case)
