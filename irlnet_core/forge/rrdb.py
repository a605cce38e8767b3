"""Upscalers of the ESRGAN family as engines: adversarially trained texture, at a quarter of its own content.

ESRGAN's generator (Wang et al. 2018, "ESRGAN", RRDB blocks without batch norm) is also that of RealSR (Ji et
al. 2020) and Real-ESRGAN (Wang et al. 2021). A picture reduced by 4 and enlarged by it keeps its content, and
gets the sharp texture of a generator trained against a discriminator, as inpainters of the LaMa kind are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_STRIDE = 4
_SLOPE = 0.2
_DAMPING = 0.2


@dataclass(frozen=True)
class RrdbConfig:
    """``blocks`` residual-in-residual blocks of ``channels``, each dense layer adding ``growth``."""

    channels: int = 64
    growth: int = 32
    blocks: int = 23


class RrdbUpscaler(nn.Module):
    """Reduce by 4 and enlarge again: RGB 0..1 (N, 3, H, W), sides multiples of 4, not clamped.

    ``decoder`` is what follows the last block: two nearest-neighbour doublings and four convolutions. All
    but the last convolution is computed in bfloat16, many times faster where a processor knows it.
    """

    stride = _STRIDE

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        c = config.channels
        self.first = _conv(3, c)
        self.blocks = nn.Sequential(*(_Rrdb(c, config.growth) for _ in range(config.blocks)))
        self.after = _conv(c, c)
        self.decoder = _Enlarge(c)

    def forward(self, image: Tensor) -> Tensor:
        with torch.autocast(image.device.type, torch.bfloat16):
            shallow = self.first(functional.avg_pool2d(image, _STRIDE))
            features = self.decoder(shallow + self.after(self.blocks(shallow)))
        # In float32: bfloat16 has less than 256 levels between a half and one, which would be a trace itself.
        enlarged: Tensor = self.decoder.last(features.float())
        return enlarged


class _Enlarge(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(_conv(channels, channels) for _ in range(3))
        self.last = _conv(channels, 3)

    def forward(self, features: Tensor) -> Tensor:
        for number, convolution in enumerate(self.convolutions):
            grown = functional.interpolate(features, scale_factor=2) if number < 2 else features
            features = functional.leaky_relu(convolution(grown), _SLOPE)
        return features


class _Rrdb(nn.Module):
    """Three dense blocks with damped shortcuts, and a damped shortcut around them."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(_Dense(channels, growth) for _ in range(3)))

    def forward(self, features: Tensor) -> Tensor:
        summed: Tensor = features + _DAMPING * self.dense(features)
        return summed


class _Dense(nn.Module):
    """Four convolutions that each see all before them, and a fifth back to the block's channels."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.grow = nn.ModuleList(_conv(channels + n * growth, growth) for n in range(4))
        self.join = _conv(channels + 4 * growth, channels)

    def forward(self, features: Tensor) -> Tensor:
        seen = features
        for convolution in self.grow:
            seen = torch.cat([seen, functional.leaky_relu(convolution(seen), _SLOPE)], 1)
        summed: Tensor = features + _DAMPING * self.join(seen)
        return summed


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)
