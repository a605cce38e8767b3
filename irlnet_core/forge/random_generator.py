"""The *random generator* engine: a decoder with random weights, fitted to each picture by linear regression.

A learned inpainter leaves the traces of its decoder: how it up-samples, which non-linearity it uses, how its
texture repeats. A decoder with random weights leaves such traces too. Here each sample gets a network of its
own: the content is reduced to a small latent picture, a random decoder brings it back to full size, and ridge
regression finds the read-out that fits the content best (an extreme learning machine, Huang 2006). A second,
random read-out of the same features is the generator's invented texture, scaled to the picture's own. So
there are as many engines as samples, none of which needs training.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from irlnet_core.forge.classical import fill_content
from irlnet_core.forge.engine import Image, Mask

_MARGIN = 24
_RIDGE = 1e-3
_SAMPLES = 6000

ACTIVATIONS: tuple[Callable[[Tensor], Tensor], ...] = (
    functional.relu,
    functional.elu,
    functional.gelu,
    torch.tanh,
    functional.silu,
    lambda x: functional.leaky_relu(x, 0.2),
    lambda x: functional.elu(x[:, ::2]) * torch.sigmoid(x[:, 1::2]),  # a gated convolution (Yu et al. 2019)
)


class RandomGenerator:
    """Bring content back through a randomly drawn decoder (strides 2, 4 or 8)."""

    name = "random-generator"

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        content = image if reconstruct else fill_content(image, mask, rng)
        top, bottom, left, right = box_around(mask, _MARGIN, 8)
        filled = content.copy()
        with torch.inference_mode():
            part = generate(content[top:bottom, left:right], rng)
        filled[top:bottom, left:right] = part
        return filled


def box_around(mask: Mask, margin: int, step: int) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) of the hole and a margin, grown to multiples of ``step``."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    edges = []
    for hits, length in ((rows, mask.shape[0]), (columns, mask.shape[1])):
        first, last = (int(hits[0]), int(hits[-1]) + 1) if hits.size else (0, length)
        edges += [max(0, (first - margin) // step * step), min(length, -(-(last + margin) // step) * step)]
    return edges[0], edges[1], edges[2], edges[3]


def generate(content: Image, rng: np.random.Generator) -> Image:
    """Return the content as a random decoder gives it back, with invented texture; uint8, same shape."""
    height, width = content.shape[:2]
    stride = int(rng.choice((2, 4, 8), p=(0.4, 0.4, 0.2)))
    target = content.astype(np.float32) / 255
    pad = (-height % stride, -width % stride)
    padded = np.pad(target, ((0, pad[0]), (0, pad[1]), (0, 0)), mode="edge")
    torch_rng = torch.Generator().manual_seed(int(rng.integers(2**31)))
    features = _decode(_latent(padded, stride, rng), stride, rng, torch_rng)[:height, :width]
    flat = features.reshape(-1, features.shape[2])
    base = (flat @ _fit(flat, target.reshape(-1, 3), rng)).reshape(target.shape)
    texture = (flat @ rng.standard_normal((flat.shape[1], 3)).astype(np.float32)).reshape(target.shape)
    return _bytes(base + _scaled_texture(texture, target, base, rng))


def _latent(image: np.ndarray, stride: int, rng: np.random.Generator) -> Tensor:
    """Keep the strongest block-DCT coefficients per colour, and noise: what an encoder lets through."""
    pixels = torch.from_numpy(image).permute(2, 0, 1)[:, None]
    basis = torch.from_numpy(_dct_basis(stride, keep=int(rng.integers(3, 11))))
    coefficients = functional.conv2d(pixels - 0.5, basis, stride=stride)
    latent = coefficients.flatten(0, 1)[None]
    latent = latent / (latent.std((2, 3), keepdim=True) + 1e-3)
    noise = rng.standard_normal((1, 4, *latent.shape[2:]), np.float32)
    return torch.cat([latent, torch.from_numpy(noise)], 1)


def _dct_basis(stride: int, keep: int) -> np.ndarray:
    grid = np.arange(stride)
    lines = np.cos(np.pi * (grid[None] + 0.5) * grid[:, None] / stride)
    order = sorted(((u, v) for u in grid for v in grid), key=lambda uv: uv[0] + uv[1])[:keep]
    basis = np.stack([np.outer(lines[u], lines[v]) for u, v in order])[:, None]
    unit: np.ndarray = (basis / np.sqrt((basis**2).sum((2, 3), keepdims=True))).astype(np.float32)
    return unit


def _decode(latent: Tensor, stride: int, rng: np.random.Generator, torch_rng: torch.Generator) -> np.ndarray:
    """Run a random decoder: (1, c, H/stride, W/stride) → (H, W, C), with a constant and plain up-sampling."""
    channels = int(rng.choice((16, 24, 32)))
    activate = ACTIVATIONS[int(rng.integers(len(ACTIVATIONS)))]
    kind = str(rng.choice(("nearest", "bilinear", "transposed", "shuffle")))
    features = _random_conv(latent, channels, activate, torch_rng)
    while stride > 1:
        features = _double(features, channels, kind, activate, torch_rng)
        stride //= 2
    last = _random_conv(features, channels, activate, torch_rng)
    plain = functional.interpolate(latent, last.shape[2:], mode="bilinear", align_corners=False)
    stacked = torch.cat([last, features, plain, torch.ones_like(last[:, :1])], 1)
    return stacked[0].permute(1, 2, 0).numpy()


def _double(
    features: Tensor,
    channels: int,
    kind: str,
    activate: Callable[[Tensor], Tensor],
    torch_rng: torch.Generator,
) -> Tensor:
    gated = activate is ACTIVATIONS[-1]
    out = channels * (2 if gated else 1)
    if kind == "transposed":
        size = 4 if torch.rand((), generator=torch_rng) < 0.5 else 3
        weight = (
            torch.randn(features.shape[1], out, size, size, generator=torch_rng)
            * (2 * 4 / (features.shape[1] * size * size)) ** 0.5
        )
        padding = 1
        grown = functional.conv_transpose2d(
            features, weight, stride=2, padding=padding, output_padding=4 - size
        )
        return activate(_normed(grown))
    if kind == "shuffle":
        return functional.pixel_shuffle(_random_conv(features, 4 * channels, activate, torch_rng), 2)
    align = {} if kind == "nearest" else {"align_corners": False}
    grown = functional.interpolate(features, scale_factor=2, mode=kind, **align)
    return _random_conv(grown, channels, activate, torch_rng)


def _random_conv(
    features: Tensor, channels: int, activate: Callable[[Tensor], Tensor], torch_rng: torch.Generator
) -> Tensor:
    out = channels * (2 if activate is ACTIVATIONS[-1] else 1)
    weight = (
        torch.randn(out, features.shape[1], 3, 3, generator=torch_rng) * (2 / (9 * features.shape[1])) ** 0.5
    )
    padded = functional.pad(features, (1, 1, 1, 1), mode="replicate")
    return activate(_normed(functional.conv2d(padded, weight)))


def _normed(features: Tensor) -> Tensor:
    return (features - features.mean((2, 3), keepdim=True)) / (features.std((2, 3), keepdim=True) + 1e-3)


def _fit(features: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ridge regression on a sample of the pixels: the read-out (features, 3) that fits the content best."""
    rows = rng.integers(0, len(features), min(len(features), _SAMPLES))
    x, y = features[rows].astype(np.float64), target[rows].astype(np.float64)
    gram = x.T @ x
    gram[np.diag_indices_from(gram)] += _RIDGE * len(rows)
    return np.asarray(np.linalg.solve(gram, x.T @ y), np.float32)


def _scaled_texture(
    texture: np.ndarray, target: np.ndarray, base: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Scale the invented texture so that, place by place, it has the energy that the decoder lost."""
    sigma = float(rng.uniform(0.8, 2.0))
    fine = texture - cv2.GaussianBlur(texture, (0, 0), sigma)
    lost = target - base
    wanted = cv2.GaussianBlur(lost * lost, (0, 0), 6)
    present = cv2.GaussianBlur(fine * fine, (0, 0), 6) + 1e-8
    strength = float(rng.uniform(0.3, 1.1)) if rng.random() < 0.8 else 0.0
    return np.asarray(strength * fine * np.sqrt(np.maximum(wanted, 0) / present), np.float32)


def _bytes(image: np.ndarray) -> Image:
    return np.asarray(np.clip(np.rint(image * 255), 0, 255), np.uint8)
