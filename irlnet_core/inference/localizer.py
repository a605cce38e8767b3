"""From the pixels of a picture to its probability map: tiles, batches, blending, and the facts of the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.device import Device, choose_device
from irlnet_core.errors import DeviceError, ImageReadError, ModelError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.localization import Localization
from irlnet_core.inference.crop import Crop, plan_crop
from irlnet_core.inference.tiling import Tile, TileBlender, TilePlan, cut_cells, cut_tiles
from irlnet_core.inference.torch_backend import MEMORY_CURE, OutOfMemoryError, Precision, TorchBackend
from irlnet_core.model.checkpoint import LoadedModel, load_model
from irlnet_core.model.locate import find_model
from irlnet_core.progress import Event, Note, TileDone


@dataclass(frozen=True)
class LocalizationResult:
    """The map of one picture and how it was made.

    ``plan`` cuts ``computed``, the part of the picture that went through the network: the whole of it, or
    the area that was asked for (``localization.analysed``) with some context around it. ``batch`` is the
    largest number of tiles computed at once, ``threads`` are torch's on the CPU.
    ``deviations`` are sentences about everything that differs from what the model was made for; they belong
    beside the result wherever it is shown. ``notes`` tell what happened on the way (a halved batch).
    """

    localization: Localization
    plan: TilePlan
    computed: Area
    batch: int
    precision: Precision
    device: Device
    backend: str
    torch_version: str
    threads: int
    deviations: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float


class Localizer:
    """A model on a device that answers one picture after the other."""

    def __init__(
        self,
        model: LoadedModel | Path | str | None = None,
        *,
        device: str = "auto",
        precision: Precision = "float32",
    ) -> None:
        """Load ``model`` (a name, a folder, None = the default; a LoadedModel is moved to the device).

        Raises :class:`ModelError` and :class:`DeviceError`.
        """
        self.device = choose_device(device)
        self.model = model if isinstance(model, LoadedModel) else load_model(find_model(model))
        self.precision: Precision = precision
        self._backend = TorchBackend(self.model.net, self.device, precision)

    @property
    def threads(self) -> int:
        """The number of CPU threads that compute."""
        return self._backend.threads

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        tile: int | None = None,
        overlap: int | None = None,
        batch: int | None = None,
        start: tuple[float, float] | None = None,
        area: Area | None = None,
        into: NDArray[np.float32] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Generator[Event, None, LocalizationResult]:
        """Yield a TileDone for each tile and a Note for what the user should know; return the result.

        ``pixels`` is an image of any size. Of an ``area`` only that part is analysed, at its own resolution,
        and that is stated as a deviation. ``into`` is an array for the map (float32 H x W, all zeros): look
        at it while it fills, never write to it; it becomes the result's own map. ``tile`` and ``overlap``
        (pixels) replace the card's, and that is stated as a deviation; ``batch`` fixes the number of tiles
        at once (default: measured); the tiles nearest to ``start`` = (y, x) come first. Closing the generator
        stops after the current batch; ``stopped`` is asked between the network's layers, so that another
        thread can end a slow batch in its middle with :class:`Interrupted`.
        Raises :class:`DeviceError` when even one tile does not fit into the memory, and
        :class:`ConfigError` for an area outside the picture.
        """
        begin = time.perf_counter()
        _check_pixels(pixels)
        crop = self._crop(pixels.shape[0], pixels.shape[1], area, tile, overlap)
        canvas = np.zeros(pixels.shape[:2], dtype=np.float32) if into is None else into
        deviations = self._deviations(crop)
        for sentence in deviations:
            yield Note(sentence)
        run = _Run(self._backend, pixels, crop, canvas, batch, start)
        self._backend.stopped = stopped
        try:
            yield from run.steps()
        finally:
            self._backend.stopped = None
        run.blender.finish()
        crop.clear_context(canvas)
        return LocalizationResult(
            localization=Localization(canvas, crop.kept if area else None),
            plan=crop.plan,
            computed=crop.computed,
            batch=run.largest,
            precision=self.precision,
            device=self.device,
            backend=self._backend.name,
            torch_version=self._backend.version,
            threads=self._backend.threads,
            deviations=deviations,
            notes=tuple(run.notes),
            seconds=time.perf_counter() - begin,
        )

    def _crop(
        self, height: int, width: int, area: Area | None, tile: int | None, overlap: int | None
    ) -> Crop:
        card = self.model.card
        side = card.tile if tile is None else tile
        return plan_crop(height, width, side, self._usual_overlap(side) if overlap is None else overlap, area)

    def _usual_overlap(self, tile: int) -> int:
        """Return the overlap of the model's card, or of another tile the same share."""
        return self.model.card.overlap * tile // self.model.card.tile

    def _deviations(self, crop: Crop) -> tuple[str, ...]:
        card, plan, kept = self.model.card, crop.plan, crop.kept
        found = []
        if not crop.whole:
            found.append(
                f"Only the area of {kept.width} x {kept.height} pixels at column {kept.x}, row {kept.y} was "
                "analysed; the rest of the picture was not."
            )
        if plan.tile != card.tile:
            found.append(f"Tiles of {plan.tile} pixels were used; the model was made for {card.tile}.")
        if plan.overlap != (usual := self._usual_overlap(plan.tile)):
            found.append(f"Tiles overlapped by {plan.overlap} pixels, not by the card's {usual}.")
        measured = card.calibration.get("precision")
        if self.precision != (measured or "float32"):
            how = (
                f"; the model's thresholds were measured in {measured}" if measured else " instead of float32"
            )
            found.append(f"Computed in {self.precision}{how}.")
        if plan.padded:
            found.append(
                f"The picture is smaller than a tile of {plan.tile} pixels; it was continued by reflection."
            )
        return tuple(found)


class _Run:
    """One pass over the tiles of one picture."""

    def __init__(
        self,
        backend: TorchBackend,
        pixels: NDArray[np.uint8],
        crop: Crop,
        canvas: NDArray[np.float32],
        batch: int | None,
        start: tuple[float, float] | None,
    ) -> None:
        self.blender = TileBlender(crop.plan, canvas[crop.computed.slices])
        self.notes: list[str] = []
        self.largest = 0
        self._backend = backend
        self._picture = pixels
        self._pixels = pixels[crop.computed.slices]
        self._crop = crop
        self._plan = crop.plan
        self._tiles = crop.tiles(start)
        self._read: NDArray[np.float32] | None = None
        self._done = 0
        self._size = batch

    def steps(self) -> Generator[Event, None, None]:
        self._read = self._measure()
        while self._done < len(self._tiles):
            yield from self._advance()

    def _measure(self) -> NDArray[np.float32] | None:
        """Measure the whole picture, also for an area of it: the area is to be compared with the rest."""
        read = self._backend.measure(self._picture)
        computed = self._crop.computed  # begins on the grid of 8 pixels
        return None if read is None else read[:, computed.y // 8 :, computed.x // 8 :]

    def _advance(self) -> list[Event]:
        """Compute one batch, or halve its size if it does not fit; return the events that tell of it."""
        tiles = self._tiles[self._done : self._done + (self._size or 1)]
        try:
            answers = self._answer(tiles)
        except OutOfMemoryError as error:
            return [self._halve(error)]
        events: list[Event] = []
        for tile, answer in zip(tiles, answers, strict=True):
            self.blender.add(tile, answer)
            self._done += 1
            place = self._crop.place(tile)
            events.append(TileDone(self._done, len(self._tiles), place.y, place.x, place.y1, place.x1))
        self.largest = max(self.largest, len(tiles))
        return events

    def _answer(self, tiles: list[Tile]) -> NDArray[np.float32]:
        batch = cut_tiles(self._pixels, tiles, self._plan.tile)
        read = None if self._read is None else cut_cells(self._read, tiles, self._plan.tile)
        if self._size is None:
            answers, self._size = self._backend.predict_first(batch, read)
        else:
            answers = self._backend.predict(batch, read)
        if not np.isfinite(answers).all():
            raise ModelError(
                f"The network's response is not finite near row {tiles[0].y0}, column {tiles[0].x0}.",
                cure="Use the precision float32, or another model.",
            )
        return answers

    def _halve(self, error: OutOfMemoryError) -> Note:
        if self._size is None or self._size == 1:
            raise DeviceError(
                f"{error.reason} Not even one tile of {self._plan.tile} pixels fits.",
                cure=MEMORY_CURE,
            ) from error
        before, self._size = self._size, self._size // 2
        note = f"{error.reason} The batch was halved from {before} to {self._size} tiles."
        self.notes.append(note)
        return Note(note)


def _check_pixels(pixels: NDArray[np.uint8]) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ImageReadError(
            f"An array of {pixels.dtype} {pixels.shape} is no picture.", cure="Give RGB pixels, uint8 HxWx3."
        )
