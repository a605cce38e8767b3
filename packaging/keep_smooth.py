"""Keep smooth surfaces, as a camera of many megapixels sees them, in which nothing was filled: for stage 29.

    python packaging/keep_smooth.py PHOTOS NEW_FOLDER COUNT SEED

At full size a wall, a sky or what is out of focus fills thousands of pixels with hardly more than shading;
its colours change by one level over hundreds of them. So each picture is a small part of a photograph that
training learns from, enlarged 6 to 24 times, in half of the pictures with the sharp photograph before a part
of it; then a sensor's noise, what cameras do against it, and mostly a JPEG of quality 80 to 99. Kept with
their traces, and a note that `irlnet train --forged` reads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.data.forged_cache import hash_photographs, keep_picture, write_note
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine import Image
from irlnet_core.forge.finish import recode
from irlnet_core.forge.innocent import camera
from irlnet_core.forge.operations import Pixels, clip_to_bytes
from irlnet_core.model.traces import CHANNELS
from irlnet_core.training.sources import split_photographs

_SIZE = 1024  # pixels a side
_BT601 = np.array([0.299, 0.587, 0.114], np.float32)


def main(photos: Path, new: Path, count: int, seed: int) -> None:
    """Write ``count`` smooth pictures, each of another photograph of ``photos``, into ``new``."""
    learned, _ = split_photographs(photos)
    new.mkdir(parents=True)
    for number in np.random.default_rng(seed).permutation(len(learned))[:count]:
        image = np.asarray(read_image(learned[number].path).pixels)
        smooth = make_smooth(image, np.random.default_rng((seed, int(number))))
        keep_picture(new / f"{number:06d}.npz", smooth, np.zeros(smooth.shape[:2], bool))
    note = {"photographs_sha256": hash_photographs(learned), "traces": CHANNELS, "smooth_by_seed": seed}
    write_note(new, note)


def make_smooth(image: Image, rng: np.random.Generator) -> Image:
    """Return a smooth picture of 1024 x 1024 pixels, made of parts of ``image`` (H x W x 3 bytes)."""
    part = _cut(image, round(_SIZE / np.exp(rng.uniform(np.log(6), np.log(24)))), rng).astype(np.float32)
    surface = cv2.GaussianBlur(part, (0, 0), rng.uniform(1, 6))
    surface = cv2.resize(surface, (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.7:  # walls have little colour, and little contrast but for their shading
        luma = (surface @ _BT601)[..., None]
        surface = luma + rng.uniform(0, 0.6) * (surface - luma)
        surface = surface.mean((0, 1)) + rng.uniform(0.1, 0.8) * (surface - surface.mean((0, 1)))
    seen: Pixels = np.asarray(surface + rng.uniform(10, 110) * _shading(rng)[..., None], np.float32)
    if rng.random() < 0.5:
        seen = _put_before(seen, image, rng)
    return _develop(np.clip(seen * rng.uniform(0.6, 1.1), 0, 250), rng)


def _develop(light: Pixels, rng: np.random.Generator) -> Image:
    """Return what a camera makes of ``light``: noise, a colour filter's mosaic, less noise again, JPEG."""
    grain = np.sqrt(rng.uniform(0.1, 1.5) ** 2 + rng.uniform(0, 0.06) * light)
    seen: Pixels = light + grain * rng.standard_normal(light.shape, np.float32)
    if rng.random() < 0.4:
        seen = camera(seen, rng)
    if rng.random() < 0.7:
        luma = (seen @ _BT601)[..., None]
        seen = luma + cv2.GaussianBlur(seen - luma, (0, 0), rng.uniform(0.7, 4))
    if rng.random() < 0.5:
        share = rng.uniform(0.3, 1)
        seen = share * cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 1.5)) + (1 - share) * seen
    picture = clip_to_bytes(seen)
    if rng.random() < 0.1:
        return picture
    return recode(picture, "JPEG", quality=int(rng.integers(80, 100)), subsampling=int(rng.integers(3)))


def _shading(rng: np.random.Generator) -> Pixels:
    """Return light that changes slowly over the picture, -1 to 1 at most, with one soft edge in some."""
    coarse = rng.normal(size=(int(rng.integers(2, 5)),) * 2).astype(np.float32)
    light = np.asarray(cv2.resize(coarse, (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC), np.float32)
    if rng.random() < 0.3:
        light = light + np.tanh((light - np.median(light)) * rng.uniform(2, 10))
    return np.asarray(light / np.abs(light).max(), np.float32)


def _put_before(surface: Pixels, image: Image, rng: np.random.Generator) -> Pixels:
    """Put the sharp photograph before a part of the surface, with an edge that is nearly sharp."""
    sharp = _cut(image, _SIZE, rng).astype(np.float32)
    coarse = cv2.resize(rng.normal(size=(5, 5)), (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC)
    share = (coarse > np.quantile(coarse, rng.uniform(0.6, 0.95))).astype(np.float32)
    share = cv2.GaussianBlur(share, (0, 0), rng.uniform(0.6, 3))[..., None]
    return np.asarray(share * sharp + (1 - share) * surface, np.float32)


def _cut(image: Image, size: int, rng: np.random.Generator) -> Image:
    """Return a square of the picture; mirrored at its edges where it is smaller."""
    missing = [max(0, size - side) for side in image.shape[:2]]
    if any(missing):
        image = np.pad(image, ((0, missing[0]), (0, missing[1]), (0, 0)), "symmetric")
    top, left = (int(rng.integers(side - size + 1)) for side in image.shape[:2])
    return image[top : top + size, left : left + size]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
