"""Small image operations, each with its own trace: what happens to a picture between camera and court.

Every operation maps float32 H x W x 3 in 0..255 to the same shape. They serve twice: inside the hole they are
traces of a fill (the *retouch* engine), over the whole picture they are innocent processing (negatives,
hosts).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Operation = Callable[[Pixels, np.random.Generator], Pixels]

_INTERPOLATIONS = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4, cv2.INTER_AREA)


def resample(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Resize by a random factor and back, with random interpolations and a random sub-pixel phase."""
    height, width = image.shape[:2]
    factor = float(rng.uniform(0.45, 0.95)) if rng.random() < 0.7 else float(rng.uniform(1.1, 2.0))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    there, back = (int(rng.choice(_INTERPOLATIONS)) for _ in range(2))
    return _float(
        cv2.resize(cv2.resize(image, size, interpolation=there), (width, height), interpolation=back)
    )


def shift_subpixel(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Move by a fraction of a pixel (and turn by a hair): one interpolation."""
    height, width = image.shape[:2]
    angle = float(rng.normal(0, 0.5))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, float(rng.uniform(0.98, 1.02)))
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-0.5, 0.5, 2)
    mode = int(rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)))
    return _float(cv2.warpAffine(image, matrix, (width, height), flags=mode, borderMode=cv2.BORDER_REFLECT))


def blur(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A small Gaussian or box blur."""
    if rng.random() < 0.7:
        return _float(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.35, 1.2))))
    return _float(cv2.blur(image, (int(rng.integers(2, 4)), int(rng.integers(2, 4)))))


def median(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A 3x3 or 5x5 median."""
    return _float(cv2.medianBlur(clip_to_bytes(image), int(rng.choice((3, 5), p=(0.8, 0.2)))))


def bilateral(image: Pixels, rng: np.random.Generator) -> Pixels:
    """An edge-keeping denoiser."""
    return _float(cv2.bilateralFilter(image, 5, float(rng.uniform(6, 35)), float(rng.uniform(1, 3))))


def sharpen(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Unsharp masking."""
    low = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 2.0)))
    return _float(image + float(rng.uniform(0.2, 1.2)) * (image - low))


def white_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Independent noise, the same or different in the three colours."""
    channels = 3 if rng.random() < 0.6 else 1
    noise = rng.standard_normal((*image.shape[:2], channels), np.float32)
    return _float(image + float(rng.uniform(0.7, 5.0)) * noise)


def coloured_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Noise with a random small kernel's spectrum: film grain, demosaicing, generator texture."""
    noise = rng.standard_normal((*image.shape[:2], 3), np.float32)
    size = int(rng.integers(2, 6))
    noise = _float(cv2.filter2D(noise, -1, rng.standard_normal((size, size)).astype(np.float32)))
    return _float(image + float(rng.uniform(0.7, 4.0)) * noise / (noise.std() + 1e-6))


def periodic_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A weak pattern of period 2, 4 or 8 pixels, stronger on texture: up-sampling's checkerboard."""
    period = int(rng.choice((2, 4, 8), p=(0.5, 0.3, 0.2)))
    tile = rng.standard_normal((period, period, 3)).astype(np.float32)
    tile -= tile.mean((0, 1))
    height, width = image.shape[:2]
    pattern = np.tile(tile, (height // period + 1, width // period + 1, 1))[:height, :width]
    if rng.random() < 0.5:
        detail = np.abs(image - cv2.GaussianBlur(image, (0, 0), 2))
        pattern = pattern * np.minimum(cv2.GaussianBlur(detail, (0, 0), 2) / 6, 2)
    return _float(image + float(rng.uniform(0.5, 3.0)) * pattern)


def jpeg(image: Pixels, rng: np.random.Generator) -> Pixels:
    """JPEG with a random quality, sub-sampling and grid phase."""
    top, left = (int(v) for v in rng.integers(0, 8, 2))
    padded = cv2.copyMakeBorder(clip_to_bytes(image), top, 8, left, 8, cv2.BORDER_REFLECT)
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 98))]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, int(rng.choice((0x111111, 0x221111)))]
    coded = np.asarray(cv2.imdecode(cv2.imencode(".jpg", padded, options)[1], cv2.IMREAD_COLOR))
    return _float(coded[top : top + image.shape[0], left : left + image.shape[1]])


def filter_near_identity(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A random 3x3 or 5x5 linear filter close to doing nothing, per colour or mixing the colours a little."""
    size = int(rng.choice((3, 5)))
    kernel = rng.standard_normal((size, size)).astype(np.float32)
    kernel *= float(rng.uniform(0.05, 0.35)) / np.abs(kernel).sum()
    kernel[size // 2, size // 2] += 1 - kernel.sum()
    filtered = cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REFLECT)
    if rng.random() < 0.5:
        mix = np.eye(3) + rng.normal(0, 0.015, (3, 3))
        filtered = filtered @ (mix / mix.sum(1, keepdims=True)).T.astype(np.float32)
    return _float(filtered)


def upsample_zero_insertion(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Reduce by 2 or 4, insert zeros, filter with a random kernel: an untrained transposed convolution."""
    stride = int(rng.choice((2, 4), p=(0.8, 0.2)))
    height, width = image.shape[:2]
    small = cv2.resize(image, (-(-width // stride), -(-height // stride)), interpolation=cv2.INTER_AREA)
    sparse = np.zeros((small.shape[0] * stride, small.shape[1] * stride, 3), np.float32)
    sparse[::stride, ::stride] = small
    size = 2 * stride - (0 if rng.random() < 0.5 else 1)
    tent = np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1)).astype(np.float32)
    kernel = np.outer(tent, tent) * (1 + 0.12 * rng.standard_normal((size, size)).astype(np.float32))
    kernel *= stride**2 / kernel.sum()
    coarse = cv2.filter2D(sparse, -1, kernel, borderType=cv2.BORDER_REFLECT)[:height, :width]
    detail = image - cv2.GaussianBlur(image, (0, 0), 0.5 * stride)
    return _float(coarse + float(rng.uniform(0, 1)) * detail)


def quantise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Fewer grey levels, or a small change of contrast and gamma: holes and peaks in the histogram."""
    if rng.random() < 0.4:
        step = float(rng.uniform(2, 6))
        return _float(np.rint(image / step) * step)
    gamma = float(np.exp(rng.normal(0, 0.08)))
    return _float(255 * (np.clip(image, 0, 255) / 255) ** gamma * float(rng.uniform(0.96, 1.04)))


OPERATIONS: dict[str, Operation] = {
    "resample": resample,
    "shift": shift_subpixel,
    "blur": blur,
    "median": median,
    "bilateral": bilateral,
    "sharpen": sharpen,
    "white noise": white_noise,
    "coloured noise": coloured_noise,
    "periodic noise": periodic_noise,
    "jpeg": jpeg,
    "near-identity filter": filter_near_identity,
    "zero insertion": upsample_zero_insertion,
    "quantise": quantise,
}


def apply_random(image: NDArray[np.uint8], rng: np.random.Generator, *, most: int = 3) -> NDArray[np.uint8]:
    """Apply one to ``most`` operations, drawn at random, and round to bytes once at the end."""
    names = rng.choice(list(OPERATIONS), size=int(rng.integers(1, most + 1)), replace=False)
    pixels = image.astype(np.float32)
    for name in names:
        pixels = OPERATIONS[str(name)](pixels, rng)
    return clip_to_bytes(pixels)


def _float(image: NDArray[np.generic]) -> Pixels:
    return np.asarray(image, np.float32)


def clip_to_bytes(image: Pixels) -> NDArray[np.uint8]:
    """Return the picture rounded to whole grey levels from 0 to 255."""
    return np.asarray(np.clip(np.rint(image), 0, 255), np.uint8)
