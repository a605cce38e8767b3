"""GC: an inpainter of gated convolutions in two stages, coarse then fine (Yu et al. 2019, DeepFill v2)."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.errors import DataError
from irlnet_core.forge.autoencoder import draw_decoder_weights
from irlnet_core.forge.contextual_attention import contextual_attention
from irlnet_core.forge.diffusion import fill_diffusion
from irlnet_core.forge.engine import PERTURBED, Image, Mask
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.forge.pull_push import fill_pull_push, spread
from irlnet_core.forge.random_generator import box_around

STRIDE = 4  # features live at a quarter of the picture's size
CELL = 16  # sides of what the net sees are multiples of this

_GAIN = 2.6
_GRAIN = 4 / 127.5  # noise of strength 1 is 4 levels
_FULL_SIZE = 6  # the decoder's layer from which on it works at full size
_CONTEXT = 64  # pixels around what is filled at once
_AT_ONCE = 256  # side of the largest part of a hole that is filled at once


class GcGenerator(nn.Module):
    """Completes pictures in two stages; with ``config.prefill`` each adds what the one before it lacks.

    Inputs: picture -1..1 (N,3,H,W) as :func:`start_fill` gives it, hole (N,1,H,W; 1 inside), noise
    (N,config.noise,H,W); sides are multiples of 16. Returns the coarse and the fine picture; a caller keeps
    what they show in the hole. Layers and widths are those of DeepFill v2: a coarse stage, then a fine one in
    two branches, one of them with contextual attention, which meet in one decoder.
    """

    def __init__(self, config: GcConfig) -> None:
        super().__init__()
        self.config = config
        base = config.base
        self.coarse = nn.Sequential(
            _encoder(5, base, (1, 2, 2, 4, 4, 4)), _dilated(base, config.dilated), *_decoder(base, 2)
        )
        self.content = nn.Sequential(_encoder(5, base, (1, 1, 2, 2, 4, 4)), _dilated(base, config.dilated))
        if config.attention:
            self.matching = _encoder(5, base, (1, 1, 2, 4, 4, 4))
            self.matched = nn.Sequential(_Gated(2 * base, 4 * base), _Gated(2 * base, 4 * base))
        self.decoder = nn.Sequential(*_decoder(base, 4 if config.attention else 2, config.noise))
        if config.noise:
            self.grain = _grain(config.noise)
        if config.prefill:
            for stage in (self.coarse, self.decoder):
                nn.init.zeros_(stage[-1].weight)  # type: ignore[arg-type]
                nn.init.zeros_(stage[-1].bias)  # type: ignore[arg-type]

    def forward(self, start: Tensor, hole: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        coarse = self.complete_coarsely(start, hole)
        return coarse, self.refine(start, coarse, hole, noise)

    def complete_coarsely(self, start: Tensor, hole: Tensor) -> Tensor:
        """Return the coarse stage's picture."""
        factor = self.config.coarse_reduction
        small, small_hole = functional.avg_pool2d(start, factor), functional.max_pool2d(hole, factor)
        made: Tensor = self.coarse(torch.cat([small, torch.ones_like(small_hole), small_hole], dim=1))
        if factor > 1:
            made = functional.interpolate(made, scale_factor=float(factor), mode="bilinear")
        return self._finish(made, start, hole)

    def refine(self, start: Tensor, coarse: Tensor, hole: Tensor, noise: Tensor) -> Tensor:
        """Return the fine stage's picture, which sees the coarse one in the hole."""
        composed = start + (coarse - start) * hole
        seen = torch.cat([composed, torch.ones_like(hole), hole], dim=1)
        features = self.content(seen)
        if self.config.attention:
            keys = functional.relu(self.matching(seen))
            taken = contextual_attention(keys, functional.max_pool2d(hole, STRIDE))
            features = torch.cat([features, self.matched(taken)], dim=1)
        return self._finish(self._decode(features, noise * hole), composed, hole)

    def _decode(self, features: Tensor, noise: Tensor) -> Tensor:
        # Noise comes in at full size, where texture is made; a quarter of the size could not carry it.
        whole = self.decoder[:_FULL_SIZE](features)
        made: Tensor = self.decoder[_FULL_SIZE:](torch.cat([whole, noise], dim=1))
        if not self.config.noise:
            return made
        made, strength = made.chunk(2, dim=1)
        grain: Tensor = self.grain(noise)
        return made + grain * (1 + strength)

    def _finish(self, made: Tensor, start: Tensor, hole: Tensor) -> Tensor:
        """Return what a stage made as a picture: added to what it started from, or as in the paper."""
        if not self.config.prefill:
            return torch.tanh(made)
        # Smoothed outside the hole, so that there the stages learn texture too, for attention to copy.
        smooth = functional.avg_pool2d(start, 9, stride=1, padding=4, count_include_pad=False)
        return smooth + (start - smooth) * hole + made


class _Gated(nn.Module):
    """A gated convolution (eq. 1): half of the filters, through ELU, times the sigmoid of the others."""

    def __init__(
        self, before: int, filters: int, kernel: int = 3, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = nn.Conv2d(before, filters, kernel, stride, padding, dilation)
        # Keeps the features' size from layer to layer: gates are about one half at first, ELU loses a little.
        nn.init.normal_(self.conv.weight, std=_GAIN / math.sqrt(before * kernel**2))
        nn.init.zeros_(self.conv.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.conv.weight[filters // 2 :] /= _GAIN

    def forward(self, features: Tensor) -> Tensor:
        content, gate = self.conv(features).chunk(2, dim=1)
        return functional.elu(content) * torch.sigmoid(gate)


def _encoder(channels: int, base: int, multiples: tuple[int, ...]) -> nn.Sequential:
    """Six gated convolutions down to a quarter of the size; ``multiples`` of the base are their filters."""
    before = [channels, *(multiple * base // 2 for multiple in multiples)]
    kernels, strides = (5, 3, 3, 3, 3, 3), (1, 2, 1, 2, 1, 1)
    return nn.Sequential(
        *(_Gated(c, m * base, k, s) for c, m, k, s in zip(before, multiples, kernels, strides, strict=False))
    )


def _dilated(base: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(_Gated(2 * base, 4 * base, dilation=2**k) for k in range(1, count + 1)))


def _grain(noise: int) -> nn.Conv2d:
    """A filter that shapes noise into grain: at first white, and as strong as draw_noise says."""
    grain = nn.Conv2d(noise, 3, 5, padding=2, bias=False)
    nn.init.zeros_(grain.weight)
    with torch.no_grad():
        grain.weight[:, 0, 2, 2] = _GRAIN
    return grain


def _decoder(base: int, multiple: int, noise: int = 0) -> list[nn.Module]:
    """From a quarter of the size, with ``multiple`` times the base of channels, to the picture's three.

    With noise there are three more: how much stronger the grain is than at first.
    """
    return [
        _Gated(multiple * base, 4 * base),
        _Gated(2 * base, 4 * base),
        nn.Upsample(scale_factor=2),
        _Gated(2 * base, 2 * base),
        _Gated(base, 2 * base),
        nn.Upsample(scale_factor=2),
        _Gated(base + noise, base),
        _Gated(base // 2, base // 2),
        nn.Conv2d(base // 4, 6 if noise else 3, 3, padding=1),
    ]


def start_fill(image: Image, hole: Mask, config: GcConfig) -> Tensor:
    """Return the picture -1..1 (3,H,W) as the generator takes it, without what stood in the hole."""
    if config.prefill:
        # On photographs the mean of the two has 5 % less error than either.
        return (
            to_tensor(fill_diffusion(image, hole, cv2.INPAINT_NS)) + to_tensor(fill_pull_push(image, hole))
        ) / 2
    return to_tensor(image) * torch.from_numpy(~hole)


def draw_noise(image: Image, hole: Mask, config: GcConfig, rng: np.random.Generator) -> Tensor:
    """Return normal noise (config.noise,H,W) as strong as the texture around the hole."""
    shape = (config.noise, *hole.shape)
    noise: NDArray[np.float32] = rng.standard_normal(shape, dtype=np.float32)
    return (
        torch.from_numpy(noise * _texture_strength(image, hole)) if config.noise else torch.from_numpy(noise)
    )


def _texture_strength(image: Image, hole: Mask) -> NDArray[np.float32]:
    """Return how strong fine texture is (H,W; 1 = 4 levels), carried into the hole from outside."""
    known = (~hole).astype(np.float32)
    planes = image.astype(np.float32) * known[..., None]
    mean = cv2.blur(planes, (3, 3)) / np.maximum(cv2.blur(known, (3, 3)), 1e-3)[..., None]
    energy = ((planes - mean) ** 2).mean(axis=2) * known
    local = cv2.blur(energy, (15, 15)) / np.maximum(cv2.blur(known, (15, 15)), 1e-3)
    # Rounding of the running sums can leave a flat area a little below 0.
    strength = np.sqrt(np.maximum(spread(local[..., None], hole)[..., 0], 0)) / 4
    return np.asarray(strength, np.float32)


def to_tensor(image: Image) -> Tensor:
    """Return a picture as -1..1 (3,H,W)."""
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1).float() / 127.5 - 1


class GcEngine:
    """Fills a hole with a :class:`GcGenerator`; it never looks inside: ``reconstruct`` makes no difference.

    A hole is filled at once within 256x256 pixels, with 64 pixels of context around it. A larger one is
    filled in parts, the best known surroundings first, each of which sees what the parts before it have
    filled. With ``perturb`` > 0 each weight of the decoder is multiplied by 1 + perturb * N(0, 1), drawn anew
    for each fill.
    """

    def __init__(self, name: str, net: GcGenerator, *, perturb: float = 0.0) -> None:
        self._name = name + (PERTURBED if perturb else "")
        self._net = net.eval().requires_grad_(requires_grad=False)
        self._perturb = perturb

    @property
    def name(self) -> str:
        return self._name

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        """Return ``image`` with the hole ``mask`` filled; pixels outside the hole are unchanged.

        Raises :class:`DataError` when picture and mask differ in size or nothing lies outside the hole.
        """
        if image.shape != (*mask.shape, 3):
            raise DataError(f"a picture of shape {image.shape} has no hole of shape {mask.shape}.")
        if mask.size and mask.all():
            raise DataError("the hole covers the whole picture, so that there is nothing to fill it from.")
        filled, unknown = image.copy(), mask.copy()
        weights = draw_decoder_weights(self._net.decoder, self._perturb, rng)
        parts = _parts_of(mask)
        while parts:
            part = max(parts, key=lambda box: _known_around(unknown, box))
            parts.remove(part)
            self._fill_part(filled, unknown, part, weights, rng)
        return filled

    def _fill_part(
        self,
        filled: Image,
        unknown: Mask,
        part: tuple[slice, slice],
        weights: dict[str, Tensor],
        rng: np.random.Generator,
    ) -> None:
        around = _widen(part, unknown.shape)
        within = np.zeros_like(unknown)
        within[part] = unknown[part]
        made = self._complete(filled[around], unknown[around], weights, rng)
        filled[within] = made[within[around]]
        unknown[within] = False

    @torch.inference_mode()
    def _complete(
        self, image: Image, mask: Mask, weights: dict[str, Tensor], rng: np.random.Generator
    ) -> Image:
        height, width = mask.shape
        room = ((0, -height % CELL), (0, -width % CELL))
        picture = np.pad(image, (*room, (0, 0)), mode="reflect")
        unknown = np.pad(mask, room, mode="reflect")
        start = start_fill(picture, unknown, self._net.config)[None]
        hole = torch.from_numpy(unknown)[None, None].float()
        noise = draw_noise(picture, unknown, self._net.config, rng)[None]
        _, fine = torch.func.functional_call(self._net, weights, (start, hole, noise))
        values = fine[0, :, :height, :width].permute(1, 2, 0).clamp(-1, 1) * 127.5 + 127.5
        result: Image = values.round().to(torch.uint8).numpy()
        return result


def _parts_of(mask: Mask) -> list[tuple[slice, slice]]:
    """Return the boxes, of at most 256x256 pixels, that hold some of the hole."""
    top, bottom, left, right = box_around(mask, 0, CELL)
    corners = itertools.product(range(top, bottom, _AT_ONCE), range(left, right, _AT_ONCE))
    boxes = [(slice(y, min(y + _AT_ONCE, bottom)), slice(x, min(x + _AT_ONCE, right))) for y, x in corners]
    return [box for box in boxes if mask[box].any()]


def _known_around(unknown: Mask, part: tuple[slice, slice]) -> int:
    around = unknown[_widen(part, unknown.shape)]
    return around.size - int(np.count_nonzero(around))


def _widen(part: tuple[slice, slice], shape: tuple[int, ...]) -> tuple[slice, slice]:
    rows, columns = (
        slice(max(0, side.start - _CONTEXT), min(length, side.stop + _CONTEXT))
        for side, length in zip(part, shape, strict=True)
    )
    return rows, columns
