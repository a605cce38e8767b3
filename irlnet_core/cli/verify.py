"""``irlnet verify``: is a record whole, does it belong to this evidence, and does it come out again?"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from irlnet_core.case.audit import ChainHead
from irlnet_core.case.connection import is_case
from irlnet_core.case.package_check import Check
from irlnet_core.case.signing import MEANING
from irlnet_core.cli.options import parse_device
from irlnet_core.cli.progress_bar import ProgressBar, printable
from irlnet_core.errors import ConfigError, DataError
from irlnet_core.inference.check_record import Asked, check_case_file, check_record
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
  2    the evidence or the model is not there, or the file is no record and no case of this program
  64   wrong usage
  70   the program itself failed: nothing is known of the result"""


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
        help="the audit log's length and head hash in a record or report",
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
    return check_case_file(args.record, args.against)


def _check_record(args: argparse.Namespace) -> list[Check]:
    bar = ProgressBar(sys.stderr, quiet=args.json)
    bar.start(args.record.name)

    def show(event: Event) -> None:
        if isinstance(event, TileDone):
            bar.update(event.done, event.total)

    try:
        asked = Asked(args.evidence, args.rerun, args.model, args.device, args.against)
        return finish(check_record(args.record, asked), show)
    finally:
        bar.clear()


def _print(path: Path, checks: list[Check]) -> None:
    print(printable(str(path)))
    width = max(len(check.name) for check in checks)
    for check in checks:
        for sentence in check.sentences:
            print(printable(f"  {check.state:<7}  {check.name:<{width}}  {sentence}"))
    if any(check.name == "signature" and check.state == "equal" for check in checks):
        print(MEANING)
