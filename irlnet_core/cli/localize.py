"""``irlnet localize``: mark the inpainted regions of pictures and write the results to a folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from irlnet_core.case.loose_record import write_loose_record
from irlnet_core.case.package import package_name
from irlnet_core.case.signing import SigningKey
from irlnet_core.cli.announcer import Announcer
from irlnet_core.cli.options import (
    add_model_options,
    parse_count,
    parse_threshold,
    parse_tile,
    refuse_output,
)
from irlnet_core.errors import ConfigError, DeviceError, ImageReadError, IrlnetError
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS
from irlnet_core.evidence.export import check_writable, write_results
from irlnet_core.evidence.image import SuspectImage, find_images, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.validity import check_validity, summarize_outside
from irlnet_core.inference.analysis import check_unchanged, choose_threshold, make_record, summarize
from irlnet_core.progress import Note, finish

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet localize``."""
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="pictures, or folders of pictures"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("irlnet-results"),
        metavar="DIR",
        help="folder for the results, never in or under one that holds an input (default: ./%(default)s)",
    )
    add_model_options(parser)
    parser.add_argument(
        "--threshold",
        type=parse_threshold,
        metavar="T",
        help="response from which a pixel is marked, 0 to 1 (default: the model's own)",
    )
    parser.add_argument(
        "--tile",
        type=parse_tile,
        metavar="N",
        help="another tile than the model was made for; stated in the record",
    )
    parser.add_argument(
        "--max-pixels",
        type=parse_count,
        default=DEFAULT_MAX_PIXELS,
        metavar="N",
        help="refuse larger pictures, a guard against decompression bombs (default: %(default)s)",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="write a record to hand on as well, <name>.record.zip, which irlnet verify checks",
    )
    parser.add_argument("--sign", action="store_true", help="sign the record with this user's own key")
    parser.add_argument(
        "--no-paths", action="store_true", help="leave the folder of the evidence out of the record"
    )
    parser.add_argument("--events", choices=["jsonl"], help="print every event as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(args: argparse.Namespace) -> int:
    """Localize every picture; return 0, or 2 when one of them has no results."""
    if not args.record and (args.sign or args.no_paths):
        raise ConfigError(
            "--sign and --no-paths are about the file that --record writes.", cure="Add --record."
        )
    announcer = Announcer(events=args.events == "jsonl", quiet=args.quiet)
    pictures, failed = _find(args.paths, announcer)
    # The pictures too, and not only the folders that were named: a folder may hold links to other places.
    refuse_output(args.output, filter(os.path.exists, [*args.paths, *pictures]))
    try:
        if pictures:
            failed += _localize_all(pictures, args, announcer)
    finally:
        announcer.close()
    return 2 if failed else 0


def _find(paths: Iterable[Path], announcer: Announcer) -> tuple[list[Path], int]:
    """Return all pictures, each once, and the number of places that were missing, closed or empty."""
    found: dict[str, Path] = {}
    refused: list[ImageReadError] = []
    for path in paths:
        before = len(refused)
        pictures = find_images([path], unread=True, refuse=refused.append)
        if not pictures and len(refused) == before:
            cure = "Name a picture or another folder."
            refused.append(ImageReadError("holds no picture.", path=path, cure=cure))
        for picture in pictures:
            found.setdefault(os.path.realpath(picture), picture)
    for error in refused:
        announcer.fail(error.path, error)
    return list(found.values()), len(refused)


def _localize_all(pictures: list[Path], args: argparse.Namespace, announcer: Announcer) -> int:
    """Localize one picture after the other and return how many failed."""
    from irlnet_core.inference.localizer import Localizer

    check_writable(args.output)
    localizer = Localizer(args.model, device=args.device, precision=args.precision)
    failed = 0
    for number, picture in enumerate(pictures, start=1):
        announcer.start(picture, number, len(pictures))
        try:
            _localize(picture, localizer, args, announcer)
        except IrlnetError as error:
            announcer.fail(picture, error)
            failed += 1
    return failed


def _localize(path: Path, localizer: Localizer, args: argparse.Namespace, announcer: Announcer) -> None:
    started = datetime.now(UTC)
    threshold = choose_threshold(localizer.model, args.threshold)
    try:
        image = read_image(path, max_pixels=args.max_pixels)
        outside = summarize_outside(check_validity(localizer.model.card.validity, image))
        if outside:
            announcer.listen(Note(outside))
        result = finish(localizer.localize(image.pixels, tile=args.tile), announcer.listen)
        record = make_record(image, localizer.model, result, threshold, started)
        check_unchanged(image)
        caption = [summarize(record.regions), *result.deviations, *filter(None, [outside])]
        results = write_results(args.output, image, result.localization, record, caption=caption)
        if args.record:
            place = results.record.with_name(package_name(results.record.stem))
            _write_record(place, image, result.localization, record, caption, args)
    except MemoryError as error:
        raise DeviceError(
            "There is not enough memory for this picture.", cure="Close other programs."
        ) from error
    announcer.done(path, record.regions, results)


def _write_record(
    path: Path,
    image: SuspectImage,
    localization: Localization,
    record: AnalysisRecord,
    caption: Sequence[str],
    args: argparse.Namespace,
) -> None:
    from irlnet_core.cli.record_reports import make_reports

    key = SigningKey.load_or_make() if args.sign else None
    write_loose_record(
        path,
        image,
        localization,
        record,
        caption=caption,
        make_reports=make_reports,
        key=key,
        paths=not args.no_paths,
    )
