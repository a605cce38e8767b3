"""TAEF2, the tiny autoencoder of the FLUX.2 editor: its round trip leaves the traces of latent diffusion."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_WIDTH = 64
_LATENT = 32


class Taef2(nn.Module):
    """Round trip through a latent of 32 channels at an eighth of the size: RGB 0..1 (N,3,H,W) to the same.

    Sides are multiples of 8. Parameters bear the published names, below ``encoder`` and ``decoder``.
    Source: github.com/madebyollin/taesd (MIT), TAEF2.
    """

    stride = 8

    def __init__(self) -> None:
        super().__init__()
        self.encoder = _build_encoder()
        self.decoder = _build_decoder()

    def forward(self, image: Tensor) -> Tensor:
        decoded: Tensor = self.decoder(self.encoder(image))
        return decoded.clamp(0, 1)


def _conv(in_channels: int, out_channels: int, stride: int = 1, *, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=bias)


class _Block(nn.Module):
    """Three convolutions around which the input is added; a *mid* block adds a normed 1x1 branch first."""

    def __init__(self, *, mid: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _conv(_WIDTH, _WIDTH), nn.ReLU(), _conv(_WIDTH, _WIDTH), nn.ReLU(), _conv(_WIDTH, _WIDTH)
        )
        wide = 4 * _WIDTH
        self.pool = (
            nn.Sequential(
                nn.Conv2d(_WIDTH, wide, 1, bias=False),
                nn.GroupNorm(4, wide),
                nn.ReLU(),
                nn.Conv2d(wide, _WIDTH, 1, bias=False),
            )
            if mid
            else None
        )

    def forward(self, features: Tensor) -> Tensor:
        if self.pool is not None:
            features = features + self.pool(features)
        return torch.relu(self.conv(features) + features)


class _SoftClamp(nn.Module):
    """Keep a latent within -3..3."""

    def forward(self, latent: Tensor) -> Tensor:
        return 3 * torch.tanh(latent / 3)


def _build_encoder() -> nn.Sequential:
    layers: list[nn.Module] = [_conv(3, _WIDTH), _Block()]
    for mid in (False, False, True):
        layers += [_conv(_WIDTH, _WIDTH, 2, bias=False), *(_Block(mid=mid) for _ in range(3))]
    return nn.Sequential(*layers, _conv(_WIDTH, _LATENT))


def _build_decoder() -> nn.Sequential:
    layers: list[nn.Module] = [_SoftClamp(), _conv(_LATENT, _WIDTH), nn.ReLU()]
    layers += [_Block(mid=True) for _ in range(3)]
    for blocks in (3, 3, 1):
        layers += [nn.Upsample(scale_factor=2), _conv(_WIDTH, _WIDTH, bias=False)]
        layers += [_Block() for _ in range(blocks)]
    return nn.Sequential(*layers, _conv(_WIDTH, 3))
