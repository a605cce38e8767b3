"""Calibrate a model on clean photographs: run it over them and find its operating points.

No torch here: the localizer that is handed in brings it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.data.photographs import Photograph
from irlnet_core.errors import DataError
from irlnet_core.evidence.alarm import alarm_level, is_alarm, silent_level
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions
from irlnet_core.model.card import PHOTOS_NAME, ModelCard
from irlnet_core.progress import Event, Note, Progress
from irlnet_core.training.calibrated_card import AS_IS, CleanPicture, Response, levels_by_group, make_card
from irlnet_core.training.calibration import OperatingPoint, find_operating_point
from irlnet_core.training.variants import VARIANTS

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.model.checkpoint import LoadedModel

RATES = (0.05, 0.01)  # the first sets the default threshold


def calibrate(
    photographs: Sequence[Photograph],
    localizer: Localizer,
    *,
    set_name: str,
    variants: Sequence[str] = (AS_IS, "jpeg90", "jpeg75", "half"),
) -> Generator[Event, None, ModelCard]:
    """Yield progress; return the model's card with thresholds measured on clean ``photographs``.

    The marks come from the pictures as they are; every other variant is judged at the same thresholds. Raises
    :class:`DataError` when the model was trained on one of the pictures, or too many alarm at any threshold,
    and :class:`ImageReadError` when one can't be read, before any is measured.
    """
    for number, photo in enumerate(photographs, 1):
        read_image(photo.path)  # whole: a header does not tell that the end is missing
        yield Progress("reading", number, len(photographs))
    if not check_untrained(photographs, localizer.model):
        yield Note("The model lists no training photographs: it can't be checked that these are new to it.")
    clean: list[CleanPicture] = []
    for number, photo in enumerate(photographs, 1):
        clean.append((yield from _measure(photo, localizer)))
        yield Progress("clean pictures", number, len(photographs))
    points = yield from _find_points(clean)
    judged = {}
    for variant in dict.fromkeys((AS_IS, *variants)):
        judged[variant] = yield from _judge(clean, variant, points, localizer)
    return make_card(localizer, clean, points, judged, set_name)


def check_untrained(photographs: Sequence[Photograph], model: LoadedModel) -> bool:
    """Compare the files' SHA-256 with the model's photos.csv; False when the model has no such list.

    Raises :class:`DataError` that names the first photograph the model was trained on.
    """
    if not (model.folder / PHOTOS_NAME).is_file():
        return False
    trained = trained_on(model.folder)
    known = [photo for photo in photographs if files.sha256_of_file(photo.path) in trained]
    if known:
        raise DataError(
            f"was used to train {model.card.name!r}, as {len(known)} of {len(photographs)} pictures were; "
            "false alarms counted on them would be too few.",
            path=known[0].path,
            cure="Calibrate on photographs that the model never saw.",
        )
    return True


def trained_on(model: Path) -> set[str]:
    """Return the SHA-256 of all pictures that a model's photos.csv names; none without such a list."""
    listing = model / PHOTOS_NAME
    if not listing.is_file():
        return set()
    return {row.get("sha256") or "" for row in csv.DictReader(io.StringIO(listing.read_text("utf-8")))}


def _find_points(clean: Sequence[CleanPicture]) -> Generator[Event, None, list[OperatingPoint]]:
    found = [find_operating_point(levels_by_group(clean), rate) for rate in RATES]
    if found[0] is None:
        raise DataError(
            f"More than {100 * RATES[0]:g} % of the clean pictures alarm at every threshold.",
            cure="Check that the pictures are untouched; else the model must be trained further.",
        )
    for rate, point in zip(RATES, found, strict=True):
        if point is None:
            yield Note(f"No threshold below 1 keeps false-alarm pictures to {100 * rate:g} %: no such mark.")
    return [point for point in found if point is not None]


def _measure(photo: Photograph, localizer: Localizer) -> Generator[Event, None, CleanPicture]:
    image = read_image(photo.path)
    found = yield from _map(image.pixels, localizer)
    return CleanPicture(
        photo,
        image.sha256,
        alarm_level(found),
        silent_level(found),
        image.facts.width,
        image.facts.height,
        _quality(image),
    )


def _judge(
    clean: Sequence[CleanPicture], variant: str, points: Sequence[OperatingPoint], localizer: Localizer
) -> Generator[Event, None, list[Response]]:
    """Judge every picture after ``variant`` at all marks.

    No map was kept, so those that have regions at a mark as they are run once more; the silent ones need not.
    """
    responses = []
    for number, picture in enumerate(clean, 1):
        silent = (False,) * len(points), (0,) * len(points)
        response = Response(picture.photo.group, picture.megapixels, *silent)
        if variant != AS_IS or any(picture.silent > point.threshold for point in points):
            found = yield from _map(_changed(picture, variant), localizer)
            response = _respond(picture.photo.group, found, points)
        if variant == AS_IS:  # the levels have decided, also where a device does not repeat itself to the bit
            alarms = tuple(picture.level > point.threshold for point in points)
            response = replace(response, alarms=alarms)
        responses.append(response)
        yield Progress(f"{variant} at the marks", number, len(clean))
    return responses


def _respond(group: str, found: Localization, points: Sequence[OperatingPoint]) -> Response:
    return Response(
        group,
        found.probability.size / 1e6,
        tuple(is_alarm(found, point.threshold) for point in points),
        tuple(find_regions(found, point.threshold).count for point in points),
    )


def _changed(picture: CleanPicture, variant: str) -> NDArray[np.uint8]:
    pixels = read_image(picture.photo.path).pixels
    changed, _ = VARIANTS[variant](pixels, np.zeros(pixels.shape[:2], bool))
    return changed


def _map(pixels: NDArray[np.uint8], localizer: Localizer) -> Generator[Event, None, Localization]:
    result = yield from localizer.localize(pixels)
    return result.localization


def _quality(image: SuspectImage) -> int | None:
    fact = image.metadata.jpeg
    return int(fact.values["ijg_quality"]) or None if fact.state == "found" else None
