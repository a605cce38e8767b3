"""Fills without learning: Telea 2004, Navier-Stokes (Bertalmio 2001), exemplar patches, content put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from irlnet_core.forge.diffusion import fill_diffusion
from irlnet_core.forge.engine import Engine, Image, Mask
from irlnet_core.forge.exemplar import fill_exemplar


def fill_with_texture(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    """Fill the hole smoothly, then put fine texture back that is taken from elsewhere in the picture.

    The texture is the high-pass part of the picture, shifted by a random step so that the hole gets what lay
    outside it wherever that is possible. It looks like a learned inpainter's fill and takes milliseconds.
    """
    smooth = fill_diffusion(image, mask, cv2.INPAINT_TELEA).astype(np.float32)
    height, width = mask.shape
    dy = int(rng.integers(height // 4, height - height // 4))
    dx = int(rng.integers(width // 4, width - width // 4))
    sigma = float(rng.uniform(1.5, 4.0))
    outside = image.astype(np.float32)
    outside[mask] = smooth[mask]
    texture = outside - cv2.GaussianBlur(outside, (0, 0), sigma)
    shifted = np.roll(texture, (dy, dx), axis=(0, 1))
    filled = cv2.GaussianBlur(smooth, (0, 0), sigma / 2) + shifted
    return np.asarray(np.clip(np.rint(filled), 0, 255), np.uint8)


def fill_content(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    """Fill the hole in one of several plain ways, drawn at random: what a trace engine works on."""
    draw = rng.random()
    if draw < 0.55:
        return fill_with_texture(image, mask, rng)
    if draw < 0.80:
        return fill_exemplar(image, mask, rng)
    return fill_diffusion(image, mask, cv2.INPAINT_TELEA if draw < 0.9 else cv2.INPAINT_NS)


@dataclass(frozen=True)
class ClassicalEngine:
    """A classical fill as an engine; it never looks at the true content."""

    name: str
    method: Callable[[Image, Mask, np.random.Generator], Image]

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        return self.method(image, mask, rng)


def _telea(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    return fill_diffusion(image, mask, cv2.INPAINT_TELEA)


def _navier_stokes(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    return fill_diffusion(image, mask, cv2.INPAINT_NS)


CLASSICAL: dict[str, Callable[[], Engine]] = {
    "telea": lambda: ClassicalEngine("telea", _telea),
    "navier-stokes": lambda: ClassicalEngine("navier-stokes", _navier_stokes),
    "exemplar": lambda: ClassicalEngine("exemplar", fill_exemplar),
}
