"""Measure a model on folders of forgeries: one threshold, native resolution, each picture counted once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.pairs import Pair, read_pairs
from irlnet_core.evidence.image import read_image, read_mask
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions
from irlnet_core.files import sha256_of_bytes
from irlnet_core.inference.localizer import Localizer
from irlnet_core.progress import Event, Progress, finish
from irlnet_core.training.metrics import area_under_curve, count
from irlnet_core.training.summary import Row
from irlnet_core.training.variants import VARIANTS

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def evaluate(
    folders: Sequence[Path], localizer: Localizer, threshold: float, variants: Sequence[str] = ("as-is",)
) -> Generator[Event, None, list[Row]]:
    """Yield progress; return a row for each picture, variant and pristine original of the folders.

    A folder has ``images/``, ``masks/`` and optional ``originals/``. Originals that several forgeries share
    are counted once. Raises :class:`DataError` for an unusable folder.
    """
    pairs = [pair for folder in folders for pair in read_pairs(folder)]
    rows: list[Row] = []
    seen: set[str] = set()
    for number, pair in enumerate(pairs, 1):
        for variant in variants:
            rows += _rows_of_pair(pair, variant, localizer, threshold, seen)
        yield Progress("evaluate", number, len(pairs))
    return rows


def score(localization: Localization, truth: Mask, threshold: float, row: Row) -> Row:
    """Return ``row`` with the scores of a map against its true mask (an empty one for an original)."""
    found, regions = localization.mask(threshold), find_regions(localization, threshold)
    listed = sum(region.area for region in regions.listed) / truth.size
    row = replace(row, area=float(found.mean()), listed=listed, regions=len(regions.listed))
    if not truth.any():
        return row
    counts = count(found, truth)
    return replace(
        row,
        hole=float(truth.mean()),
        f1=counts.f1,
        iou=counts.iou,
        mean_iou=counts.mean_iou,
        precision=counts.precision,
        recall=counts.recall,
        auc=area_under_curve(localization.probability, truth),
    )


def _rows_of_pair(
    pair: Pair, variant: str, localizer: Localizer, threshold: float, seen: set[str]
) -> list[Row]:
    image = read_image(pair.image).pixels
    original = read_image(pair.original).pixels if pair.original else None
    group = sha256_of_bytes(original.tobytes())[:16] if original is not None else pair.group
    truth = read_mask(pair.mask, size=image.shape[:2]) if pair.mask else np.zeros(image.shape[:2], bool)
    rows = [
        _measure(
            pair, "forged" if truth.any() else "original", group, variant, image, truth, localizer, threshold
        )
    ]
    if original is not None and (key := f"{group} {variant}") not in seen:
        seen.add(key)
        nothing = np.zeros(original.shape[:2], bool)
        rows.append(_measure(pair, "original", group, variant, original, nothing, localizer, threshold))
    return rows


def _measure(
    pair: Pair,
    kind: str,
    group: str,
    variant: str,
    image: Image,
    truth: Mask,
    localizer: Localizer,
    threshold: float,
) -> Row:
    image, truth = VARIANTS[variant](image, truth)
    result = finish(localizer.localize(image))
    nan = float("nan")
    row = Row(
        pair.set_name, variant, pair.image.stem, kind, group, image.shape[1], image.shape[0],
        0.0, nan, nan, nan, nan, nan, nan, 0.0, 0.0, 0,
    )  # fmt: skip
    return score(result.localization, truth, threshold, row)
