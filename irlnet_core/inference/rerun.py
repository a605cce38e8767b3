"""Running a record again: the same model, tiles, batch and precision, and how far the result is from it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np

from irlnet_core.errors import DeviceError, ModelError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.model.card import WEIGHTS_NAME, read_card
from irlnet_core.model.locate import find_model, shipped_models
from irlnet_core.progress import Event, Note

# Another processor, or another number of threads, adds in another order.
TOLERANCE = 0.0005


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


def find_recorded_model(record: AnalysisRecord, wanted: str | None = None) -> Path:
    """Return the folder of the model with the recorded weights: ``wanted``, or any at hand.

    Raises :class:`ModelError` when it is not there.
    """
    sha256 = record.model["weights_sha256"]
    folders = [find_model(wanted)] if wanted else list(shipped_models().values())
    for folder in folders:
        with contextlib.suppress(ModelError):
            if read_card(folder).hashes.get(WEIGHTS_NAME) == sha256:
                return folder
    name = record.model["name"]
    place = f"in {folders[0]}" if wanted else "on this machine"
    raise ModelError(
        f"The model {name!r} with the weights {sha256[:16]}… is not {place}.",
        cure="Import that very model, or name its folder with --model.",
    )


def rerun(
    record: AnalysisRecord,
    recorded: Localization,
    image: SuspectImage,
    folder: Path,
    *,
    device: str | None = None,
) -> Generator[Event, None, Rerun]:
    """Analyse ``image`` again with the recorded parameters and compare with the ``recorded`` map.

    ``device`` None = the recorded one where it is there. Yields what the localizer yields.
    Raises :class:`ModelError` and :class:`DeviceError`.
    """
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.inference.torch_backend import Precision

    precision = record.environment["precision"]
    if precision not in get_args(Precision):
        raise ModelError(f"{precision!r} is no precision of this program.")
    wanted = device or record.environment["device"].partition(" ")[0]
    try:
        localizer = Localizer(folder, device=wanted, precision=cast("Precision", precision))
    except DeviceError as error:
        if device:
            raise
        yield Note(f"{error.reason} Another device is used.")
        localizer = Localizer(folder, device="auto", precision=cast("Precision", precision))
    tiles, area = record.tiles, record.tiles["area"]
    with _threads(record.environment["threads"]):
        result = yield from localizer.localize(
            image.pixels,
            tile=tiles["tile"],
            overlap=tiles["overlap"],
            batch=tiles["batch"],
            area=Area(**area) if area else None,
        )
    return compare(recorded, result.localization, record.threshold.value, result.device.id)


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
