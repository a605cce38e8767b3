"""Is a record whole, is it about this evidence, does it come out again? Is a case what its log says?"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.case.audit import LIMIT, ChainHead, verify_chain
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import NoCaseError
from irlnet_core.case.package_check import Check, check_package
from irlnet_core.case.package_file import PackageFile, open_package
from irlnet_core.errors import ConfigError, DataError, DeviceError, ImageReadError, ModelError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.record import AnalysisRecord, recorded_place
from irlnet_core.files import sha256_of_file
from irlnet_core.inference.rerun import find_recorded_model, read_parameters, rerun
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True)
class Asked:
    """What is to be checked beside the record itself.

    ``evidence`` None with ``again`` = where the record says, else beside the record. ``model`` and ``device``
    None = the recorded ones, where they are at hand. ``printed`` is the log's length and head in a report.
    """

    evidence: Path | None = None
    again: bool = False
    model: str | None = None
    device: str | None = None
    printed: ChainHead | None = None


@dataclass(frozen=True)
class Checked(Event):
    """One more check is done."""

    check: Check


def check_record(path: Path, asked: Asked) -> Generator[Event, None, list[Check]]:
    """Check a ``.record.zip`` and yield :class:`Checked`, and what a second run yields, as it goes.

    Raises :class:`NoPackageError` when there is no such file or it is no ZIP.
    """
    yield Progress("reading", 0, 0)
    package = open_package(path)
    checks = check_package(package)
    if asked.printed:
        checks.append(_check_end(package, asked.printed))
    for check in checks:
        yield Checked(check)
    for event in _check_outside(package, asked):
        if isinstance(event, Checked):
            checks.append(event.check)
        yield event
    return checks


def check_case_file(path: Path, printed: ChainHead | None) -> list[Check]:
    """Check a case that is not open.

    Raises :class:`OutputError` when it is open in another program, :class:`NoCaseError` when it is no case
    that this program reads.
    """
    try:
        with CaseFile.open(path, read_only=True) as case:
            return check_open_case(case, printed)
    except NoCaseError:
        raise
    except DataError as error:
        return [Check("case", "differs", (str(error),))]


def check_open_case(case: CaseFile, printed: ChainHead | None) -> list[Check]:
    """Check the log of a case, every row against it, and with a printed head that its end is there."""
    problems, head = case.verify(printed), case.head
    if problems:
        return [Check("case", "differs", tuple(problems))]
    told = f"The audit log has {head.length} entries, head {head.head}; every row is as it was logged."
    return [Check("case", "equal", (told,)), _check_tail(printed)]


def _check_end(package: PackageFile, printed: ChainHead) -> Check:
    """Check that the package's log is the one whose length and head were printed."""
    try:
        problems = verify_chain(package.audit(), printed)
    except DataError as error:
        problems = [error.reason]
    return Check("end of the log", "differs", tuple(problems)) if problems else _check_tail(printed)


def _check_tail(printed: ChainHead | None) -> Check:
    if printed is None:
        reason = f"No printed length and head were given (--against). {LIMIT}"
        return Check("end of the log", "not run", (reason,))
    return Check("end of the log", "equal", (f"Entry {printed.length} has the hash that was printed.",))


def _check_outside(package: PackageFile, asked: Asked) -> Generator[Event, None, None]:
    """Check what lies outside of the package: the evidence, and with the model the result."""
    not_asked = Check("run again", "not run", ("It was not asked for (--rerun).",))
    if not asked.evidence and not asked.again:
        yield Checked(Check("evidence", "not run", ("No evidence was given (--evidence FILE).",)))
        yield Checked(not_asked)
        return
    image: SuspectImage | None = None
    try:
        record = package.record()
        path = _find_evidence(record, package.path, asked.evidence)
        problems = _compare_file(record, path)
        if not problems:
            image = read_image(path, max_pixels=record.evidence["width"] * record.evidence["height"])
            problems = _compare_pixels(record, image)
        good = f"{path} is the file of the record, and its pixels are the same."
        yield Checked(Check("evidence", "differs" if problems else "equal", problems or (good,)))
    except (
        DataError,
        ImageReadError,
        KeyError,
        TypeError,
    ) as error:  # an altered record: values of another kind
        problems = (str(error),)
        yield Checked(Check("evidence", "not run", problems))
    if not asked.again:
        yield Checked(not_asked)
    elif image is None or problems:
        reason = "Without the evidence nothing can be run again."
        yield Checked(Check("run again", "not run", (reason,)))
    else:
        yield from _run_again(package, record, image, asked)


def _find_evidence(record: AnalysisRecord, package: Path, given: Path | None) -> Path:
    """Return the given file; without one, the file where the record says, else beside the record.

    A record that leaves the folder out says no place: a file of that name where we stand is any file.
    """
    told, beside = recorded_place(record.evidence), package.parent / Path(record.evidence["file_name"]).name
    if given or not told.is_absolute():
        return given or beside
    return told if os.path.lexists(told) or not os.path.lexists(beside) else beside


def _compare_file(record: AnalysisRecord, path: Path) -> tuple[str, ...]:
    """Compare the bytes before they are decoded: an altered file may be no picture any more."""
    with contextlib.suppress(OSError, ValueError):  # reading the picture tells what is wrong
        if path.is_file() and (found := sha256_of_file(path)) != record.evidence["sha256"]:
            return (f"{path} is not the file of the record: its SHA-256 is {found}.",)
    return ()


def _compare_pixels(record: AnalysisRecord, image: SuspectImage) -> tuple[str, ...]:
    if (image.sha256, image.pixels_sha256) != (record.evidence["sha256"], record.evidence["pixels_sha256"]):
        return (f"{image.path} is decoded to other pixels by this machine's libraries.",)
    return ()


def _run_again(
    package: PackageFile, record: AnalysisRecord, image: SuspectImage, asked: Asked
) -> Generator[Event, None, None]:
    try:
        folder = find_recorded_model(record, asked.model)
        parameters, recorded = read_parameters(record), package.localization(record)
        found = yield from rerun(parameters, recorded, image, folder, device=asked.device)
    except (ModelError, DeviceError) as error:
        yield Checked(Check("run again", "not run", (str(error),)))
    except (ConfigError, DataError) as error:  # an altered record: what it says can't be done
        yield Checked(Check("run again", "differs", (error.reason,)))
    else:
        yield Checked(Check("run again", "equal" if found.equal else "differs", (found.sentence,)))
