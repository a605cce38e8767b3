"""What a report is made from: a record beside its map, a package, a case; each is checked first."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit, no_annotations
from irlnet_core.case.items import Item, files_below, load_evidence
from irlnet_core.case.package import MAP, REPORTED
from irlnet_core.case.package_check import alike, check_package, schema_problems
from irlnet_core.case.package_file import open_package
from irlnet_core.errors import DataError, OutputError
from irlnet_core.evidence.export import check_output
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord, recorded_place
from irlnet_core.evidence.regions import find_regions
from irlnet_core.evidence.stored_map import read_map
from irlnet_core.files import is_file, is_folder, sha256_of_file

_VERIFY = "Run irlnet verify to see what is wrong."


@dataclass(frozen=True)
class Source:
    """Exhibits to report on; ``log`` tells the case of a written report.

    ``read`` yields them one after the other, with the picture of those that a test takes. ``places`` are the
    files and folders of the evidence, near which nothing is written; ``sha256`` is that of a single picture's
    file.
    """

    stem: str
    count: int
    read: Callable[[Callable[[Exhibit], bool]], Iterator[Exhibit]]
    places: tuple[Path, ...]
    not_analysed: tuple[str, ...] = ()
    log: Callable[[Path], None] | None = None
    sha256: str = ""


@contextlib.contextmanager
def open_source(path: Path, evidence: Path | None = None) -> Iterator[Source]:
    """Open ``PICTURE.json``, ``NAME.record.zip`` or ``NAME.irlcase``; ``evidence`` is a file or folder.

    Evidence is looked for there, then where it was when it was analysed, and taken by its hash alone. Raises
    :class:`DataError` for a source that is missing, damaged or altered, :class:`OutputError` for a case that
    lies among evidence.
    """
    path = Path(path)
    head = _read_head(path)
    if head.startswith(b"SQLite format 3"):
        with CaseFile.open(path) as case:
            yield _of_case(case, evidence)
    elif head.startswith(b"PK"):
        stem = path.name.removesuffix(".zip").removesuffix(".record")
        yield _of_one(_read_package(path, evidence), stem, evidence)
    else:
        yield _of_one(_read_record(path, evidence), path.stem, evidence)


def _read_head(path: Path) -> bytes:
    if not is_file(path):
        reason = "is a folder." if is_folder(path) else "does not exist."
        raise DataError(
            reason, path=path, cure="Name a record (.json), a package (.zip) or a case (.irlcase)."
        )
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError as error:
        cure = "Check that you may read it."
        raise DataError(f"can't be read ({error.strerror}).", path=path, cure=cure) from error


def _of_one(exhibit: Exhibit, stem: str, evidence: Path | None) -> Source:
    places = [place for place in (exhibit.image and exhibit.image.path, evidence) if place]
    recorded = recorded_place(exhibit.record.evidence)
    places += filter(os.path.exists, [recorded] if recorded.is_absolute() else [])
    return Source(stem, 1, lambda _: iter([exhibit]), tuple(places), sha256=exhibit.record.evidence["sha256"])


def _read_package(path: Path, evidence: Path | None) -> Exhibit:
    package = open_package(path)
    wrong = [check.sentences[0] for check in check_package(package) if check.state == "differs"]
    if wrong:
        raise DataError(f"can't be reported on: {wrong[0]}", path=path, cure=_VERIFY)
    record = package.record()
    image, missing = load_evidence(record.evidence["sha256"], _find(record, evidence))
    return package.exhibit(image, missing)


def _read_record(path: Path, evidence: Path | None) -> Exhibit:
    cure = "Name a file that irlnet localize wrote."
    try:
        data = json.loads(path.read_bytes())
        record = AnalysisRecord.from_dict(data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"is no analysis record ({error!r}).", path=path, cure=cure) from error
    if odd := schema_problems(data):
        raise DataError(f"has not the published form of a record: {odd[0]}.", path=path, cure=cure)
    beside = path.with_name(path.stem + MAP)
    localization = _read_map(beside, record) if beside.is_file() else None
    _check_map(record, localization, beside)
    image, missing = load_evidence(record.evidence["sha256"], _find(record, evidence))
    return Exhibit(record, localization, no_annotations(record), image=image, missing=missing)


def _read_map(path: Path, record: AnalysisRecord) -> Localization:
    try:
        return read_map(path.read_bytes(), record)
    except OSError as error:
        raise DataError(f"can't be read ({error.strerror}).", path=path, cure=_VERIFY) from error
    except DataError as error:
        raise DataError(error.reason, path=path, cure=_VERIFY) from error


def _check_map(record: AnalysisRecord, localization: Localization | None, path: Path) -> None:
    """Refuse a map that gives other regions than the record tells: the report would contradict itself."""
    if localization is None:
        return
    found = find_regions(localization, record.threshold.value).as_dict()
    if not alike(found, record.regions.as_dict()):
        raise DataError("holds a map with other regions than its record.", path=path, cure=_VERIFY)


def _find(record: AnalysisRecord, evidence: Path | None) -> Path | None:
    """Return the file with the record's bytes, by size and hash."""
    facts = record.evidence
    given = files_below([evidence] if evidence else [])
    for place in filter(is_file, chain(given, [recorded_place(facts)])):
        with contextlib.suppress(OSError):
            same_size = place.stat().st_size == facts["size_bytes"]
            if same_size and sha256_of_file(place) == facts["sha256"]:
                return place
    return None


def _of_case(case: CaseFile, evidence: Path | None) -> Source:
    if problems := case.verify():
        raise DataError(f"can't be reported on: {problems[0]}", path=case.path, cure=_VERIFY)
    items = case.items()
    analysed = [item for item in items if case.analyses(item)]
    left = tuple(item.name for item in items if item not in analysed)
    places = list(filter(os.path.exists, (place for item in items for place in item.places)))
    places += [evidence] if evidence else []
    _refuse_to_log_among(places, case.path)

    def log(path: Path) -> None:
        case.log(REPORTED, file=path.name, sha256=sha256_of_file(path))

    only = analysed[0].sha256 if len(analysed) == 1 else ""

    def read(takes: Callable[[Exhibit], bool]) -> Iterator[Exhibit]:
        return _read_case(case, analysed, evidence, takes)

    return Source(case.path.stem, len(analysed), read, tuple(places), left, log, only)


def _refuse_to_log_among(places: list[Path], case: Path) -> None:
    """Refuse a case that was put among evidence since: its log would be written there."""
    try:
        check_output(case.parent, places)
    except OutputError as error:
        reason = "lies in or under a folder that holds evidence: nothing can be logged in it there."
        raise OutputError(reason, path=case, cure="Report on a copy of it elsewhere.") from error


def _read_case(
    case: CaseFile, items: list[Item], evidence: Path | None, takes: Callable[[Exhibit], bool]
) -> Iterator[Exhibit]:
    for item in items:
        exhibit = case.exhibit(item, load_image=False)
        if not takes(exhibit):
            yield exhibit
            continue
        if evidence:
            case.locate(item, [evidence])
        yield case.exhibit(item)
