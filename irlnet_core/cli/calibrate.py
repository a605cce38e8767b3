"""``irlnet calibrate``: measure false alarms on clean photographs and set the model's thresholds by them."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irlnet_core.cli.options import add_model_options
from irlnet_core.cli.progress_bar import ProgressBar
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.export import check_output, check_writable
from irlnet_core.progress import Event, Note, Progress, finish

if TYPE_CHECKING:
    from irlnet_core.data.photographs import Photograph
    from irlnet_core.model.card import ModelCard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet calibrate``."""
    parser.add_argument(
        "--photos",
        type=Path,
        required=True,
        metavar="DIR",
        help="clean photographs that the model was not trained on",
    )
    parser.add_argument(
        "--split",
        default="calibration",
        help="rows of the folder's manifest.csv to use, when it names splits (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="MODEL_DIR",
        help="model folder to write; the model's own folder replaces its card",
    )
    parser.add_argument(
        "--variants",
        nargs="+",
        default=["as-is", "jpeg90", "jpeg75", "half"],
        metavar="V",
        help="what the pictures go through before they are judged at the marks (default: %(default)s)",
    )
    add_model_options(parser)
    parser.add_argument("--events", choices=["jsonl"], help="print every event as a line of JSON")


def run(args: argparse.Namespace) -> int:
    """Calibrate; return 0. Nothing is written before all pictures were measured."""
    from irlnet_core.data.photographs import find_photographs
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.training.calibrate_job import calibrate
    from irlnet_core.training.calibrated_card import check_free, write_calibrated
    from irlnet_core.training.variants import check_variants

    variants = check_variants(args.variants)
    photographs = find_photographs(args.photos, split=args.split)
    # The pictures too, and not only the folder that was named: it may hold links, or name other places.
    check_output(args.output, [args.photos, *(photo.path for photo in photographs)])
    localizer = Localizer(args.model, device=args.device, precision=args.precision)
    if args.output.resolve() != localizer.model.folder.resolve():
        check_free(args.output, localizer.model)
    name = _name_set(args.photos, args.split, photographs)
    check_writable(args.output)
    speaker = _Speaker(as_json=args.events == "jsonl")
    try:
        job = calibrate(photographs, localizer, set_name=name, variants=variants)
        card = write_calibrated(args.output, localizer.model, finish(job, speaker.listen))
    finally:
        with contextlib.suppress(OSError):  # it is empty only if nothing was written
            args.output.rmdir()
    speaker.close(card, args.output)
    return 0


class _Speaker:
    """Prints a job's events as JSON lines, or a bar, each note once, and the marks for a person."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar = ProgressBar(sys.stderr, quiet=as_json, unit="picture")
        self._phase = ""
        self._said: set[str] = set()

    def listen(self, event: Event) -> None:
        if self._as_json:
            print(json.dumps(event.as_dict()), flush=True)
        elif isinstance(event, Progress):
            if event.phase != self._phase:
                self._phase = event.phase
                self._bar.start(event.phase)
            self._bar.update(event.done, event.total)
        elif isinstance(event, Note) and event.message not in self._said:
            self._said.add(event.message)
            self._bar.clear()
            print(f"note: {event.message}", file=sys.stderr)

    def close(self, card: ModelCard, output: Path) -> None:
        self._bar.clear()
        if self._as_json:
            told = {"event": "Calibrated", "output": str(output), "threshold": card.threshold}
            print(json.dumps({**told, "operating_points": card.operating_points}), flush=True)
            return
        for mark in card.operating_points:
            print_mark(mark)
        print(f"Default threshold {card.threshold:g}, written to {output}")


def print_mark(mark: dict[str, Any]) -> None:
    """Print an operating point of a card, with one line for each variant."""
    label = ": fewer than five false alarms are expected" if mark["indicative"] else ""
    print(f"threshold {mark['threshold']:g}: {mark['source']}{label}")
    for row in mark["variants"]:
        low, high = (100 * bound for bound in row["interval"])
        print(
            f"  {row['variant']:<10} {row['alarms']} of {row['groups']} alarm, 95 % interval "
            f"{low:.1f} to {high:.1f} %, {row['false_regions_per_megapixel']:g} false regions per megapixel"
        )


def _name_set(folder: Path, split: str, photographs: list[Photograph]) -> str:
    """Name the set by its folder, and by the split if the manifest tells one."""
    if not folder.resolve().name:
        raise ConfigError("has no name that a threshold's source could give.", path=folder)
    told = any(photo.split for photo in photographs)
    return f"{folder.resolve().name} ({split})" if told else folder.resolve().name
