"""``irlnet bench``: how fast this machine localizes, and how much memory that takes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irlnet_core import files
from irlnet_core.cli.options import add_model_options, parse_number
from irlnet_core.cli.progress_bar import ProgressBar
from irlnet_core.device import peak_memory_bytes
from irlnet_core.errors import DeviceError
from irlnet_core.progress import Event, TileDone, finish

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import LocalizationResult, Localizer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet bench``."""
    add_model_options(parser)
    parser.add_argument(
        "--megapixels",
        type=_positive,
        default=24.0,
        metavar="N",
        help="size of the picture (default: %(default)g)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")


def run(args: argparse.Namespace) -> int:
    """Localize one generated picture, print the figures, and return 0.

    Raises :class:`DeviceError` when the memory does not hold such a picture.
    """
    from irlnet_core.inference.localizer import Localizer

    localizer = Localizer(args.model, device=args.device, precision=args.precision)
    try:
        figures = measure(localizer, args.megapixels)
    except MemoryError as error:
        reason = f"There is not enough memory for a picture of {args.megapixels:g} megapixels."
        raise DeviceError(reason, cure="Name fewer (--megapixels).") from error
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<22} {value}")
    if args.json is not None:
        files.write_json(args.json, figures)
    return 0


def measure(localizer: Localizer, megapixels: float) -> dict[str, Any]:
    """Return the figures of one run on a 3:2 picture of noise; loading the model is not in the time."""
    height = max(1, round((megapixels * 1e6 / 1.5) ** 0.5))
    pixels = np.random.default_rng(0).integers(0, 256, (height, round(height * 1.5), 3), dtype=np.uint8)
    bar = ProgressBar(sys.stderr)
    bar.start("bench")

    def listen(event: Event) -> None:
        if isinstance(event, TileDone):
            bar.update(event.done, event.total)

    result = finish(localizer.localize(pixels), listen)
    bar.clear()
    return {
        "model": localizer.model.card.name,
        "model_sha256": localizer.model.sha256,
        "device": str(result.device),
        "backend": f"{result.backend} {result.torch_version}",
        "threads": result.threads,
        "precision": result.precision,
        **_figures(result, pixels.shape[0] * pixels.shape[1] / 1e6),
    }


def _figures(result: LocalizationResult, megapixels: float) -> dict[str, Any]:
    return {
        "megapixels": round(megapixels, 3),
        "tile": result.plan.tile,
        "overlap": result.plan.overlap,
        "tiles": len(result.plan),
        "batch": result.batch,
        "seconds": round(result.seconds, 3),
        "seconds_per_megapixel": round(result.seconds / megapixels, 4),
        "tiles_per_second": round(len(result.plan) / result.seconds, 3),
        "peak_memory_mib": _peak_memory_mib(),
    }


def _peak_memory_mib() -> float | None:
    peak = peak_memory_bytes()
    return None if peak is None else round(peak / 2**20, 1)


def _positive(text: str) -> float:
    value = parse_number(text)
    if not 0 < value < 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not a number of megapixels above 0 and below 10000")
    return value
