"""Samples as tensors: forged on the fly from photographs, or read from folders of images and masks."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from irlnet_core.data.pairs import Pair
from irlnet_core.data.truth import read_truth
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import Image, Mask
from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.traces import PictureTraces

_MARKED_TRIES = 6
_MARKED = 0.8  # share of the crops of forged pictures that are made to show some of the hole
_SURROUNDINGS = 640


@dataclass(frozen=True)
class Piece:
    """A picture, or a large part of one, its mask, and the square of ``size`` pixels that is learned from.

    The square is turned ``way`` (see :func:`turn`) after it was cut. ``traces`` are the picture's, where they
    are known already.
    """

    image: Image
    mask: Mask
    top: int
    left: int
    size: int
    way: int = 0
    traces: NDArray[Any] | None = None

    @property
    def crop(self) -> tuple[Image, Mask]:
        """The square of the picture and of the mask."""
        window = slice(self.top, self.top + self.size), slice(self.left, self.left + self.size)
        return turn(self.image[window], self.mask[window], self.way)

    def measure_traces(self) -> Tensor:
        """Return the traces of the picture in the square, float32 (793, size / 8, size / 8)."""
        if self.traces is None:
            whole = PictureTraces().of_picture(np.ascontiguousarray(self.image)).numpy()
        else:
            whole = self.traces
        rows, columns = (slice(n // CELL, -(-(n + self.size) // CELL)) for n in (self.top, self.left))
        cells = turn_array(whole[:, rows, columns].transpose(1, 2, 0), self.way).transpose(2, 0, 1)
        return torch.from_numpy(np.ascontiguousarray(cells, np.float32))


class Items(Protocol):
    """What a loader asks of samples: image, mask and, of some, traces."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Tensor, ...]: ...


class Pieces(Items, Protocol):
    """Samples that can show their surroundings."""

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""


class PieceCrops(Dataset[tuple[Tensor, Tensor]]):
    """Samples that are the crops of pieces: a subclass has a ``length`` and makes each piece."""

    length: int

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return to_tensors(*self.piece(index).crop)

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        raise NotImplementedError


@dataclass(frozen=True)
class ForgedCrops(PieceCrops):
    """Crops forged on the fly; item ``i`` is sample ``first + i``, turned or mirrored by its number."""

    forge: Forge
    size: int
    length: int
    first: int = 0

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        number = self.first + index
        sample = self.forge.make(number, self.size)
        rng = np.random.default_rng((self.forge.seed, number, 1))
        image, mask = turn(sample.image, sample.mask, int(rng.integers(8)))
        return Piece(image, mask, *choose_window(mask, self.size, rng), self.size)


@dataclass(frozen=True)
class PairCrops(PieceCrops):
    """Random crops of given pictures and masks, most of them showing some of the hole."""

    pairs: list[Pair]
    size: int
    length: int
    first: int = 0
    seed: int = 0

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        rng = np.random.default_rng((self.seed, self.first + index, 2))
        pair = self.pairs[int(rng.integers(len(self.pairs)))]
        return cut_piece(*read_pair(pair), self.size, rng)


@dataclass(frozen=True)
class WithTraces(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Samples and the traces of their pictures: better measured by a worker than between the steps.

    Traces are of the whole piece, as the program measures the whole picture and not the tile.
    """

    samples: Pieces

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        piece = self.samples.piece(index)
        return *to_tensors(*piece.crop), piece.measure_traces()


def as_learned(samples: Pieces, *, traces: bool) -> Items:
    """Return the samples as a network learns from them: with traces for one that takes some."""
    return WithTraces(samples) if traces else samples


def collect(samples: Pieces, *, traces: bool) -> list[tuple[Tensor, ...]]:
    """Return every sample as :func:`as_learned` gives it."""
    chosen = as_learned(samples, traces=traces)
    return [chosen[index] for index in range(len(chosen))]


def read_pair(pair: Pair) -> tuple[Image, Mask]:
    """Return a pair's pixels and true mask; an authentic picture has an empty mask."""
    image = read_image(pair.image)
    return image.pixels, read_truth(pair, image)


def cut_piece(image: Image, mask: Mask, size: int, rng: np.random.Generator) -> Piece:
    """Cut the same random square from both, turned, with what is around it (:func:`cut_surroundings`)."""
    image, part = turn(*cut_surroundings(image, mask, size, rng), int(rng.integers(8)))
    return Piece(image, part, *choose_window(part, size, rng), size)


def cut_surroundings(image: Image, mask: Mask, size: int, rng: np.random.Generator) -> tuple[Image, Mask]:
    """Cut a random square of up to 640 pixels, from which a crop of ``size`` is to be cut.

    A picture smaller than the crop is reflected at its border; of a large one no more is kept: the traces of
    a photograph of 24 megapixels would take seconds.
    """
    missing = [max(0, size - n) for n in mask.shape]
    if any(missing):
        image = cv2.copyMakeBorder(image, 0, missing[0], 0, missing[1], cv2.BORDER_REFLECT)  # type: ignore[assignment]
        mask = np.pad(mask, ((0, missing[0]), (0, missing[1])), mode="symmetric")
    side = min(max(size, _SURROUNDINGS), *mask.shape)
    want_hole = bool(mask.any()) and rng.random() < _MARKED
    for _ in range(_MARKED_TRIES):
        top, left = (int(rng.integers(0, n - side + 1)) for n in mask.shape)
        part = mask[top : top + side, left : left + side]
        if not want_hole or part.any():
            break
    return image[top : top + side, left : left + side], part


def choose_window(mask: Mask, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Choose the corner of a square in a picture, on the cells of 8 pixels; most show some of the hole."""
    room = [n - size for n in mask.shape]
    if not any(room):
        return 0, 0
    if mask.any() and rng.random() < _MARKED:
        inside = np.flatnonzero(mask)
        point = np.unravel_index(inside[int(rng.integers(len(inside)))], mask.shape)
        corners = [int(p) - int(rng.integers(size)) for p in point]
    else:
        corners = [int(rng.integers(n + 1)) for n in room]
    top, left = (min(max(0, n), most) // CELL * CELL for n, most in zip(corners, room, strict=True))
    return top, left


def turn(image: Image, mask: Mask, which: int) -> tuple[Image, Mask]:
    """Return one of the eight turns and mirrors of a square picture and its mask."""
    return turn_array(image, which), turn_array(mask, which)


def turn_array(array: NDArray[Any], which: int) -> NDArray[Any]:
    """Return one of the eight turns and mirrors of an array's first two axes."""
    turned = np.rot90(array, which % 4)
    return turned[:, ::-1] if which >= 4 else turned


def to_tensors(image: Image, mask: Mask) -> tuple[Tensor, Tensor]:
    """Return the picture as uint8 (3, H, W) and the mask as uint8 (1, H, W)."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1))
    return torch.from_numpy(planes), torch.from_numpy(np.ascontiguousarray(mask[None]).astype(np.uint8))


@dataclass(frozen=True)
class _OrErrors(Dataset[Any]):
    """Items, or the error that says why there is none: a loader would hand on the worker's traceback."""

    items: Items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[Tensor, ...] | IrlnetError:
        try:
            return self.items[index]
        except IrlnetError as error:
            return error


def _collate(items: list[Any]) -> Any:
    return next((item for item in items if isinstance(item, IrlnetError)), None) or default_collate(items)


def make_loader(data: Items, batch: int, workers: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield batches in order; workers have one thread each, so as not to fight the training for cores.

    Raises the :class:`IrlnetError` that an item raises, also when a worker makes it.
    """
    loader: DataLoader[Any] = DataLoader(
        _OrErrors(data),
        batch,
        shuffle=False,
        num_workers=workers,
        worker_init_fn=_calm_worker,
        # A forked worker would inherit the locks of OpenCV's and PyTorch's threads, and hang on them.
        multiprocessing_context="spawn" if workers else None,
        prefetch_factor=4 if workers else None,
        persistent_workers=False,
        drop_last=False,
        collate_fn=_collate,
    )
    for made in loader:
        if isinstance(made, IrlnetError):
            raise made
        yield made


def to_input(images: Tensor, device: torch.device) -> Tensor:
    """Return a uint8 batch as the network's input: float32 in 0..1, channels last, on the device."""
    return images.to(device).float().div_(255).contiguous(memory_format=torch.channels_last)


def _calm_worker(_number: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the process that trains
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
