"""The card of a calibrated model, from what was measured on clean pictures, and its folder. Torch-free."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irlnet_core import __version__, files
from irlnet_core.data.photographs import Photograph
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.evidence.alarm import ALARM_SHARE, STEPS
from irlnet_core.evidence.record import format_utc
from irlnet_core.inference.golden import GOLDEN_NAME
from irlnet_core.model.archive import check_name
from irlnet_core.model.card import (
    CARD_NAME,
    NOT_CALIBRATED,
    PHOTOS_NAME,
    WEIGHTS_NAME,
    ModelCard,
    name_ranges,
    read_card,
)
from irlnet_core.training.calibration import OperatingPoint, describe_share

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.model.checkpoint import LoadedModel

AS_IS = "as-is"


@dataclass(frozen=True)
class CleanPicture:
    """What one pass over a clean picture gave: its two levels (thresholds) and facts of its file."""

    photo: Photograph
    sha256: str
    level: float
    silent: float
    width: int
    height: int
    quality: int | None

    @property
    def megapixels(self) -> float:
        return self.width * self.height / 1e6


@dataclass(frozen=True)
class Response:
    """One clean picture, of one variant, at each mark: does it alarm, and how many regions has it?"""

    group: str
    megapixels: float
    alarms: tuple[bool, ...]
    regions: tuple[int, ...]


def make_card(
    localizer: Localizer,
    clean: Sequence[CleanPicture],
    points: Sequence[OperatingPoint],
    judged: Mapping[str, Sequence[Response]],
    set_name: str,
) -> ModelCard:
    """Return the localizer's card with its marks, its clean levels and the first mark as its threshold."""
    card = localizer.model.card
    calibration = _describe_set(clean, set_name, localizer)
    default = points[0]
    marks = tuple(_describe_mark(points, place, judged, set_name) for place in range(len(points)))
    return dataclasses.replace(
        card,
        threshold=default.threshold,
        threshold_source=default.describe(set_name),
        operating_points=marks,
        calibration=calibration,
        clean_levels=tuple(sorted(picture.level for picture in clean)),
        validity=_validity(card, calibration),
        notes=card.notes.replace(NOT_CALIBRATED, "").strip(),
    )


def write_calibrated(output: Path, model: LoadedModel, card: ModelCard) -> ModelCard:
    """Write ``model`` with its new ``card`` as the folder ``output``: weights byte by byte, the card last.

    ``output`` may be the model's own folder: then its card alone is replaced. A new folder names the model,
    and gets its golden vectors: they are of the weights, whatever the threshold.
    Raises what :func:`check_free` raises, and :class:`ModelError` when the model has changed.
    """
    output = Path(output)
    weights = {
        name: _read_unchanged(model, name) for name in (WEIGHTS_NAME, PHOTOS_NAME) if name in card.hashes
    }
    if output.resolve() == model.folder.resolve():
        files.write_bytes(output / CARD_NAME, card.to_json().encode("utf-8"))
        return card
    check_free(output, model)
    card = dataclasses.replace(card, name=output.resolve().name)
    contents = {CARD_NAME: card.to_json().encode("utf-8"), **weights}
    if (model.folder / GOLDEN_NAME).is_file():
        contents[GOLDEN_NAME] = (model.folder / GOLDEN_NAME).read_bytes()
    with contextlib.ExitStack() as stack:  # left in reverse order: the card, entered first, is replaced last
        for name, data in contents.items():
            stack.enter_context(files.write_atomically(output / name)).write_bytes(data)
    return card


def _read_unchanged(model: LoadedModel, name: str) -> bytes:
    """Return a file of the model that was measured; a training run may have replaced it in the meantime."""
    path = model.folder / name
    data = path.read_bytes() if path.is_file() else b""
    if files.sha256_of_bytes(data) != model.card.hashes[name]:
        raise ModelError(
            "changed while the model was calibrated; nothing was written.",
            path=path,
            cure="Wait until its training has ended, then calibrate again.",
        )
    return data


def check_free(output: Path, model: LoadedModel) -> None:
    """Refuse a folder that holds anything but an earlier calibration of ``model`` (:class:`OutputError`).

    Raises :class:`ModelError` when its name is none that a model may bear.
    """
    check_name(output.resolve().name)
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    with contextlib.suppress(ModelError):
        if read_card(output).hashes.get(WEIGHTS_NAME) == model.sha256:
            return
    raise OutputError(
        "holds something else than this model.", path=output, cure="Choose a new folder with --output."
    )


def levels_by_group(clean: Sequence[CleanPicture]) -> dict[str, list[float]]:
    """Return the alarm levels of each group's pictures."""
    groups: dict[str, list[float]] = {}
    for picture in clean:
        groups.setdefault(picture.photo.group, []).append(picture.level)
    return groups


def _describe_mark(
    points: Sequence[OperatingPoint], place: int, judged: Mapping[str, Sequence[Response]], set_name: str
) -> dict[str, Any]:
    point = points[place]
    variants = [{"variant": name, **_count(responses, place)} for name, responses in judged.items()]
    return {
        **point.as_dict(),
        "source": point.describe(set_name),
        "variant": AS_IS,
        "false_regions_per_megapixel": variants[0]["false_regions_per_megapixel"],
        "variants": variants,
    }


def _count(responses: Sequence[Response], place: int) -> dict[str, Any]:
    alarming = {response.group for response in responses if response.alarms[place]}
    groups = {response.group for response in responses}
    regions = sum(response.regions[place] for response in responses)
    megapixels = sum(response.megapixels for response in responses)
    share = describe_share(len(alarming), len(groups))
    return {**share, "false_regions_per_megapixel": round(regions / megapixels, 4)}


def _describe_set(clean: Sequence[CleanPicture], set_name: str, localizer: Localizer) -> dict[str, Any]:
    sides = [max(picture.width, picture.height) for picture in clean]
    qualities = [picture.quality for picture in clean if picture.quality is not None]
    return {
        "set": set_name,
        "pictures": len(clean),
        "groups": len(levels_by_group(clean)),
        "megapixels": round(sum(picture.megapixels for picture in clean), 3),
        "pictures_sha256": hashlib.sha256("\n".join(sorted(p.sha256 for p in clean)).encode()).hexdigest(),
        "long_side": [min(sides), max(sides)],
        "jpeg_quality": [min(qualities), max(qualities)] if qualities else None,
        "false_alarm_picture": f"listed regions add up to more than {100 * ALARM_SHARE:g} % of the picture",
        "level_step": 1 / STEPS,
        "device": localizer.device.name,
        "precision": localizer.precision,
        "program": f"irlnet {__version__}",
        "finished": format_utc(datetime.now(UTC)),
    }


def _validity(card: ModelCard, calibration: dict[str, Any]) -> dict[str, Any]:
    """Return the ranges of the clean pictures: beyond them no false-alarm rate was measured.

    Ranges that someone else wrote on the card stay; those of an earlier calibration make room.
    """
    if written := card.written_validity:
        return written
    ranges = {"long_side": calibration["long_side"]}
    if calibration["jpeg_quality"]:
        ranges["jpeg_quality"] = [calibration["jpeg_quality"][0], 100]  # less loss keeps more traces
    return {**ranges, "source": name_ranges(calibration["set"])}
