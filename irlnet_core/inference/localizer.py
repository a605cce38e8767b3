"""From the pixels of a picture to its probability map: tiles, batches, blending, and the facts of the run."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.device import Device, choose_device
from irlnet_core.errors import DeviceError, ImageReadError, ModelError
from irlnet_core.evidence.localization import Localization
from irlnet_core.inference.tiling import Tile, TileBlender, TilePlan, cut_tiles, plan_tiles
from irlnet_core.inference.torch_backend import OutOfMemoryError, Precision, TorchBackend
from irlnet_core.model.checkpoint import LoadedModel, load_model
from irlnet_core.model.locate import find_model
from irlnet_core.progress import Event, Note, TileDone


@dataclass(frozen=True)
class LocalizationResult:
    """The map of one picture and how it was made.

    ``batch`` is the largest number of tiles computed at once, ``threads`` are torch's on the CPU.
    ``deviations`` are sentences about everything that differs from what the model was made for; they belong
    beside the result wherever it is shown. ``notes`` tell what happened on the way (a halved batch).
    """

    localization: Localization
    plan: TilePlan
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

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        tile: int | None = None,
        overlap: int | None = None,
        batch: int | None = None,
        start: tuple[float, float] | None = None,
    ) -> Generator[Event, None, LocalizationResult]:
        """Yield a TileDone for each tile and a Note for what the user should know; return the result.

        ``pixels`` is an image of any size. ``tile`` and ``overlap`` (pixels) replace the card's, and that is
        stated as a deviation; ``batch`` fixes the number of tiles at once (default: measured); the tiles
        nearest to ``start`` = (y, x) come first. Closing the generator stops after the current batch.
        Raises :class:`DeviceError` when even one tile does not fit into the memory.
        """
        begin = time.perf_counter()
        _check_pixels(pixels)
        plan = self._plan(pixels, tile, overlap)
        deviations = self._deviations(plan)
        for sentence in deviations:
            yield Note(sentence)
        run = _Run(self._backend, pixels, plan, batch, start)
        yield from run.steps()
        return LocalizationResult(
            localization=Localization(run.blender.finish()),
            plan=plan,
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

    def _plan(self, pixels: NDArray[np.uint8], tile: int | None, overlap: int | None) -> TilePlan:
        card = self.model.card
        side = card.tile if tile is None else tile
        if overlap is None:  # the card's own share of another tile
            overlap = card.overlap * side // card.tile
        return plan_tiles(pixels.shape[0], pixels.shape[1], side, overlap)

    def _deviations(self, plan: TilePlan) -> tuple[str, ...]:
        card = self.model.card
        found = []
        if plan.tile != card.tile:
            found.append(f"Tiles of {plan.tile} pixels were used; the model was made for {card.tile}.")
        if plan.tile == card.tile and plan.overlap != card.overlap:
            found.append(f"Tiles overlapped by {plan.overlap} pixels; the model's card says {card.overlap}.")
        if self.precision != "float32":
            found.append(f"Computed in {self.precision}; the model was validated in float32.")
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
        plan: TilePlan,
        batch: int | None,
        start: tuple[float, float] | None,
    ) -> None:
        self.blender = TileBlender(plan)
        self.notes: list[str] = []
        self.largest = 0
        self._backend = backend
        self._pixels = pixels
        self._plan = plan
        self._tiles = plan.tiles(start)
        self._done = 0
        self._size = batch

    def steps(self) -> Generator[Event, None, None]:
        while self._done < len(self._tiles):
            yield from self._advance()

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
            events.append(TileDone(self._done, len(self._tiles), tile.y0, tile.x0, tile.y1, tile.x1))
        self.largest = max(self.largest, len(tiles))
        return events

    def _answer(self, tiles: list[Tile]) -> NDArray[np.float32]:
        batch = cut_tiles(self._pixels, tiles, self._plan.tile)
        if self._size is None:
            answers, self._size = self._backend.predict_first(batch)
        else:
            answers = self._backend.predict(batch)
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
                cure="Close other programs, choose a smaller model, or use the device cpu.",
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
