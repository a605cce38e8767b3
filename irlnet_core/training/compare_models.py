"""Compare a fine-tuned model with its base, after recalibrating it, and note the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.data.pairs import Pair
from irlnet_core.data.photographs import Photograph
from irlnet_core.data.truth import read_truth
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.model.card import CARD_NAME, ModelCard
from irlnet_core.progress import Event, Progress
from irlnet_core.training.calibrate_new import Calibration, Clean, calibrate_new, count_alarms
from irlnet_core.training.compare_maps import write_map
from irlnet_core.training.evaluate import score
from irlnet_core.training.finetune_run_folder import COMPARE, RunFolder
from irlnet_core.training.summary import Row
from irlnet_core.training.variants import VARIANTS
from irlnet_core.training.verdict import (
    Difference,
    Verdict,
    compare_alarms,
    compare_general,
    compare_rows,
    judge,
)

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer

VARIANTS_COMPARED = ("as-is", "jpeg90", "jpeg75")
_MAPS = 8  # side-by-side pictures that are kept


@dataclass(frozen=True)
class Comparison:
    """What was measured, the verdict, and ``card``: the new model's, recalibrated and with the verdict."""

    verdict: Verdict
    reasons: list[str]
    differences: list[Difference]
    maps: list[dict[str, Any]]
    notes: list[str]
    card: ModelCard
    base: dict[str, Any]
    new: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the content of compare.json."""
        return {
            "verdict": self.verdict,
            "reasons": self.reasons,
            "base": self.base,
            "new": self.new,
            "rows": [difference.as_dict() for difference in self.differences],
            "maps": self.maps,
            "notes": self.notes,
        }


def compare(
    base: Localizer,
    new: Localizer,
    pairs: Sequence[Pair],
    clean: Sequence[Photograph],
    *,
    output: RunFolder,
    variants: Sequence[str] = VARIANTS_COMPARED,
    remarks: Sequence[str] = (),
    recalibrate: bool = True,
) -> Generator[Event, None, Comparison]:
    """Yield progress; recalibrate ``new``, measure both on held-out ``pairs``, return what was found.

    Each model is judged at its own default threshold; without ``recalibrate`` at the one that it has.
    Originals of the pairs count as clean pictures. Side-by-side maps are written to ``output``; nothing else
    is (:func:`write_comparison`). Raises :class:`DataError` for an unusable picture.
    """
    notes = list(remarks)
    parts = [Clean(Photograph(p.image, p.group), _truth(p)) for p in pairs if p.mask and not p.original]
    originals = [Photograph(p.original or p.image, p.group) for p in pairs if p.original or not p.mask]
    photographs = list({photo.path: photo for photo in (*clean, *originals)}.values())
    if recalibrate:
        found = yield from calibrate_new(base, new, photographs, parts)
        notes += _tell_calibration(found)
    else:
        found = yield from count_alarms(base, new, photographs, parts)
        notes += [note for localizer in (base, new) if (note := _tell_threshold(localizer))]
    card = found.card or new.model.card
    bench = _Bench(base, new, card.threshold, output)
    for number, pair in enumerate(pairs, 1):
        for variant in variants:
            yield from bench.measure(pair, variant)
        yield Progress("held-out pictures", number, len(pairs))
    differences = compare_rows(*bench.rows, what="held-out pairs" if recalibrate else "given pairs")
    differences.append(compare_alarms(found.groups, found.base_alarms, found.new_alarms))
    if recalibrate and (general := compare_general(output.curve())):
        differences.append(general)
    verdict, reasons = judge(differences)
    return Comparison(
        verdict,
        reasons,
        differences,
        bench.maps,
        notes,
        _with_verdict(card, verdict, reasons, base, differences),
        _facts(base, base.model.card.threshold),
        _facts(new, card.threshold),
    )


def _tell_calibration(found: Calibration) -> list[str]:
    told = [f"The new model is calibrated on {found.words}."]
    if found.card:
        return [*told, "Its false alarms are counted on these too, the base's at a threshold set on others."]
    return [*told, "The new model has no measured threshold."]


def _tell_threshold(localizer: Localizer) -> str:
    card = localizer.model.card
    return (
        "" if card.operating_points else f"{card.name} has no measured threshold; {card.threshold:g} is used."
    )


def write_comparison(output: RunFolder, comparison: Comparison, *, mark: bool = True) -> Path:
    """Write compare.json, and with ``mark`` the new model's card, into a folder; return the former's path.

    Raises :class:`OutputError`.
    """
    if mark:
        files.write_bytes(output.path / CARD_NAME, comparison.card.to_json().encode("utf-8"))
    files.write_json(output.path / COMPARE, comparison.as_dict())
    return output.path / COMPARE


@dataclass
class _Bench:
    """Both models on one picture after the other; rows of the base and of the new one, in the same order."""

    base: Localizer
    new: Localizer
    threshold: float
    output: RunFolder
    rows: tuple[list[Row], list[Row]] = field(default_factory=lambda: ([], []))
    maps: list[dict[str, Any]] = field(default_factory=list)

    def measure(self, pair: Pair, variant: str) -> Generator[Event, None, None]:
        image, truth = VARIANTS[variant](read_image(pair.image).pixels, _truth(pair))
        found = []
        thresholds = self.base.model.card.threshold, self.threshold
        for localizer, threshold, rows in zip((self.base, self.new), thresholds, self.rows, strict=True):
            result = yield from _localize(localizer, image)
            rows.append(score(result, truth, threshold, _blank(pair, variant, truth)))
            found.append(result.probability)
        if variant == "as-is" and len(self.maps) < _MAPS and truth.any():
            name = f"compare/{len(self.maps) + 1:02d}.png"
            write_map(self.output.path / name, image, truth, (found[0], found[1]))
            told = {"base_f1": round(self.rows[0][-1].f1, 4), "new_f1": round(self.rows[1][-1].f1, 4)}
            self.maps.append({"picture": pair.image.name, **told, "file": name})


def _localize(localizer: Localizer, image: NDArray[np.uint8]) -> Generator[Event, None, Localization]:
    """Localize without telling of tiles, but at points where the job can be closed."""
    job = localizer.localize(image)
    while True:
        try:
            next(job)
        except StopIteration as stop:
            found: Localization = stop.value.localization
            return found
        yield Progress("tiles", 0, 0)


def _truth(pair: Pair) -> NDArray[np.bool_]:
    return read_truth(pair, read_image(pair.image))


def _blank(pair: Pair, variant: str, truth: NDArray[np.bool_]) -> Row:
    nan, (height, width) = float("nan"), truth.shape
    kind = "forged" if truth.any() else "original"
    return Row(
        "held-out", variant, pair.image.stem, kind, pair.group, width, height, 0.0, nan, nan, nan, nan, nan,
        nan, 0.0, 0.0, 0,
    )  # fmt: skip


def _with_verdict(
    card: ModelCard, verdict: Verdict, reasons: list[str], base: Localizer, differences: list[Difference]
) -> ModelCard:
    told = {
        "verdict": verdict,
        "reasons": reasons,
        "base": base.model.card.name,
        "base_sha256": base.model.sha256,
    }
    measured = [difference.as_dict() for difference in differences]
    return dataclasses.replace(card, verdict=told, metrics={**card.metrics, "against_base": measured})


def _facts(localizer: Localizer, threshold: float) -> dict[str, Any]:
    return {"name": localizer.model.card.name, "sha256": localizer.model.sha256, "threshold": threshold}
