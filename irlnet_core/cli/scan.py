"""``irlnet scan``: a folder of pictures into a case, without a screen; started again, it goes on."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from irlnet_core.case.case_file import CaseFile
from irlnet_core.cli.options import add_model_options, parse_count, refuse_output
from irlnet_core.cli.progress_bar import printable
from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS
from irlnet_core.evidence.image import find_images
from irlnet_core.inference.scan import Scanned, scan

DONE, INCOMPLETE, FOUND = 0, 8, 20
_EXIT_CODES = """exit codes:
  0    every picture is in the case with a result
  8    a picture, or a place, could not be read or analysed; the others are in the case
  20   with --fail-on-region: a region was found, and nothing was left out
  2    the case can't be opened or written, or there is no model
  64   wrong usage
  70   the program itself failed: nothing is known of the result
  130  stopped with Ctrl-C; what was told is in the case, and the same command goes on"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet scan``."""
    parser.epilog, parser.formatter_class = _EXIT_CODES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of pictures, searched to its depth")
    parser.add_argument(
        "--case",
        type=Path,
        required=True,
        metavar="FILE",
        help="case file (.irlcase), made if it is not there, never in or under DIR",
    )
    add_model_options(parser)
    parser.add_argument(
        "--fail-on-region", action="store_true", help="end with 20 when a region is found in any picture"
    )
    parser.add_argument(
        "--workers",
        type=parse_count,
        default=1,
        metavar="N",
        help="pictures at a time, each with a network and its share of the cores (default: %(default)s)",
    )
    parser.add_argument("--max-pixels", type=parse_count, default=DEFAULT_MAX_PIXELS, metavar="N",
                        help="refuse larger pictures (default: %(default)s)")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Analyse what is not in the case yet, print a line of JSON for each picture; return 0, 8 or 20."""
    refused: list[ImageReadError] = []
    pictures = find_images([args.folder], unread=True, refuse=refused.append)
    # The pictures too: a folder may hold links to other places.
    there = filter(os.path.exists, [args.folder, *pictures])
    refuse_output(args.case.absolute().parent, there, option="--case")
    for place in refused:
        _tell_failure(place.path, place)
    with _open(args.case) as case:
        failed, found = _scan(case, pictures, args)
    if not pictures and not refused:
        print(printable(f"irlnet: {args.folder}: holds no picture."), file=sys.stderr)
    if failed or refused:
        return INCOMPLETE
    return FOUND if found and args.fail_on_region else DONE


def _open(path: Path) -> CaseFile:
    if path.exists():
        return CaseFile.open(path)
    return CaseFile.create(path, title=path.stem)


def _scan(case: CaseFile, pictures: Iterable[Path], args: argparse.Namespace) -> tuple[int, int]:
    """Return how many pictures failed, and in how many a region was found."""
    failed = found = 0
    job = scan(
        case,
        list(pictures),
        model=args.model,
        device=args.device,
        precision=args.precision,
        workers=args.workers,
        max_pixels=args.max_pixels,
    )
    for event in job:
        if not isinstance(event, Scanned):
            continue
        _tell(event)
        failed += event.state == "failed"
        found += event.regions > 0
    return failed, found


def _tell(event: Scanned) -> None:
    data = {key: value for key, value in event.as_dict().items() if key != "event"}
    print(json.dumps(data), flush=True)
    if event.state == "failed":
        print(printable(f"irlnet: {event.path}: {event.reason}"), file=sys.stderr, flush=True)


def _tell_failure(path: Path | None, error: ImageReadError) -> None:
    _tell(Scanned(str(path or ""), "failed", reason=error.reason, cure=error.cure))
