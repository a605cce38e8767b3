"""The plots of an evaluation as PNG bytes: the only file that draws with matplotlib, and without a screen."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from irlnet_core.training.curves import PrecisionRecall
from irlnet_core.training.summary import Row, pool

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colour-blind-safe set, and another dash for every round of it.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_DASHES = ("-", "--", ":", "-.")
_POOLED: dict[str, Any] = {"color": "#000000", "linewidth": 2.2}
ALL = "all sets"


def plot_precision_recall(curves: Mapping[str, PrecisionRecall], threshold: float) -> bytes:
    """Draw one line a set, with a dot at the model's threshold."""
    figure, axes = _new_plot("Recall", "Precision")
    for number, (name, curve) in enumerate(curves.items()):
        thresholds, precision, recall = curve.curve()
        label = f"{name} (n={curve.pictures})"
        style = _POOLED if name == ALL else _style(number)
        axes.plot(recall, precision, label=label, **style)
        at = np.searchsorted(thresholds, threshold)
        if at < len(thresholds):
            axes.plot(recall[at], precision[at], "o", color=style["color"])
    axes.set(xlim=(0, 1.01), ylim=(0, 1.01), title=f"Pixels of all pictures; dot: threshold {threshold:.4g}")
    return _finish(figure, axes)


def plot_f1_by_quality(rows: Sequence[Row]) -> bytes | None:
    """Draw the mean F1 of each set against JPEG quality, "as-is" leftmost; None without JPEG variants."""
    found = {row.variant for row in rows if row.kind == "forged"}
    qualities = sorted((int(name[4:]) for name in found if re.fullmatch(r"jpeg\d+", name)), reverse=True)
    if not qualities:
        return None
    order = [name for name in ("as-is", *(f"jpeg{quality}" for quality in qualities)) if name in found]
    figure, axes = _new_plot("JPEG quality of the last save", "F1, mean per picture")
    for number, name in enumerate(_sets(rows)):
        means = [_mean_f1([row for row in rows if (row.set_name, row.variant) == (name, v)]) for v in order]
        axes.plot(range(len(order)), means, marker="o", label=name, **_style(number))
    if len(_sets(rows)) > 1:
        means = [_mean_f1([row for row in rows if row.variant == v]) for v in order]
        axes.plot(range(len(order)), means, marker="o", label=ALL, **_POOLED)
    axes.set_xticks(range(len(order)), [name.removeprefix("jpeg") for name in order])
    axes.set(ylim=(0, 1.01), title="What recompression leaves, at one threshold")
    return _finish(figure, axes)


def plot_false_alarms(rows: Sequence[Row], threshold: float) -> bytes | None:
    """Draw the share of pristine pictures that alarm against the threshold, by variant; None without any.

    A picture that stands in several sets counts once.
    """
    levels: dict[str, list[float]] = {}
    for row in pool(rows):
        if row.kind == "original":
            levels.setdefault(row.variant, []).append(row.level)
    if not levels:
        return None
    figure, axes = _new_plot("Threshold", "False-alarm pictures (%)")
    for number, (variant, values) in enumerate(levels.items()):
        steps = np.concatenate([[0.0], np.sort(values)])  # at its level a picture has gone quiet
        share = 100 * (1 - np.arange(len(steps)) / len(values))
        steps, share = np.append(steps, 1.0), np.append(share, share[-1])
        axes.step(steps, share, where="post", label=f"{variant} (n={len(values)})", **_style(number))
    axes.axvline(threshold, color="#777777", linewidth=1)
    axes.axhline(5, color="#777777", linewidth=0.6, linestyle=":")
    title = f"Pristine pictures; upright line: threshold {threshold:.4g}, dotted: 5 %"
    axes.set(xlim=(0, 1), ylim=(0, 101), title=title)
    return _finish(figure, axes)


def _new_plot(x: str, y: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # without pyplot, so it needs no screen and keeps no state

    figure = Figure(figsize=(7, 4.5), dpi=140, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=x, ylabel=y)
    axes.grid(visible=True, linewidth=0.3)
    return figure, axes


def _style(number: int) -> dict[str, Any]:
    rounds, colour = divmod(number, len(_COLOURS))
    return {"color": _COLOURS[colour], "linestyle": _DASHES[rounds % len(_DASHES)]}


def _finish(figure: Figure, axes: Axes) -> bytes:
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": "irlnet"})
    return buffer.getvalue()


def _sets(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.set_name for row in rows if row.kind == "forged"))


def _mean_f1(rows: Sequence[Row]) -> float:
    values = [row.f1 for row in rows if row.f1 == row.f1]  # not NaN
    return float(np.mean(values)) if values else float("nan")
