"""Residual blocks of the encoder: the four forms that the paper compares (figure 3, table 4)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from irlnet_core.config import Residual


def scaled(channels: int, width: float) -> int:
    """Return a channel count of the paper times ``width``, as a multiple of 8 (at least 8)."""
    return max(8, round(channels * width / 8) * 8)


def conv3x3(in_channels: int, out_channels: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """Return a 3x3 convolution with bias that keeps the size (or halves it with ``stride`` 2)."""
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=dilation, dilation=dilation)


class _GlobalMean(torch.autograd.Function):
    """The mean over the whole tile, whose gradient lies in memory as the network's features do.

    The framework's own gradient is a view that repeats one number; added to others it turned all that follows
    into another order of memory, and a training step took a third longer on a CPU.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        ctx.shape = features.shape
        mean: Tensor = features.mean((2, 3), keepdim=True)
        return mean

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        shared = gradient / (ctx.shape[2] * ctx.shape[3])
        spread: Tensor = shared.expand(ctx.shape)
        return spread.contiguous(memory_format=torch.channels_last)


class GlobalMean(nn.Module):
    """(N, C, H, W) → (N, C, 1, 1): each channel's mean."""

    def forward(self, features: Tensor) -> Tensor:
        mean: Tensor = _GlobalMean.apply(features)  # type: ignore[no-untyped-call]
        return mean


class SqueezeExcitation(nn.Module):
    """Weigh each channel by a gate computed from the mean of all channels over the whole tile (figure 4)."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            GlobalMean(),
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, features: Tensor) -> Tensor:
        gated: Tensor = features * self.gate(features)
        return gated


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut around them, in one of the paper's forms.

    ``bn``: figure 3a, batch norm and a ReLU after the sum. ``srresnet``: 3b, no ReLU after the sum.
    ``plain``: no batch norm (Nah et al. 2017). ``se``: 3c, no batch norm, squeeze-and-excitation before the
    sum. The shortcut is a 3x3 convolution where the shape changes. ``dilation`` is the first convolution's.
    """

    def __init__(
        self, in_channels: int, out_channels: int, stride: int, kind: Residual, dilation: int = 1
    ) -> None:
        super().__init__()
        normed = kind in ("bn", "srresnet")
        layers: list[nn.Module] = [conv3x3(in_channels, out_channels, stride, dilation)]
        layers += [nn.BatchNorm2d(out_channels)] if normed else []
        layers += [nn.ReLU(), conv3x3(out_channels, out_channels)]
        layers += [nn.BatchNorm2d(out_channels)] if normed else []
        layers += [SqueezeExcitation(out_channels)] if kind == "se" else []
        self.body = nn.Sequential(*layers)
        same = in_channels == out_channels and stride == 1
        self.shortcut = nn.Identity() if same else conv3x3(in_channels, out_channels, stride)
        self.after = nn.ReLU() if kind == "bn" else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        summed: Tensor = self.after(self.body(features) + self.shortcut(features))
        return summed
