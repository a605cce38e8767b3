"""What an evaluation leaves in a folder: rows as CSV, a report in Markdown, plots and a contact sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from irlnet_core import files
from irlnet_core.evidence.localization import Localization
from irlnet_core.model.card import ModelCard
from irlnet_core.training.contact_sheet import Gallery, render_contact_sheet
from irlnet_core.training.curves import PrecisionRecall
from irlnet_core.training.evaluation_plots import (
    ALL,
    plot_f1_by_quality,
    plot_false_alarms,
    plot_precision_recall,
)
from irlnet_core.training.summary import Row

_COLUMNS = (
    "set", "variant", "n", "photographs", "F1", "IoU", "mIoU", "AUC", "originals", "false-alarm pictures",
    "false area", "false regions/MP",
)  # fmt: skip
_TITLES = {
    "precision-recall.png": "Precision and recall",
    "f1-by-jpeg-quality.png": "F1 against JPEG quality",
    "false-alarms.png": "False alarms against threshold",
    "contact-sheet.png": "Contact sheet",
}
_WORDS = """\
Scores are means per picture at one threshold. Intervals (95 %) of F1 and AUC draw whole photographs
(bootstrap), those of false-alarm pictures are exact (Clopper–Pearson), over photographs. A *false-alarm
picture* is a pristine one whose regions add up to more than 0.5 % of it; *false area* is the mean share
of pristine pictures above the threshold. Precision–recall curves add up the pixels of all pictures, each
picture weighing the same. A response is not a probability of forgery.
"""


class EvaluationReport:
    """Watches an evaluation (hand :meth:`watch` to it) and then writes what it saw.

    ``shown`` is the variant whose maps and curves are kept: the first that is run.
    """

    def __init__(self, threshold: float, shown: str = "as-is") -> None:
        self.threshold, self.shown = threshold, shown
        self.curves: dict[str, PrecisionRecall] = {}
        self.pooled = PrecisionRecall()
        self.gallery = Gallery(threshold)

    def watch(
        self, row: Row, image: NDArray[np.uint8], truth: NDArray[np.bool_], found: Localization
    ) -> None:
        """See one measured picture; only thumbnails and counts are kept of it."""
        if row.variant != self.shown:
            return
        self.gallery.show(row, image, truth, found)
        if truth.any():
            self.curves.setdefault(row.set_name, PrecisionRecall()).add(found.probability, truth)
            self.pooled.add(found.probability, truth)

    def write(
        self, folder: Path, rows: Sequence[Row], table: Sequence[dict[str, Any]], model: dict[str, Any]
    ) -> list[Path]:
        """Write rows.csv, report.md and the pictures into ``folder``; return the files, each replaced whole.

        ``table`` is the summary's entries, ``model`` has "sha256", "threshold", "device" and the "card".
        """
        curves = self.curves | ({ALL: self.pooled} if len(self.curves) > 1 else {})
        pictures = {
            "precision-recall.png": plot_precision_recall(curves, self.threshold) if curves else None,
            "f1-by-jpeg-quality.png": plot_f1_by_quality(rows),
            "false-alarms.png": plot_false_alarms(rows, self.threshold),
            "contact-sheet.png": _png(render_contact_sheet(self.gallery)),
        }
        contents = {name: data for name, data in pictures.items() if data}
        contents["rows.csv"] = rows_as_csv(rows).encode("utf-8")
        contents["report.md"] = render_markdown(table, model, [n for n in pictures if n in contents]).encode()
        for name, data in contents.items():
            files.write_bytes(folder / name, data)
        for name in pictures.keys() - contents.keys():  # an earlier report's plot would pass for this one's
            (folder / name).unlink(missing_ok=True)
        return [folder / name for name in contents]


def rows_as_csv(rows: Sequence[Row]) -> str:
    """Return one line a picture and variant; what does not apply is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [part.name for part in fields(Row)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.as_dict() for row in rows)
    return text.getvalue()


def render_markdown(table: Sequence[dict[str, Any]], model: dict[str, Any], pictures: Sequence[str]) -> str:
    """Return the report: the model, all figures with their intervals, its marks and limits, the pictures."""
    card: ModelCard = model["card"]
    lines = [f"# Evaluation of {card.name}", ""]
    lines += [f"Weights SHA-256 {model['sha256']}; {model['device']}. {_describe_threshold(model, card)}", ""]
    lines += [_line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *(_line(_cells(row)) for row in table), ""]
    lines += [*_WORDS.splitlines(), "", *_describe_marks(card)]
    if card.limits:
        lines += ["## Limits", "", *(f"- {limit}" for limit in card.limits), ""]
    for name in pictures:
        lines += [f"## {_TITLES[name]}", "", f"![{_TITLES[name]}]({name})", ""]
    return "\n".join(lines)


def _describe_threshold(model: dict[str, Any], card: ModelCard) -> str:
    own = model["threshold"] == card.threshold
    source = f"the card's: {card.threshold_source}" if own else "given for this evaluation, not the card's"
    return f"Threshold {model['threshold']:g} ({source})."


def _describe_marks(card: ModelCard) -> list[str]:
    if not card.operating_points:
        return ["The model was not calibrated.", ""]
    lines = [
        "## Operating points on the card",
        "",
        _line(("threshold", "source", "variant", "alarms", "95 %")),
    ]
    lines += [_line(["---"] * 5)]
    for mark in card.operating_points:
        for row in mark.get("variants", []):
            interval = _span(row["interval"], 100, " %")
            counts = f"{row['alarms']} of {row['groups']}"
            lines.append(
                _line((f"{mark['threshold']:g}", mark.get("source", ""), row["variant"], counts, interval))
            )
    return [*lines, ""]


def _cells(row: dict[str, Any]) -> list[str]:
    alarms = str(row["false_alarm_pictures"])
    if row["false_alarm_interval"]:
        alarms += f" ({_span(row['false_alarm_interval'], 100, ' %')} of photographs)"
    return [
        row["set"],
        row["variant"],
        str(row["pictures"]),
        str(row["photographs"]),
        _with_interval(row["f1"], row["f1_interval"]),
        _value(row["iou"]),
        _value(row["mean_iou"]),
        _with_interval(row["auc"], row["auc_interval"]),
        str(row["originals"]),
        alarms if row["originals"] else "–",
        _value(row["false_alarm_area"]),
        _value(row["false_regions_per_megapixel"]),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_interval(value: float | None, interval: Sequence[float] | None) -> str:
    return _value(value) + (f" ({_span(interval)})" if interval else "")


def _span(interval: Sequence[float], factor: float = 1, unit: str = "") -> str:
    digits = 1 if factor == 100 else 3
    return f"{factor * interval[0]:.{digits}f} to {factor * interval[1]:.{digits}f}{unit}"


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()
