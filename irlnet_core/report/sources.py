"""What a report is made from: a record beside its map, a package, a case; each is checked first."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit, no_annotations
from irlnet_core.case.items import Item, load_evidence
from irlnet_core.case.package import MAP
from irlnet_core.case.package_check import check_package
from irlnet_core.case.package_file import open_package
from irlnet_core.errors import DataError
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import find_regions
from irlnet_core.evidence.stored_map import read_map
from irlnet_core.files import sha256_of_file

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
    :class:`DataError` for a source that is missing, damaged or altered.
    """
    path = Path(path)
    if not path.is_file():
        reason = "is a folder." if path.is_dir() else "does not exist."
        raise DataError(
            reason, path=path, cure="Name a record (.json), a package (.zip) or a case (.irlcase)."
        )
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        with CaseFile.open(path) as case:
            yield _of_case(case, evidence)
    elif head.startswith(b"PK"):
        stem = path.name.removesuffix(".zip").removesuffix(".record")
        yield _of_one(_read_package(path, evidence), stem, evidence)
    else:
        yield _of_one(_read_record(path, evidence), path.stem, evidence)


def _of_one(exhibit: Exhibit, stem: str, evidence: Path | None) -> Source:
    places = [place for place in (exhibit.image and exhibit.image.path, evidence) if place]
    recorded = Path(exhibit.record.evidence["path"])
    places += [recorded] if recorded.is_absolute() and recorded.exists() else []
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
    try:
        record = AnalysisRecord.from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        cure = "Name a file that irlnet localize wrote."
        raise DataError(f"is no analysis record ({error!r}).", path=path, cure=cure) from error
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
    told = record.regions.as_dict()
    places = [(one["box"], one["area"]) for one in found["listed"]]
    if places != [(one["box"], one["area"]) for one in told["listed"]] or found["small"] != told["small"]:
        raise DataError("holds a map with other regions than its record.", path=path, cure=_VERIFY)


def _find(record: AnalysisRecord, evidence: Path | None) -> Path | None:
    """Return the file with the record's bytes, by size and hash."""
    facts = record.evidence
    if evidence is None:
        places = [Path(facts["path"])]
    elif evidence.is_dir():
        places = sorted(place for place in evidence.rglob("*") if place.is_file())
    else:
        places = [evidence]
    for place in places:
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
    places = [place for item in items for place in item.places if place.exists()]
    places += [evidence] if evidence else []

    def log(path: Path) -> None:
        case.log("report written", file=path.name, sha256=sha256_of_file(path))

    only = analysed[0].sha256 if len(analysed) == 1 else ""

    def read(takes: Callable[[Exhibit], bool]) -> Iterator[Exhibit]:
        return _read_case(case, analysed, evidence, takes)

    return Source(case.path.stem, len(analysed), read, tuple(places), left, log, only)


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
