"""What happens to a forgery after it is made: JPEG, WebP, resizing, noise, blur, or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image as PillowImage

from irlnet_core.forge.engine import Image

Finish = Callable[[Image], Image]


def draw_finish(rng: np.random.Generator) -> Finish:
    """Draw a post-processing that keeps the size: mostly JPEG 60 to 98, else WebP, noise or a small blur."""
    draw = rng.random()
    if draw < 0.65:
        quality = int(60 + 38 * rng.random() ** 0.6)
        subsampling = int(rng.choice((0, 2)))
        return lambda image: recode(image, "JPEG", quality=quality, subsampling=subsampling)
    if draw < 0.78:
        quality = int(rng.integers(65, 98))
        return lambda image: recode(image, "WEBP", quality=quality, method=2)
    seed, strength = int(rng.integers(2**31)), float(rng.uniform(0.5, 2.5))
    if draw < 0.90:
        return lambda image: _add_noise(image, seed, strength)
    return lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 0.25 + 0.15 * strength), np.uint8)


def recode(image: Image, kind: str, **options: int) -> Image:
    """Return the picture as it comes back from a file of ``kind`` ("JPEG", "WEBP") with Pillow's options."""
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, kind, **options)
    with PillowImage.open(buffer) as coded:
        return np.array(coded.convert("RGB"))


def resize(image: Image, height: int, width: int) -> Image:
    """Resize by area averaging when smaller, cubic when larger."""
    method = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)


def resize_mask(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a mask: a pixel is marked when at least half of its area was."""
    method = cv2.INTER_AREA if height < mask.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask.astype(np.float32), (width, height), interpolation=method) >= 0.5)


def _add_noise(image: Image, seed: int, strength: float) -> Image:
    noise = np.random.default_rng(seed).standard_normal(image.shape, np.float32) * strength
    return np.asarray(np.clip(np.rint(image + noise), 0, 255), np.uint8)
