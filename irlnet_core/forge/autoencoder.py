"""Trained engines of the forge: small autoencoders whose round trip leaves the traces of a generator."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.errors import DataError
from irlnet_core.forge.autoencoder_config import AutoencoderConfig
from irlnet_core.forge.classical import fill_content
from irlnet_core.forge.engine import PERTURBED, Image, Mask
from irlnet_core.forge.engine_files import Weights
from irlnet_core.forge.random_generator import box_around
from irlnet_core.forge.rrdb import RrdbUpscaler
from irlnet_core.forge.taef2 import Taef2

_MARGIN = 32  # pixels of context around the hole
_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.2),
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}


class Autoencoder(nn.Module):
    """Round trip of RGB 0..1 (N,3,H,W), sides multiples of the stride, through a latent; not clamped."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.stride = config.stride
        halvings = config.stride.bit_length() - 1
        widths = [config.base * min(2**level, 4) for level in range(halvings + 1)]
        upscales = config.encoder == "area"
        self.encoder = nn.AvgPool2d(config.stride) if upscales else _build_encoder(config, widths)
        self.decoder = _build_decoder(config, 3 if upscales else config.latent, widths[::-1])

    def forward(self, image: Tensor) -> Tensor:
        decoded: Tensor = self.decoder(self.encoder(image - 0.5)) + 0.5
        return decoded


class _Residual(nn.Module):
    def __init__(self, channels: int, activation: str) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _ACTIVATIONS[activation](), _conv(channels, channels), _ACTIVATIONS[activation](),
            _conv(channels, channels),
        )  # fmt: skip

    def forward(self, features: Tensor) -> Tensor:
        summed: Tensor = features + self.body(features)
        return summed


def _conv(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1)


def _build_encoder(config: AutoencoderConfig, widths: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = [_conv(3, widths[0])]
    for before, after in itertools.pairwise(widths):
        layers += [_Residual(before, config.activation) for _ in range(config.depth)]
        layers += [_conv(before, after, stride=2)]
    layers += [_Residual(widths[-1], config.activation) for _ in range(config.depth)]
    return nn.Sequential(*layers, _ACTIVATIONS[config.activation](), _conv(widths[-1], config.latent))


def _build_decoder(config: AutoencoderConfig, latent: int, widths: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = [_conv(latent, widths[0])]
    for before, after in itertools.pairwise(widths):
        layers += [_Residual(before, config.activation) for _ in range(config.depth)]
        layers += [_build_upsampler(config.upsampling, before, after)]
    layers += [_Residual(widths[-1], config.activation) for _ in range(config.depth)]
    return nn.Sequential(*layers, _ACTIVATIONS[config.activation](), _conv(widths[-1], 3))


def _build_upsampler(kind: str, before: int, after: int) -> nn.Module:
    if kind == "transposed":
        return nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)
    if kind == "pixelshuffle":
        return nn.Sequential(_conv(before, 4 * after), nn.PixelShuffle(2))
    if kind == "bilinear":
        return nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), _conv(before, after)
        )
    return nn.Sequential(nn.Upsample(scale_factor=2), _conv(before, after))


class RoundTripEngine:
    """Fills a hole with the round trip of what is there (``reconstruct``) or of a content fill of the hole.

    Only the hole's bounding box and a margin are computed, in cells of the picture's own grid, so that the
    traces sit where the round trip of the whole picture would put them. With ``perturb`` > 0 each weight of
    the decoder is multiplied by 1 + perturb * N(0, 1), drawn anew for each fill: so one engine leaves many
    traces.
    """

    def __init__(self, name: str, net: Autoencoder | Taef2 | RrdbUpscaler, *, perturb: float = 0.0) -> None:
        self._name = name + (PERTURBED if perturb else "")
        self._net = net.eval().requires_grad_(False)
        self._perturb = perturb

    @property
    def name(self) -> str:
        return self._name

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        """Return ``image`` with the hole ``mask`` filled; pixels outside the hole are unchanged.

        Raises :class:`DataError` when picture and mask differ in size.
        """
        if image.shape != (*mask.shape, 3):
            raise DataError(f"a picture of shape {image.shape} has no hole of shape {mask.shape}.")
        filled = image.copy()
        if not mask.any():
            return filled
        top, bottom, left, right = box_around(mask, _MARGIN, 8 * self._net.stride)
        hole, part = mask[top:bottom, left:right], filled[top:bottom, left:right]
        if not reconstruct:
            part[hole] = fill_content(part, hole, rng)[hole]
        weights = draw_decoder_weights(self._net.decoder, self._perturb, rng)
        part[hole] = self._round_trip(part, weights)[hole]
        return filled

    @torch.inference_mode()
    def _round_trip(self, content: Image, weights: dict[str, Tensor]) -> Image:
        height, width = content.shape[:2]
        # Two cells: an odd number of cells would leave a stride-2 layer's last column to its zero padding.
        cell = 2 * self._net.stride
        padded = np.pad(content, ((0, -height % cell), (0, -width % cell), (0, 0)), mode="reflect")
        # A view of H x W x 3 as 1 x 3 x H x W is already channels-last.
        tensor = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255
        made = torch.func.functional_call(self._net, weights, (tensor,))
        values = made[0, :, :height, :width].permute(1, 2, 0).clamp(0, 1) * 255
        result: Image = values.round().to(torch.uint8).numpy()
        return result


def draw_decoder_weights(decoder: nn.Module, strength: float, rng: np.random.Generator) -> dict[str, Tensor]:
    """Return kernels times 1 + strength * N(0, 1), named as in a net whose ``decoder`` it is; none for 0."""
    if strength == 0:
        return {}
    return {
        f"decoder.{name}": values * torch.from_numpy(_draw_factors(values.shape, strength, rng))
        for name, values in decoder.named_parameters()
        if values.ndim == 4
    }


def _draw_factors(shape: torch.Size, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    return 1 + np.float32(strength) * rng.standard_normal(tuple(shape), dtype=np.float32)


_N = TypeVar("_N", bound=nn.Module)


def load_weights(net: _N, weights: Weights) -> _N:
    """Put all of ``weights`` into ``net`` and return it; raises RuntimeError when a name or shape differs."""
    net.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    return net
