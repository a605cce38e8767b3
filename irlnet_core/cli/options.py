"""Options and value types that several sub-commands share; a wrong value is wrong usage."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from irlnet_core.errors import ConfigError, OutputError
from irlnet_core.evidence.export import check_output
from irlnet_core.inference.tiling import MOST_SIDE


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--model``, ``--device`` and ``--precision``."""
    parser.add_argument(
        "--model",
        metavar="NAME_OR_DIR",
        help="model at hand or model folder (default: the one that irlnet models default chose, "
        'else "fast", else "base", else the first)',
    )
    parser.add_argument(
        "--device", type=parse_device, default="auto", help="auto, cpu, cuda or cuda:N (default: %(default)s)"
    )
    parser.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        default="float32",
        help="bfloat16 is faster and less exact (default: %(default)s)",
    )


def refuse_output(output: Path, evidence: Iterable[Path], *, option: str = "--output") -> None:
    """Refuse a folder in or under one that holds evidence: :class:`ConfigError` naming the ``option``."""
    try:
        check_output(output, evidence, option=option)
    except OutputError as error:
        raise ConfigError(error.reason, path=error.path, cure=error.cure) from error


def parse_device(text: str) -> str:
    """Return the name of a device if it can be one."""
    if not re.fullmatch(r"auto|cpu|cuda(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not auto, cpu, cuda or cuda:N")
    return text


def parse_threshold(text: str) -> float:
    """Return a response from 0 to 1."""
    value = parse_number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def parse_tile(text: str) -> int:
    """Return the side of a tile: a multiple of 8 from 32 to the largest that a record may tell of."""
    value = parse_number(text)
    if not 32 <= value <= MOST_SIDE or value % 8:
        raise argparse.ArgumentTypeError(f"{text} is not a multiple of 8 from 32 to {MOST_SIDE}")
    return int(value)


def parse_count(text: str) -> int:
    """Return a whole number from 1 on; 5e8 will do."""
    value = parse_number(text)
    if value < 1 or value % 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(value)


def parse_number(text: str) -> float:
    """Return a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return value
