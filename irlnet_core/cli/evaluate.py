"""``irlnet evaluate``: measure a model on folders of forgeries with their true masks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irlnet_core import files
from irlnet_core.cli.check_data import pictures_in
from irlnet_core.cli.options import add_model_options, parse_threshold
from irlnet_core.cli.progress_bar import ProgressBar
from irlnet_core.evidence.export import check_output
from irlnet_core.progress import Event, Progress, finish

if TYPE_CHECKING:
    from irlnet_core.training.summary import Row

_COLUMNS = (
    ("set", "set"), ("variant", "variant"), ("pictures", "n"), ("f1", "F1"), ("iou", "IoU"),
    ("mean_iou", "mIoU"), ("auc", "AUC"), ("originals", "originals"),
    ("false_alarm_pictures", "false alarms"), ("false_alarm_area", "false area"),
    ("false_regions_per_megapixel", "false regions/MP"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet evaluate``."""
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR",
        help="folders with images/, masks/, originals/",
    )
    add_model_options(parser)
    parser.add_argument("--threshold", type=parse_threshold, metavar="T", help="instead of the model's own")
    parser.add_argument(
        "--variants", nargs="+", default=["as-is"], metavar="V", help="as-is jpeg90 jpeg80 …, or all"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write rows.csv, report.md, plots and a contact sheet there",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rows and figures there")


def run(args: argparse.Namespace) -> int:
    """Evaluate, print a table; return 0."""
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.training.evaluate import evaluate
    from irlnet_core.training.evaluation_report import EvaluationReport
    from irlnet_core.training.summary import pool, summarize, summarize_part
    from irlnet_core.training.variants import check_variants

    variants = check_variants(args.variants)
    evidence = pictures_in(args.data)
    if args.output:
        check_output(args.output, evidence)
    if args.json:
        check_output(args.json.parent, evidence, option="--json")
    localizer = Localizer(args.model, device=args.device, precision=args.precision)
    card = localizer.model.card
    threshold = card.threshold if args.threshold is None else args.threshold
    report = EvaluationReport(threshold, shown=variants[0])
    rows = _run(evaluate(args.data, localizer, threshold, variants, report.watch if args.output else None))
    table = summarize(rows)
    if len(args.data) > 1:
        for variant in variants:
            part = pool(row for row in rows if row.variant == variant)
            table.append({"set": "all", "variant": variant, **summarize_part(part)})
    print(
        f"Model {card.name} ({localizer.model.sha256[:12]}…), threshold {threshold}, {localizer.device.name}"
    )
    print_table(table)
    if args.output:
        facts = {"sha256": localizer.model.sha256, "threshold": threshold, "device": localizer.device.name}
        report.write(args.output, rows, table, {**facts, "card": card})
        print(f"Rows, report, plots and contact sheet are in {args.output}")
    if args.json:
        model = {"name": card.name, "sha256": localizer.model.sha256, "threshold": threshold}
        files.write_json(
            args.json, {"model": model, "summary": table, "rows": [row.as_dict() for row in rows]}
        )
    return 0


def _run(job: Generator[Event, None, list[Row]]) -> list[Row]:
    bar = ProgressBar(sys.stderr, unit="picture")

    def show(event: Event) -> None:
        if isinstance(event, Progress):
            if event.done == 1:
                bar.start(event.phase)
            bar.update(event.done, event.total)

    rows = finish(job, show)
    bar.clear()
    return rows


def print_table(table: list[dict[str, Any]]) -> None:
    """Print figures as an aligned Markdown table."""
    cells = [[title for _, title in _COLUMNS]]
    cells += [["–" if row[key] is None else str(row[key]) for key, _ in _COLUMNS] for row in table]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    cells.insert(1, ["-" * width for width in widths])
    for line in cells:
        row = " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(f"| {row} |\n")
