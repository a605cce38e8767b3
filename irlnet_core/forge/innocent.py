"""What cameras, phones and editors do to a whole picture, and what is no forgery: focus, exposure, colour.

A picture whose parts differ by themselves (sharp and out of focus, dark and burnt out, grey and saturated) is
what a network takes for a forged one; so forgeries are made in such pictures, and many are shown as they are.
Every operation maps float32 H x W x 3 in 0..255 to the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.forge.operations import Operation, Pixels, clip_to_bytes

_BT601 = np.array([0.299, 0.587, 0.114], np.float32)
_BLURS = (0.0, 1.0, 2.5, 6.0)  # sigmas in pixels between which the depth of field is interpolated
_COLOURS = np.array([[0, 1], [1, 2]])  # a Bayer filter's red, green and blue


def focus(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A shallow depth of field: blur that grows with distance from a random plane, then sensor noise."""
    height, width = image.shape[:2]
    coarse = rng.normal(size=(int(rng.integers(2, 6)), int(rng.integers(2, 6)))).astype(np.float32)
    depth = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.5:  # things at different distances have edges
        depth = np.rint(1.5 * depth) / 1.5
    blur = np.clip(np.abs(depth - rng.normal(0, 0.7)) * rng.uniform(0.5, 3), 0, len(_BLURS) - 1.001)
    below = blur.astype(np.intp)
    share = (blur - below)[..., None]
    stack = [image, *(cv2.GaussianBlur(image, (0, 0), sigma) for sigma in _BLURS[1:])]
    blurred = np.zeros_like(image)
    for level in range(len(_BLURS) - 1):
        here = (below == level)[..., None]
        blurred += here * ((1 - share) * stack[level] + share * stack[level + 1])
    return _add_sensor_noise(blurred, rng)


def camera(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A sensor: one colour a pixel with noise that grows with the light, and the other two interpolated."""
    height, width = image.shape[:2]
    noisy = clip_to_bytes(_add_sensor_noise(image, rng))
    filters = np.tile(_COLOURS, (height // 2 + 1, width // 2 + 1))[:height, :width]
    mosaic = np.take_along_axis(noisy, filters[..., None], axis=2)[..., 0]
    # OpenCV names a filter by its second row's second and third pixel: this one is its "BG".
    method = int(rng.choice((cv2.COLOR_BayerBG2RGB, cv2.COLOR_BayerBG2RGB_EA, cv2.COLOR_BayerBG2RGB_VNG)))
    return _float(cv2.cvtColor(np.ascontiguousarray(mosaic), method))


def expose(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Another exposure, contrast and gamma: parts become dark or burn out."""
    gain, gamma = np.exp(rng.normal(0, 0.35)), np.exp(rng.normal(0, 0.3))
    light = 255 * gain * (np.clip(image, 0, 255) / 255) ** gamma
    return _float((light - 128) * np.exp(rng.normal(0, 0.2)) + 128)


def saturate(image: Pixels, rng: np.random.Generator) -> Pixels:
    """More or less colour, up to what clips, and another white balance."""
    luma = (image @ _BT601)[..., None]
    coloured = luma + float(np.exp(rng.uniform(-0.5, 0.9))) * (image - luma)
    return _float(coloured * np.exp(rng.normal(0, 0.06, 3)))


def local_contrast(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Contrast that is evened out over the picture, as phones do it: dark parts become bright and noisy."""
    clahe = cv2.createCLAHE(float(rng.uniform(1.2, 4)), (int(rng.integers(2, 9)),) * 2)
    lab = cv2.cvtColor(clip_to_bytes(image), cv2.COLOR_RGB2LAB)
    lab[..., 0] = clahe.apply(lab[..., 0])
    share = float(rng.uniform(0.3, 1))
    return _float(share * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) + (1 - share) * image)


def calm_colours(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Noise taken out of the colours and left in the luma, as cameras do it."""
    luma = (image @ _BT601)[..., None]
    return _float(luma + cv2.GaussianBlur(image - luma, (0, 0), float(rng.uniform(1, 4))))


# In the order in which they happen to a picture.
INNOCENT: dict[str, Operation] = {
    "focus": focus,
    "camera": camera,
    "calm colours": calm_colours,
    "expose": expose,
    "local contrast": local_contrast,
    "saturate": saturate,
}


def make_otherwise(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pass a picture through one to three of these operations, in their order, and round to bytes once."""
    chosen = set(rng.choice(list(INNOCENT), size=int(rng.integers(1, 4)), replace=False))
    pixels = image.astype(np.float32)
    for name, operation in INNOCENT.items():
        if name in chosen:
            pixels = operation(pixels, rng)
    return clip_to_bytes(pixels)


def _add_sensor_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Add noise with a constant part and one that grows with the light."""
    constant, growing = rng.uniform(0.2, 2), rng.uniform(0, 0.15)
    spread = np.sqrt(constant**2 + growing * np.clip(image, 0, 255))
    return _float(image + spread * rng.standard_normal(image.shape, np.float32))


def _float(image: NDArray[np.generic]) -> Pixels:
    return np.asarray(image, np.float32)
