"""Samples as tensors: forged on the fly from photographs, or read from folders of images and masks."""

from __future__ import annotations

import signal
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from irlnet_core.data.pairs import Pair
from irlnet_core.data.truth import read_truth
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import Image, Mask
from irlnet_core.model.traces import PictureTraces

_MARKED_TRIES = 6


Samples = Dataset[tuple[Tensor, Tensor]]  # image and mask, see to_tensors


@dataclass(frozen=True)
class ForgedCrops(Dataset[tuple[Tensor, Tensor]]):
    """Crops forged on the fly; item ``i`` is sample ``first + i``, turned or mirrored by its number."""

    forge: Forge
    size: int
    length: int
    first: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        number = self.first + index
        sample = self.forge.make(number, self.size)
        rng = np.random.default_rng((self.forge.seed, number, 1))
        return to_tensors(*turn(sample.image, sample.mask, int(rng.integers(8))))


@dataclass(frozen=True)
class PairCrops(Dataset[tuple[Tensor, Tensor]]):
    """Random crops of given pictures and masks, most of them showing some of the hole."""

    pairs: list[Pair]
    size: int
    length: int
    first: int = 0
    seed: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.seed, self.first + index, 2))
        pair = self.pairs[int(rng.integers(len(self.pairs)))]
        image, mask = read_pair(pair)
        image, mask = crop_pair(image, mask, self.size, rng)
        return to_tensors(*turn(image, mask, int(rng.integers(8))))


@dataclass(frozen=True)
class WithTraces(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Samples and the traces of their pictures: better measured by a worker than between the steps."""

    samples: Samples

    def __len__(self) -> int:
        return len(self.samples)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        image, mask = self.samples[index]
        pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
        return image, mask, PictureTraces().of_picture(pixels)


def read_pair(pair: Pair) -> tuple[Image, Mask]:
    """Return a pair's pixels and true mask; an authentic picture has an empty mask."""
    image = read_image(pair.image)
    return image.pixels, read_truth(pair, image)


def crop_pair(image: Image, mask: Mask, size: int, rng: np.random.Generator) -> tuple[Image, Mask]:
    """Cut the same random square from both, reflecting at the border where the picture is smaller."""
    missing = [max(0, size - n) for n in mask.shape]
    if any(missing):
        image = cv2.copyMakeBorder(image, 0, missing[0], 0, missing[1], cv2.BORDER_REFLECT)  # type: ignore[assignment]
        mask = np.pad(mask, ((0, missing[0]), (0, missing[1])), mode="symmetric")
    want_hole = bool(mask.any()) and rng.random() < 0.8
    for _ in range(_MARKED_TRIES):
        top, left = (int(rng.integers(0, n - size + 1)) for n in mask.shape)
        if not want_hole or mask[top : top + size, left : left + size].any():
            break
    window = slice(top, top + size), slice(left, left + size)
    return image[window], mask[window]


def turn(image: Image, mask: Mask, which: int) -> tuple[Image, Mask]:
    """Return one of the eight turns and mirrors of a square picture and its mask."""
    image, mask = np.rot90(image, which % 4), np.rot90(mask, which % 4)
    return (image[:, ::-1], mask[:, ::-1]) if which >= 4 else (image, mask)


def to_tensors(image: Image, mask: Mask) -> tuple[Tensor, Tensor]:
    """Return the picture as uint8 (3, H, W) and the mask as uint8 (1, H, W)."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1))
    return torch.from_numpy(planes), torch.from_numpy(np.ascontiguousarray(mask[None]).astype(np.uint8))


def make_loader(
    data: Dataset[tuple[Tensor, ...]], batch: int, workers: int
) -> DataLoader[tuple[Tensor, ...]]:
    """Return batches in order; workers have one thread each, so as not to fight the training for cores."""
    return DataLoader(
        data,
        batch,
        shuffle=False,
        num_workers=workers,
        worker_init_fn=_calm_worker,
        # A forked worker would inherit the locks of OpenCV's and PyTorch's threads, and hang on them.
        multiprocessing_context="spawn" if workers else None,
        prefetch_factor=4 if workers else None,
        persistent_workers=False,
        drop_last=False,
    )


def to_input(images: Tensor, device: torch.device) -> Tensor:
    """Return a uint8 batch as the network's input: float32 in 0..1, channels last, on the device."""
    return images.to(device).float().div_(255).contiguous(memory_format=torch.channels_last)


def _calm_worker(_number: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the process that trains
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
