"""``irlnet compare``: is a fine-tuned model better than its base? Recalibrate it, measure both, say so.

With ``--output DIR`` any two models are compared as they are: what was found is written there, and neither
model is changed.
With ``--events jsonl`` every line of stdout is one event as JSON, the last one ComparisonDone or Failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irlnet_core import files
from irlnet_core.cli.options import parse_device
from irlnet_core.cli.progress_bar import ProgressBar
from irlnet_core.errors import ConfigError, IrlnetError, ModelError
from irlnet_core.evidence.export import check_output
from irlnet_core.model.card import read_card
from irlnet_core.progress import Event, Note, Progress, finish
from irlnet_core.training.finetune_events import ComparisonDone, Failed
from irlnet_core.training.finetune_run_folder import DATA, RunFolder

if TYPE_CHECKING:
    from irlnet_core.data.pairs import Pair
    from irlnet_core.training.compare_models import Comparison

_REMARK = "The held-out pictures also chose the best step, which flatters the new model a little."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet compare``."""
    parser.add_argument("folder", type=Path, metavar="RUN", help="folder of the fine-tuning (or a new model)")
    parser.add_argument("--base", metavar="MODEL", help="model to compare with (default: the run's own base)")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="pairs to measure on (default: the run's held-out ones)",
    )
    parser.add_argument(
        "--clean", type=Path, metavar="DIR", help="authentic photographs that neither model learned from"
    )
    parser.add_argument("--split", default="calibration", help="rows of --clean's manifest, if it has splits")
    parser.add_argument("--device", type=parse_device, default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="change no model: write compare.json and the maps there"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the comparison there too")
    parser.add_argument("--events", choices=["jsonl"], help="print every event as a line of JSON")


def run(args: argparse.Namespace) -> int:
    """Compare, write compare.json (and the verdict into RUN's card); return 0 whatever the verdict."""
    speaker = _Speaker(as_json=args.events == "jsonl")
    try:
        return _compare(args, speaker)
    except IrlnetError as error:
        speaker.fail(error)
        raise


def _compare(args: argparse.Namespace, speaker: _Speaker) -> int:
    speaker.listen(Progress("loading", 0, 0))
    from irlnet_core.model.locate import find_model

    folder = RunFolder(find_model(str(args.folder)) if args.output else args.folder)
    base = _base_of(folder, args.base)
    pairs, remarks = _pairs_of(folder, args.data)
    remarks += _find_learned((base, folder.path), pairs) if args.data else []
    output = RunFolder(args.output) if args.output else folder
    from irlnet_core.data.photographs import find_photographs

    clean = find_photographs(args.clean, split=args.split) if args.clean else []
    evidence = [*(pair.image for pair in pairs), *(photo.path for photo in clean)]
    evidence += [args.clean] if args.clean else []
    check_output(output.path, evidence)
    if args.json:
        check_output(args.json.parent, evidence, option="--json")
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.training.compare_models import compare, write_comparison

    models = Localizer(base, device=args.device), Localizer(folder.path, device=args.device)
    job = compare(*models, pairs, clean, output=output, remarks=remarks, recalibrate=args.output is None)
    found = finish(job, speaker.listen)
    path = write_comparison(output, found, mark=args.output is None)
    if args.json:
        files.write_json(args.json, found.as_dict())
    speaker.close(found, path)
    return 0


def _base_of(folder: RunFolder, wanted: str | None) -> Path:
    from irlnet_core.model.locate import find_model

    if wanted:
        return find_model(wanted)
    try:
        return Path(str(folder.describe()["base"]))
    except (ModelError, KeyError) as error:
        raise ConfigError("--base is needed: this folder tells no base.", path=folder.path) from error


def _pairs_of(folder: RunFolder, data: list[Path] | None) -> tuple[list[Pair], list[str]]:
    """Return the pairs to measure on, and what must be said of them."""
    from irlnet_core.training.finetune_pairs import pairs_in, read_pairs_of

    if data:
        return [pair for place in data for pair in pairs_in(place)], []
    if not (folder.path / DATA).is_file():
        return [], ["There are no held-out pictures: nothing shows whether the new model is better."]
    folders = [Path(place) for place in folder.describe()["data"]]
    return read_pairs_of(folder, folders).validation, [_REMARK]


def _find_learned(models: Sequence[Path], pairs: Sequence[Pair]) -> list[str]:
    """Return a sentence for each model that learned from some of the pictures: there it is flattered."""
    from irlnet_core.training.calibrate_job import trained_on

    hashes = [files.sha256_of_file(pair.image) for pair in pairs]
    told = []
    for model in models:
        known = trained_on(model)
        count = sum(sha256 in known for sha256 in hashes)
        if count:
            told.append(f"{read_card(model).name} learned from {count} of these pictures, which flatters it.")
    return told


class _Speaker:
    """Prints events as JSON lines; or a bar, each note once, and the figures for a person."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar = ProgressBar(sys.stderr, quiet=as_json, unit="picture")
        self._phase = ""
        self._said: set[str] = set()

    def listen(self, event: Event) -> None:
        if isinstance(event, Progress) and not event.total and event.phase != "loading":
            return
        if self._as_json:
            print(json.dumps(event.as_dict()), flush=True)
        elif isinstance(event, Progress) and event.total:
            if event.phase != self._phase:
                self._phase = event.phase
                self._bar.start(event.phase)
            self._bar.update(event.done, event.total)
        elif isinstance(event, Note) and event.message not in self._said:
            self._said.add(event.message)
            self._bar.clear()
            print(f"note: {event.message}", file=sys.stderr)

    def fail(self, error: IrlnetError) -> None:
        self._bar.clear()
        if self._as_json:
            print(json.dumps(Failed(error.reason, error.cure, str(error.path or "")).as_dict()), flush=True)

    def close(self, found: Comparison, path: Path) -> None:
        self._bar.clear()
        if self._as_json:
            print(json.dumps(ComparisonDone(found.verdict, found.reasons, str(path)).as_dict()), flush=True)
            return
        print_table([difference.as_dict() for difference in found.differences])
        print(f"Verdict: {found.verdict}.")
        for line in [*found.reasons, *found.notes]:
            print(f"  {line}")


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the figures of a comparison as an aligned Markdown table."""
    names = ("what", "variant", "measure", "count", "base", "new", "interval", "judgement")
    cells = [list(names), *[[_cell(row[name]) for name in names] for row in rows]]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    cells.insert(1, ["-" * width for width in widths])
    for line in cells:
        print(f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return f"{value[0]:+.3f} to {value[1]:+.3f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
