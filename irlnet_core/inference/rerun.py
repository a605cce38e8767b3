"""Running a record again: the same model, tiles, batch and precision, and how far the result is from it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from irlnet_core.errors import DataError, DeviceError, ModelError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.inference.tiling import MOST_SIDE
from irlnet_core.model.card import WEIGHTS_NAME, read_card
from irlnet_core.model.locate import find_model, shipped_models
from irlnet_core.progress import Event, Note

# Another processor, or another number of threads, adds in another order.
TOLERANCE = 0.0005

# More than any analysis has had: what a record says beyond it was never computed.
_MOST_TILES, _MOST_THREADS = 1 << 20, 1 << 10


@dataclass(frozen=True)
class Rerun:
    """How the second run compares: the largest difference of two responses, and the masks' overlap (IoU).

    ``pixels`` is the number of pixels in one mask only; two empty masks have an IoU of 1.
    """

    largest_difference: float
    iou: float
    pixels: int
    device: str

    @property
    def equal(self) -> bool:
        return self.largest_difference <= TOLERANCE

    @property
    def sentence(self) -> str:
        """Return both figures in words."""
        exact = "identical" if self.largest_difference == 0 else f"{TOLERANCE:g} is allowed"
        return (
            f"Largest difference {self.largest_difference:.6f} ({exact}), mask IoU {self.iou:.6f}, "
            f"{self.pixels} pixels in one mask only; computed on {self.device}."
        )


@dataclass(frozen=True)
class Parameters:
    """What a record says of how it was made, as far as a second run needs it."""

    device: str
    precision: str
    threads: int
    tile: int
    overlap: int
    batch: int
    area: Area | None
    threshold: float


def read_parameters(record: AnalysisRecord) -> Parameters:
    """Return the parameters of a record. Raises :class:`DataError` for values that no analysis has."""
    tiles, environment = record.tiles, record.environment
    threshold = record.threshold.value
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise _impossible("threshold value", threshold)
    return Parameters(
        device=_take(environment, "device", str),
        precision=_take(environment, "precision", str),
        threads=_count(environment, "threads", 1, _MOST_THREADS),
        tile=_count(tiles, "tile", 1, MOST_SIDE),
        overlap=_count(tiles, "overlap", 0, MOST_SIDE),
        batch=_count(tiles, "batch", 1, _MOST_TILES),
        area=_read_area(_take(tiles, "area", dict | None)),
        threshold=float(threshold),
    )


def find_recorded_model(record: AnalysisRecord, wanted: str | None = None) -> Path:
    """Return the folder of the model with the recorded weights: ``wanted``, or any at hand.

    Raises :class:`ModelError` when it is not there, :class:`DataError` when the record names none.
    """
    sha256, name = (_take(record.model, key, str) for key in ("weights_sha256", "name"))
    folders = [find_model(wanted)] if wanted else list(shipped_models().values())
    for folder in folders:
        with contextlib.suppress(ModelError):
            if read_card(folder).hashes.get(WEIGHTS_NAME) == sha256:
                return folder
    place = f"in {folders[0]}" if wanted else "on this machine"
    raise ModelError(
        f"The model {name!r} with the weights {sha256[:16]}… is not {place}.",
        cure="Import that very model, or name its folder with --model.",
    )


def rerun(
    parameters: Parameters,
    recorded: Localization,
    image: SuspectImage,
    folder: Path,
    *,
    device: str | None = None,
) -> Generator[Event, None, Rerun]:
    """Analyse ``image`` again with the recorded ``parameters`` and compare with the ``recorded`` map.

    ``device`` None = the recorded one where it is there. Yields what the localizer yields.
    Raises :class:`ModelError`, :class:`DeviceError`, and :class:`ConfigError` for tiles that can't be laid.
    """
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.inference.torch_backend import Precision

    if parameters.precision not in get_args(Precision):
        raise ModelError(f"{parameters.precision!r} is no precision of this program.")
    precision = cast("Precision", parameters.precision)
    wanted = device or parameters.device.partition(" ")[0]
    try:
        localizer = Localizer(folder, device=wanted, precision=precision)
    except DeviceError as error:
        if device:
            raise
        yield Note(f"{error.reason} Another device is used.")
        localizer = Localizer(folder, device="auto", precision=precision)
    with _threads(parameters.threads):
        result = yield from localizer.localize(
            image.pixels,
            tile=parameters.tile,
            overlap=parameters.overlap,
            batch=parameters.batch,
            area=parameters.area,
        )
    return compare(recorded, result.localization, parameters.threshold, result.device.id)


def compare(recorded: Localization, again: Localization, threshold: float, device: str) -> Rerun:
    """Compare two maps of one size, both rounded to 16 bits as they are published."""
    one, other = recorded.probability16().astype(np.int32), again.probability16().astype(np.int32)
    masks = recorded.mask(threshold), again.mask(threshold)
    union = int(np.count_nonzero(masks[0] | masks[1]))
    apart = int(np.count_nonzero(masks[0] ^ masks[1]))
    iou = (union - apart) / union if union else 1.0
    return Rerun(int(np.abs(one - other).max()) / 65535, iou, apart, device)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Compute with as many threads as then: sums are split by thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _read_area(told: dict[str, Any] | None) -> Area | None:
    return Area(*(_count(told, key, 0, 1 << 31) for key in ("x", "y", "width", "height"))) if told else None


def _take(part: Any, key: str, kind: Any) -> Any:
    """Return a value of a part of the record: an altered one may hold anything."""
    value = part.get(key) if isinstance(part, dict) else None
    if not isinstance(value, kind):
        raise _impossible(key, value)
    return value


def _count(part: Any, key: str, least: int, most: int) -> int:
    value: int = _take(part, key, int)
    if isinstance(value, bool) or not least <= value <= most:
        raise _impossible(key, value)
    return value


def _impossible(key: str, value: object) -> DataError:
    return DataError(f"The record says {key} = {value!r}: no analysis has that.")
