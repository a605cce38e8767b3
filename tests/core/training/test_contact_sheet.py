"""Which maps are shown, and the curves and plots beside them."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from irlnet_core.evidence.localization import Localization
from irlnet_core.training.contact_sheet import Gallery, render_contact_sheet
from irlnet_core.training.curves import PrecisionRecall
from irlnet_core.training.evaluation_plots import plot_f1_by_quality, plot_false_alarms
from irlnet_core.training.metrics import count
from irlnet_core.training.summary import Row

NAN = float("nan")


def row(
    name: str, f1: float = NAN, *, listed: float = 0.0, variant: str = "as-is", level: float = NAN
) -> Row:
    kind = "original" if np.isnan(f1) else "forged"
    scores = (f1, f1, f1, f1, f1, f1)
    return Row("set", variant, name, kind, name, 60, 40, 0.1, *scores, listed, listed, 1, level)


def show(gallery: Gallery, *rows: Row) -> None:
    image, truth = np.full((40, 60, 3), 90, np.uint8), np.zeros((40, 60), bool)
    truth[5:15, 5:15] = True
    for one in rows:
        found = Localization(np.full((40, 60), 0.2, np.float32))
        gallery.show(one, image, truth if one.kind == "forged" else np.zeros_like(truth), found)


def names(gallery: Gallery, part: str) -> list[str]:
    return [shot.row.name for shot in gallery.shots(part)]


def test_the_best_the_worst_and_the_largest_false_alarms_are_kept_in_order() -> None:
    gallery = Gallery(0.5, kept=2)
    show(gallery, *(row(f"f{score}", score / 10) for score in (5, 1, 9, 3, 7)))
    show(gallery, *(row(f"clean{share}", listed=share / 1000) for share in (5, 80, 6, 20)))

    assert names(gallery, "best") == ["f9", "f7"]
    assert names(gallery, "worst") == ["f1", "f3"]
    assert names(gallery, "false alarms") == ["clean80", "clean20"]


def test_the_sheet_shows_picture_truth_and_map_and_says_when_there_is_nothing() -> None:
    gallery = Gallery(0.5)
    empty = render_contact_sheet(gallery)
    show(gallery, row("a", 0.4))
    sheet = render_contact_sheet(gallery)

    assert sheet.shape[1] == empty.shape[1]
    assert len(sheet) > len(empty)
    for colour in ((90, 90, 90), (255, 255, 255), (64, 67, 135)):  # picture, truth, viridis at 0.2
        assert (np.abs(sheet.astype(int) - colour).max(axis=2) < 6).sum() > 200


def test_the_curve_agrees_with_counts_at_each_threshold() -> None:
    rng = np.random.default_rng(0)
    response, truth = rng.random((50, 40), np.float32), rng.random((50, 40)) < 0.3
    curve = PrecisionRecall()
    curve.add(response, truth)
    thresholds, precision, recall = curve.curve()

    for place in (0, 250, 700, len(thresholds) - 1):
        counts = count(response >= np.float32(thresholds[place]), truth)
        assert precision[place] == pytest.approx(counts.precision)
        assert recall[place] == pytest.approx(counts.recall)


def test_a_large_picture_weighs_as_much_as_a_small_one() -> None:
    curve = PrecisionRecall()
    for side, response in ((100, 1.0), (10, 0.0)):
        truth = np.zeros((side, side), bool)
        truth[: side // 2] = True
        curve.add(np.full((side, side), response, np.float32), truth)
    thresholds, _, recall = curve.curve()

    assert recall[thresholds == 0.5] == pytest.approx(0.5)


def test_a_pristine_picture_that_stands_in_several_sets_alarms_once_in_the_plot() -> None:
    quiet, loud = replace(row("a", level=0.2), pixels="a"), replace(row("b", level=0.9), pixels="b")

    once = plot_false_alarms([quiet, loud], 0.5)

    assert plot_false_alarms([quiet, loud, replace(loud, set_name="another set")], 0.5) == once


def test_plots_are_drawn_where_there_is_something_to_draw() -> None:
    forged = [row("a", 0.8), row("a", 0.5, variant="jpeg80"), row("a", 0.6, variant="half")]
    pristine = [row("b", level=0.4), row("c", level=1.0), row("b", level=0.3, variant="jpeg80")]

    for data in (plot_f1_by_quality(forged), plot_false_alarms(pristine, 0.5)):
        assert data is not None
        assert Image.open(io.BytesIO(data)).size[0] > 600
    assert plot_f1_by_quality([row("a", 0.8), row("a", 0.6, variant="half")]) is None
    assert plot_false_alarms(forged, 0.5) is None
