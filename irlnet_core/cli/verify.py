"""``irlnet verify``: is a record whole, does it belong to this evidence, and does it come out again?"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from irlnet_core.case.audit import LIMIT, ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import is_case
from irlnet_core.case.package_check import Check, check_package
from irlnet_core.case.package_file import PackageFile, open_package
from irlnet_core.case.signing import MEANING
from irlnet_core.cli.options import parse_device
from irlnet_core.cli.progress_bar import ProgressBar, printable
from irlnet_core.errors import ConfigError, DataError, DeviceError, ImageReadError, ModelError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.inference.rerun import find_recorded_model, rerun
from irlnet_core.progress import Event, TileDone, finish

EQUAL, DIFFERS, CANNOT_CHECK = 0, 1, 2
_SENTENCES = {
    EQUAL: "Everything that was checked is as it was recorded.",
    DIFFERS: "Not everything is as it was recorded.",
    CANNOT_CHECK: "What was checked is as it was recorded; the rest of what was asked for could not be.",
}
_EXIT_CODES = """exit codes:
  0    everything that was asked for was checked and is equal
  1    something was altered, is unreadable or missing, or comes out differently; it is named
  2    the evidence or the model is not there, or the file is no record and no case
  64   wrong usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet verify``."""
    parser.epilog, parser.formatter_class = _EXIT_CODES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("record", type=Path, metavar="RECORD.zip", help="a record, or a case (.irlcase)")
    parser.add_argument("--evidence", type=Path, metavar="FILE", help="the picture that the record is about")
    parser.add_argument(
        "--rerun", action="store_true", help="analyse the evidence again with the recorded parameters"
    )
    parser.add_argument(
        "--model",
        metavar="NAME_OR_DIR",
        help="model for --rerun (default: the one with the recorded weights)",
    )
    parser.add_argument(
        "--device", type=parse_device, help="device for --rerun (default: the recorded one, if it is there)"
    )
    parser.add_argument(
        "--against",
        type=_parse_head,
        metavar="LENGTH:HASH",
        help="of a case: the audit log's length and head hash in a record or report",
    )
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")


def run(args: argparse.Namespace) -> int:
    """Print every check; return 0, 1 or 2 as told by the help."""
    checks = _check_case(args) if is_case(args.record) else _check_record(args)
    code = _judge(checks, args)
    if args.json:
        print(json.dumps([check.as_dict() for check in checks], indent=2))
    else:
        _print(args.record, checks)
        print(_SENTENCES[code])
    return code


def _judge(checks: list[Check], args: argparse.Namespace) -> int:
    if any(check.state == "differs" for check in checks):
        return DIFFERS
    asked = {"evidence": bool(args.evidence or args.rerun), "run again": args.rerun}
    left = [check for check in checks if check.state == "not run" and asked.get(check.name)]
    return CANNOT_CHECK if left else EQUAL


def _parse_head(text: str) -> ChainHead:
    try:
        return ChainHead.parse(text)
    except DataError as error:
        raise argparse.ArgumentTypeError(error.reason) from error


def _check_case(args: argparse.Namespace) -> list[Check]:
    if args.evidence or args.rerun:
        raise ConfigError("--evidence and --rerun are for a record, not for a case.", path=args.record)
    try:
        with CaseFile.open(args.record, read_only=True) as case:
            problems, head = case.verify(args.against), case.head
    except DataError as error:
        return [Check("case", "differs", (str(error),))]
    if problems:
        return [Check("case", "differs", tuple(problems))]
    told = f"The audit log has {head.length} entries, head {head.head}; every row is as it was logged."
    return [Check("case", "equal", (told,)), *_check_tail(args.against)]


def _check_tail(printed: ChainHead | None) -> list[Check]:
    if printed is None:
        reason = f"No printed length and head were given (--against). {LIMIT}"
        return [Check("end of the log", "not run", (reason,))]
    return [Check("end of the log", "equal", (f"Entry {printed.length} has the hash that was printed.",))]


def _check_record(args: argparse.Namespace) -> list[Check]:
    package = open_package(args.record)
    return [*check_package(package), *_check_outside(package, args)]


def _check_outside(package: PackageFile, args: argparse.Namespace) -> Iterator[Check]:
    """Check what lies outside of the package: the evidence, and with the model the result."""
    if not args.evidence and not args.rerun:
        yield Check("evidence", "not run", ("No evidence was given (--evidence FILE).",))
        yield Check("run again", "not run", ("It was not asked for (--rerun).",))
        return
    image: SuspectImage | None = None
    try:
        record = package.record()
        image = _read_evidence(record, args)
        problems = _compare_evidence(record, image)
        good = f"{image.path} is the file of the record, and its pixels are the same."
        yield Check("evidence", "differs" if problems else "equal", problems or (good,))
    except (DataError, ImageReadError) as error:
        problems = (str(error),)
        yield Check("evidence", "not run", problems)
    if not args.rerun:
        yield Check("run again", "not run", ("It was not asked for (--rerun).",))
    elif image is None or problems:
        yield Check("run again", "not run", ("Without the evidence nothing can be run again.",))
    else:
        yield _run_again(package, record, image, args)


def _read_evidence(record: AnalysisRecord, args: argparse.Namespace) -> SuspectImage:
    """Read the given file; without one, the file where the record says, else beside the record."""
    evidence = record.evidence
    recorded = Path(evidence["path"])
    beside = Path(args.record).parent / Path(evidence["file_name"]).name
    places = [args.evidence] if args.evidence else [recorded, beside]
    path = next((place for place in places if os.path.lexists(place)), places[0])
    return read_image(path, max_pixels=evidence["width"] * evidence["height"])


def _compare_evidence(record: AnalysisRecord, image: SuspectImage) -> tuple[str, ...]:
    if image.sha256 != record.evidence["sha256"]:
        return (f"{image.path} is not the file of the record: its SHA-256 is {image.sha256}.",)
    if image.pixels_sha256 != record.evidence["pixels_sha256"]:
        return (f"{image.path} is decoded to other pixels by this machine's libraries.",)
    return ()


def _run_again(
    package: PackageFile, record: AnalysisRecord, image: SuspectImage, args: argparse.Namespace
) -> Check:
    bar = ProgressBar(sys.stderr, quiet=args.json)
    bar.start(image.path.name)

    def show(event: Event) -> None:
        if isinstance(event, TileDone):
            bar.update(event.done, event.total)

    try:
        folder = find_recorded_model(record, args.model)
        recorded = package.localization(record)
        found = finish(rerun(record, recorded, image, folder, device=args.device), show)
    except (ModelError, DeviceError) as error:
        return Check("run again", "not run", (str(error),))
    except DataError as error:
        return Check("run again", "differs", (error.reason,))
    finally:
        bar.clear()
    return Check("run again", "equal" if found.equal else "differs", (found.sentence,))


def _print(path: Path, checks: list[Check]) -> None:
    print(printable(str(path)))
    width = max(len(check.name) for check in checks)
    for check in checks:
        for sentence in check.sentences:
            print(printable(f"  {check.state:<7}  {check.name:<{width}}  {sentence}"))
    if any(check.name == "signature" and check.state == "equal" for check in checks):
        print(MEANING)
