"""``irlnet report``: write the report on a record, a package or a case as PDF and HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from irlnet_core.cli.options import parse_count, refuse_output
from irlnet_core.cli.progress_bar import printable
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area
from irlnet_core.report.choices import DEPTHS, LEAST_DPI, MOST_DPI, OPTIONAL, Choices, Letterhead
from irlnet_core.report.compose import MOST_CLOSELY, choose_scope
from irlnet_core.report.sources import open_source
from irlnet_core.report.texts import list_languages
from irlnet_core.report.write import RENDERERS, choose_targets, read_logo, write_reports

_ENTRIES = {
    "laboratory": "name of the laboratory",
    "address": "its address",
    "examiner": "who examined",
    "reviewer": "who reviews",
    "case-number": "number of the case",
    "request": "what was asked for",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet report``."""
    parser.add_argument("source", type=Path, metavar="RECORD", help="PICTURE.json, NAME.record.zip or a case")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="PATH",
        help="a file that ends in .pdf or .html, or a folder for both; never in or under one with evidence",
    )
    parser.add_argument("--format", choices=list(RENDERERS), help="only this kind in the folder")
    parser.add_argument(
        "--evidence", type=Path, metavar="PATH", help="where the picture is now: the file, or a folder"
    )
    parser.add_argument("--depth", choices=DEPTHS, default="technical", help="default: %(default)s")
    languages = list(list_languages())
    parser.add_argument("--language", choices=languages, default="en", help="default: %(default)s")
    parser.add_argument(
        "--only",
        choices=["all", "found", "marked", "none"],
        help="describe only such pictures of a case closely: with a region, or with a status or an opinion "
        f"of the analyst's (default: all of up to {MOST_CLOSELY} pictures, else the marked ones)",
    )
    for name, meaning in _ENTRIES.items():
        parser.add_argument(f"--{name}", default="", metavar="TEXT", help=meaning)
    parser.add_argument("--logo", type=Path, metavar="FILE", help="PNG or JPEG for the head of the report")
    parser.add_argument(
        "--replaces", default="", metavar="ID", help="id of the report that this one replaces"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=OPTIONAL,
        help="leave out a section; may be repeated",
    )
    parser.add_argument("--no-paths", action="store_true", help="leave out the folders of the evidence")
    parser.add_argument(
        "--blacken",
        type=_parse_area,
        action="append",
        default=[],
        metavar="X,Y,WIDTH,HEIGHT",
        help="blacken an area of one picture in all figures; may be repeated",
    )
    parser.add_argument(
        "--dpi",
        type=parse_count,
        default=0,
        metavar="N",
        help=f"of the figures, {LEAST_DPI} to {MOST_DPI} (default: 300, in a report of many pictures 150)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(args: argparse.Namespace) -> int:
    """Write the report and print its files; 0, or an error."""
    kinds = [args.format] if args.format else list(RENDERERS)
    with open_source(args.source, args.evidence) as source:
        targets = choose_targets(args.output, source.stem, kinds)
        for target in targets:
            refuse_output(target.parent, source.places)
        if args.blacken and source.count != 1:
            raise ConfigError("--blacken is about one picture.", cure="Report on each picture by itself.")
        choices = _choices(args, source.sha256)
        scope = choose_scope(args.only, source.count, source.not_analysed)
        write_reports(targets, source.read(scope.takes), source.count, _letterhead(args), choices, scope)
        for target in targets:
            if source.log:
                source.log(target)
            if not args.quiet:
                print(printable(str(target)))
    return 0


def _choices(args: argparse.Namespace, sha256: str) -> Choices:
    return Choices(
        depth=args.depth,
        language=args.language,
        left_out=frozenset(args.without),
        paths=not args.no_paths,
        blackened={sha256: tuple(args.blacken)} if args.blacken else {},
        amends=args.replaces,
        dpi=args.dpi,
    )


def _letterhead(args: argparse.Namespace) -> Letterhead:
    return Letterhead(
        laboratory=args.laboratory,
        address=args.address,
        logo=read_logo(args.logo) if args.logo else None,
        examiner=args.examiner,
        reviewer=args.reviewer,
        case_number=args.case_number,
        request=args.request,
    )


def _parse_area(text: str) -> Area:
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not X,Y,WIDTH,HEIGHT in pixels") from None
    if x < 0 or y < 0 or width < 1 or height < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no area of a picture")
    return Area(x, y, width, height)
