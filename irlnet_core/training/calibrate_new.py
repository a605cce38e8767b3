"""Recalibrate a fine-tuned model on whatever authentic pictures there are, and say how many. Torch-free."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.photographs import Photograph
from irlnet_core.errors import DataError
from irlnet_core.evidence.alarm import alarm_level, is_alarm, silent_level
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions
from irlnet_core.model.card import ModelCard
from irlnet_core.progress import Event, Note, Progress
from irlnet_core.training.calibrate_job import RATES, calibrate, check_untrained
from irlnet_core.training.calibrated_card import AS_IS, CleanPicture, Response, levels_by_group, make_card
from irlnet_core.training.calibration import find_operating_point

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer

ENOUGH = 20  # with fewer clean pictures the authentic parts of the held-out ones join in
_MARGIN = 9  # pixels around a hole that belong to neither side


@dataclass(frozen=True)
class Clean:
    """An authentic picture, or a forged one whose ``hole`` is left out of account."""

    photo: Photograph
    hole: NDArray[np.bool_] | None = None

    def respond(self, localizer: Localizer) -> Generator[Event, None, tuple[SuspectImage, Localization]]:
        """Return the picture and its map, zero in and around the hole."""
        image = read_image(self.photo.path)
        found = (yield from localizer.localize(image.pixels)).localization
        if self.hole is None:
            return image, found
        grown = cv2.dilate(self.hole.astype(np.uint8), np.ones((2 * _MARGIN + 1,) * 2, np.uint8)) > 0
        return image, Localization(np.where(grown, np.float32(0), found.probability))


@dataclass(frozen=True)
class Calibration:
    """The recalibrated ``card`` and the false alarms of both models, each at its own default threshold.

    Alarms are counted as ``groups`` are: pictures of one scene are one. ``card`` is None when no threshold
    could be set, as then are the counts of the new model.
    """

    card: ModelCard | None
    groups: int
    words: str
    base_alarms: int
    new_alarms: int | None


def find_untrained(photographs: Sequence[Photograph], model: Localizer) -> list[Photograph]:
    """Return the photographs that the model did not learn from."""
    kept = []
    for photo in photographs:
        try:
            check_untrained([photo], model.model)
        except DataError:
            continue
        kept.append(photo)
    return kept


def calibrate_new(
    base: Localizer, new: Localizer, photographs: Sequence[Photograph], parts: Sequence[Clean]
) -> Generator[Event, None, Calibration]:
    """Yield progress; return the new model's card with thresholds, and both models' false alarms.

    With fewer than 20 clean photographs the authentic ``parts`` of forged pictures count as pictures too.
    """
    usable = find_untrained(photographs, new)
    if len(usable) < len(photographs):
        left = len(photographs) - len(usable)
        yield Note(f"{left} of {len(photographs)} clean pictures were learned from; they are left out.")
    clean = [Clean(photo) for photo in usable]
    enough = len(usable) >= ENOUGH
    if not enough:
        clean += parts
    words = _describe(len(usable), 0 if enough else len(parts))
    yield Note(f"The new model is calibrated on {words}.")
    if not clean:
        return Calibration(None, 0, words, 0, None)
    try:
        if enough:
            card = yield from calibrate(usable, new, set_name=words, variants=(AS_IS,))
        else:
            card = yield from _calibrate_few(new, clean, words)
    except DataError as error:  # too many alarms at every threshold
        yield Note(error.reason)
        return Calibration(None, _groups(clean), words, (yield from _count(base, clean)), None)
    alarms = int(card.operating_points[0]["alarms"])
    return Calibration(card, _groups(clean), words, (yield from _count(base, clean)), alarms)


def count_alarms(
    base: Localizer, new: Localizer, photographs: Sequence[Photograph], parts: Sequence[Clean]
) -> Generator[Event, None, Calibration]:
    """Yield progress; return both models' false alarms, each at the threshold that it has (no card)."""
    clean = [Clean(photo) for photo in photographs]
    enough = len(clean) >= ENOUGH
    clean += [] if enough else parts
    words = _describe(len(photographs), 0 if enough else len(parts))
    if not clean:
        return Calibration(None, 0, words, 0, None)
    before = yield from _count(base, clean)
    return Calibration(None, _groups(clean), words, before, (yield from _count(new, clean)))


def _calibrate_few(new: Localizer, clean: Sequence[Clean], words: str) -> Generator[Event, None, ModelCard]:
    pictures, maps = [], []
    for number, entry in enumerate(clean, 1):
        image, found = yield from _quietly(entry, new)
        maps.append(found)
        levels = alarm_level(found), silent_level(found)
        size = image.facts.width, image.facts.height
        pictures.append(CleanPicture(entry.photo, image.sha256, *levels, *size, None))
        yield Progress("clean pictures", number, len(clean))
    found_points = [find_operating_point(levels_by_group(pictures), rate) for rate in RATES]
    points = [point for point in found_points if point is not None]
    if not points or found_points[0] is None:
        raise DataError("Too many clean pictures alarm at every threshold: the new model has none.")
    judged = {
        AS_IS: [_judge(p, m, [x.threshold for x in points]) for p, m in zip(pictures, maps, strict=True)]
    }
    return make_card(new, pictures, points, judged, words)


def _judge(picture: CleanPicture, found: Localization, thresholds: Sequence[float]) -> Response:
    return Response(
        picture.photo.group,
        picture.megapixels,
        tuple(picture.level > threshold for threshold in thresholds),
        tuple(find_regions(found, threshold).count for threshold in thresholds),
    )


def _groups(clean: Sequence[Clean]) -> int:
    return len({entry.photo.group for entry in clean})


def _count(localizer: Localizer, clean: Sequence[Clean]) -> Generator[Event, None, int]:
    alarming = set()
    for number, entry in enumerate(clean, 1):
        _, found = yield from _quietly(entry, localizer)
        if is_alarm(found, localizer.model.card.threshold):
            alarming.add(entry.photo.group)
        yield Progress(f"clean pictures, {localizer.model.card.name}", number, len(clean))
    return len(alarming)


def _quietly(entry: Clean, localizer: Localizer) -> Generator[Event, None, tuple[SuspectImage, Localization]]:
    """Localize without telling of tiles and deviations, but at points where the job can be closed."""
    job = entry.respond(localizer)
    while True:
        try:
            next(job)
        except StopIteration as stop:
            answer: tuple[SuspectImage, Localization] = stop.value
            return answer
        yield Progress("tiles", 0, 0)


def _describe(pictures: int, parts: int) -> str:
    words = f"{pictures} clean pictures" if pictures or not parts else ""
    return words + (" and " if words and parts else "") + (f"{parts} authentic parts" if parts else "")
