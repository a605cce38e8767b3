"""The Enhancement module: raw pixels and Bayar residual, joined and seen at three scales (section III.A)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.blocks import conv3x3, scaled


class MultiScale(nn.Module):
    """Three parallel convolutions (7x7, 5x5, 3x3) with ReLU, concatenated: (N, in, H, W) → (N, 3x, H, W)."""

    def __init__(self, in_channels: int, filters: int) -> None:
        super().__init__()
        self.scales = nn.ModuleList(nn.Conv2d(in_channels, filters, k, padding=k // 2) for k in (7, 5, 3))

    def forward(self, image: Tensor) -> Tensor:
        return torch.relu(torch.cat([scale(image) for scale in self.scales], dim=1))


class EarlyFusion(nn.Module):
    """Join residual and plain features first, then look at three scales (the paper's best, table 3)."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.bayar = BayarConv2d()
        self.plain = conv3x3(3, 3)
        self.multiscale = MultiScale(6, scaled(32, width))

    def forward(self, image: Tensor) -> Tensor:
        fused = torch.cat([self.bayar(image), self.plain(image)], dim=1)
        features: Tensor = self.multiscale(fused)
        return features


class Branch(nn.Module):
    """One branch of middle and late fusion: a first layer (Bayar or plain), then three scales."""

    def __init__(self, first: nn.Module, width: float) -> None:
        super().__init__()
        self.first = first
        self.multiscale = MultiScale(3, scaled(32, width))

    def forward(self, image: Tensor) -> Tensor:
        features: Tensor = self.multiscale(self.first(image))
        return features


def make_branches(width: float) -> nn.ModuleList:
    """Return the residual branch and the plain branch."""
    return nn.ModuleList([Branch(BayarConv2d(), width), Branch(conv3x3(3, 3), width)])


class MiddleFusion(nn.Module):
    """Each branch has its own multi-scale block; their features are concatenated before the encoder."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.branches = make_branches(width)

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([branch(image) for branch in self.branches], dim=1)
