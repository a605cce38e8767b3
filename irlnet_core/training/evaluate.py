"""Measure a model on folders of forgeries: one threshold, native resolution, each picture counted once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.pairs import Pair, read_pairs
from irlnet_core.data.truth import read_truth
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.alarm import alarm_level
from irlnet_core.evidence.image import read_image
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
Watch = Callable[[Row, Image, Mask, Localization], None]


def evaluate(
    folders: Sequence[Path],
    localizer: Localizer,
    threshold: float,
    variants: Sequence[str] = ("as-is",),
    watch: Watch | None = None,
) -> Generator[Event, None, list[Row]]:
    """Yield progress; return a row for each picture, variant and pristine original of the folders.

    A folder has ``images/``, ``masks/`` and optional ``originals/``. A pristine picture that several
    forgeries or folders share is run once, and has one row in each folder. ``watch`` sees every measured
    picture with its true mask and map. Raises :class:`DataError` for an unusable folder,
    :class:`ImageReadError` for a broken file, before anything is measured, and :class:`ConfigError` for a
    folder that is named twice.
    """
    names = name_sets(folders)
    pairs = [
        replace(pair, set_name=name)
        for name, folder in zip(names, folders, strict=True)
        for pair in read_pairs(folder)
    ]
    for number, pair in enumerate(pairs, 1):
        _read(pair)
        yield Progress("reading", number, len(pairs))
    run = _Run(localizer, threshold, watch)
    rows: list[Row] = []
    for number, pair in enumerate(pairs, 1):
        rows += run.measure_pair(pair, variants)
        yield Progress("evaluate", number, len(pairs))
    return rows


def name_sets(folders: Sequence[Path]) -> list[str]:
    """Return the folders' names, with as many of their parents as it takes to tell equal ones apart."""
    places = [folder.resolve() for folder in folders]
    twice = [folder for folder, place in zip(folders, places, strict=True) if places.count(place) > 1]
    if twice:
        raise ConfigError("is named twice.", path=twice[0], cure="Name each folder once.")
    ends = [_ends(folder.absolute()) for folder in folders]
    return [next(end for end in own if sum(end in other for other in ends) == 1) for own in ends]


def _ends(folder: Path) -> list[str]:
    """Return the folder's name, then with its parent, and so on."""
    parts = folder.parts
    return ["/".join(parts[-length:]) for length in range(1, len(parts) + 1)]


def score(localization: Localization, truth: Mask, threshold: float, row: Row) -> Row:
    """Return ``row`` with the scores of a map against its true mask (an empty one for an original)."""
    found, regions = localization.mask(threshold), find_regions(localization, threshold)
    listed = sum(region.area for region in regions.listed) / truth.size
    row = replace(row, area=float(found.mean()), listed=listed, regions=len(regions.listed))
    if not truth.any():
        return replace(row, level=alarm_level(localization))
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


@dataclass
class _Run:
    """One evaluation: rows of pristine pictures are kept by pixels and variant, so that none runs twice."""

    localizer: Localizer
    threshold: float
    watch: Watch | None
    pristine: dict[tuple[str, str], Row] = field(default_factory=dict)
    told: set[tuple[str, str, str]] = field(default_factory=set)

    def measure_pair(self, pair: Pair, variants: Sequence[str]) -> list[Row]:
        """Read a pair once; return its rows for every variant."""
        image, truth, original = _read(pair)
        pictures = [(pair.image.stem, image, truth)]
        group = pair.group
        if pair.original and original is not None:
            group = _digest(original)
            pictures.append((pair.original.stem, original, np.zeros(original.shape[:2], bool)))
        rows = []
        for name, pixels, mask in pictures:
            row = _blank_row(pair.set_name, name, "forged" if mask.any() else "original", group, pixels)
            for variant in variants:
                rows += self._measure(replace(row, variant=variant), pixels, mask)
        return rows

    def _measure(self, row: Row, pixels: Image, truth: Mask) -> list[Row]:
        """Return the row of one picture and variant; none for a pristine picture that the set has already."""
        if row.kind == "forged":
            return [self._localize(row, pixels, truth)]
        key = (row.pixels, row.variant)
        if (row.set_name, *key) in self.told:
            return []
        self.told.add((row.set_name, *key))
        if key not in self.pristine:
            self.pristine[key] = self._localize(row, pixels, truth)
        return [replace(self.pristine[key], set_name=row.set_name)]

    def _localize(self, row: Row, pixels: Image, truth: Mask) -> Row:
        pixels, truth = VARIANTS[row.variant](pixels, truth)
        found = finish(self.localizer.localize(pixels)).localization
        row = replace(row, width=pixels.shape[1], height=pixels.shape[0])
        row = score(found, truth, self.threshold, row)
        if self.watch:
            self.watch(row, pixels, truth, found)
        return row


def _read(pair: Pair) -> tuple[Image, Mask, Image | None]:
    """Read a pair whole, since a header does not tell that the end is missing: picture, mask, original."""
    picture = read_image(pair.image)
    original = read_image(pair.original).pixels if pair.original else None
    return picture.pixels, read_truth(pair, picture), original


def _blank_row(set_name: str, name: str, kind: str, group: str, pixels: Image) -> Row:
    nan, (height, width) = float("nan"), pixels.shape[:2]
    return Row(
        set_name, "", name, kind, group, width, height, 0.0, nan, nan, nan, nan, nan, nan, 0.0, 0.0, 0,
        pixels=_digest(pixels),
    )  # fmt: skip


def _digest(pixels: Image) -> str:
    return sha256_of_bytes(pixels.tobytes())[:16]
