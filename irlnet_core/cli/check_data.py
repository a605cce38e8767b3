"""``irlnet train --data DIR --check``: show what can be learned from a folder, and train nothing."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from irlnet_core import files
from irlnet_core.cli.progress_bar import ProgressBar, printable
from irlnet_core.data.check_report import describe_check
from irlnet_core.data.data_sets import CheckOptions, check_folders, place_sets
from irlnet_core.data.frozen_set import FrozenSet
from irlnet_core.data.pair_check import DataCheck
from irlnet_core.data.photographs import find_photographs
from irlnet_core.errors import ConfigError, DataError
from irlnet_core.evidence.export import check_output
from irlnet_core.evidence.image import find_images
from irlnet_core.progress import Event, Progress, finish

R = TypeVar("R")

_UNUSABLE = 2
_SHA256 = re.compile(r"\b[0-9a-fA-F]{64}\b")
_COLUMNS = ("picture", "mask", "convention", "size", "marked", "split", "notes")


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what concerns the folders of ``--data``."""
    parser.add_argument(
        "--check", action="store_true", help="only show which pairs of --data are usable, and what is not"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="with --check: write the result there")
    parser.add_argument(
        "--authentic", action="store_true", help="pictures of --data without a mask are authentic"
    )
    parser.add_argument(
        "--fix",
        nargs="+",
        choices=["turn", "invert", "keep"],
        default=[],
        help="masks that fit only after the orientation flag: turn; mostly white masks: invert, or keep",
    )
    parser.add_argument(
        "--evidence",
        type=Path,
        metavar="SUMS",
        help="SHA-256 sums of files of --data and --photos that must not be learned from",
    )
    parser.add_argument(
        "--frozen", type=Path, metavar="FILE", help="learn from --data as it was frozen in this data.json"
    )


def read_check_options(args: argparse.Namespace) -> CheckOptions:
    """Return the options of a check. Raises :class:`ConfigError` for what cannot go together."""
    if {"invert", "keep"} <= set(args.fix):
        raise ConfigError("--fix takes invert or keep, not both.")
    if args.json and not args.check:
        raise ConfigError("--json needs --check.")
    if (args.check or args.frozen) and len(args.data or ()) != 1:
        raise ConfigError("--check and --frozen need one folder with --data.")
    if args.check and args.frozen:
        raise ConfigError("--check looks at the folder as it is now: leave --frozen out.")
    return CheckOptions(args.authentic, tuple(args.fix), _read_sums(args.evidence))


def run_check(args: argparse.Namespace) -> int:
    """Check a folder and print the table; return 0 when a pair is usable, else 2."""
    options, folder = read_check_options(args), args.data[0]
    if args.json:
        check_output(args.json.parent, pictures_in([folder]), option="--json")
    check = show_progress(check_folders([folder], options))[0]
    report = describe_check(check)
    _print_table(report["pairs"])
    for problem in report["problems"]:
        print(printable(f"{problem['file']}: {problem['reason']}"))
    print(_summarize(check, len(report["problems"])))
    if args.json:
        files.write_json(args.json, report)
    return 0 if check.usable else _UNUSABLE


def pictures_in(data: Iterable[Path], photos: Path | None = None) -> list[Path]:
    """Return the folders and all pictures that they hold or name, which may lie elsewhere: the evidence."""
    folders = list(data)
    found = [*folders, *find_images(folders, refuse=lambda _: None)]
    if photos:
        found += [photos, *(photo.path for photo in find_photographs(photos, split="train"))]
    return found


def show_progress(job: Generator[Event, None, R]) -> R:
    """Run a job over files with a bar for people at a terminal, and return its result."""
    bar = ProgressBar(sys.stderr, unit="pair")
    bar.start("checking")

    def show(event: Event) -> None:
        if isinstance(event, Progress):
            bar.update(event.done, event.total)

    try:
        return finish(job, show)
    finally:
        bar.clear()


def write_sets(sets: Sequence[FrozenSet], output: Path) -> None:
    """Write the frozen sets into a model folder: ``data.json``, then ``data-2.json`` and so on."""
    for part, place in zip(sets, place_sets(output, len(sets)), strict=True):
        part.write(place)


def _read_sums(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        return frozenset(text.lower() for text in _SHA256.findall(path.read_text("utf-8", "replace")))
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}).", path=path, cure="Check --evidence.") from error


def _print_table(pairs: list[dict[str, Any]]) -> None:
    if not pairs:
        return
    cells = [list(_COLUMNS)] + [[printable(text) for text in _cells(pair)] for pair in pairs]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cells(pair: dict[str, Any]) -> list[str]:
    size, marked = f"{pair['width']}x{pair['height']}", f"{100 * pair['marked']:.2f} %"
    notes = "; ".join([pair["levels"], *pair["notes"]] if pair["levels"] else pair["notes"])
    return [pair["image"], pair["mask"] or "–", pair["convention"], size, marked, pair["split"], notes]


def _summarize(check: DataCheck, problems: int) -> str:
    usable = check.usable
    held = sum(row.side == "validation" for row in usable)
    sources = len({row.group for row in usable})
    return (
        f"{len(usable)} usable of {len(check.rows)} pairs ({sources} source pictures, {held} pairs for "
        f"validation); {problems} files that cannot be used."
    )
