"""LDICN, the high-pass fully convolutional network: the reference method that the IRL-Net paper retrained.

Source: Li & Huang 2019, "Localization of deep inpainting using high-pass fully convolutional network" (ICCV).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.model.blocks import scaled

_STRIDE = 16
_UPSAMPLING = 4


class HPFCN(nn.Module):
    """Mark the inpainted pixels of a picture: RGB in 0..1, (N, 3, H, W) → logits, (N, 1, H, W).

    Learnable high-pass filters, a pre-activation ResNet of eight bottleneck units with total stride 16, and
    two transposed convolutions back to full size; 7.7 M parameters at width 1. The paper trains it with the
    focal loss (gamma 2) and Adam, 1e-4 halved each epoch. Sides that are no multiple of 16 are padded by
    replication inside and cut off again. The published program's two softmax outputs are one logit here,
    their difference.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        units: list[nn.Module] = []
        channels = 9
        for depth in (128, 256, 512, 1024):
            out = scaled(depth, config.width)
            units += [BottleneckUnit(channels, out, stride=1), BottleneckUnit(out, out, stride=2)]
            channels = out
        middle = scaled(64, config.width)
        self.high_pass = HighPassFilters()
        self.units = nn.Sequential(*units)
        self.upsampling = nn.Sequential(_transposed(channels, middle), _transposed(middle, 4))
        self.head = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 5, padding=2))

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        padded = functional.pad(image, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="replicate")
        logits: Tensor = self.head(self.upsampling(self.units(self.high_pass(padded))))
        return logits[..., :height, :width]

    def training_loss(self, image: Tensor, mask: Tensor) -> Tensor:
        """Return the method's own loss for a batch, the mean focal loss with gamma = 2 (Lin et al. 2017)."""
        entropy = functional.binary_cross_entropy_with_logits(self(image).float(), mask, reduction="none")
        return ((1 - torch.exp(-entropy)) ** 2 * entropy).mean()


class HighPassFilters(nn.Conv2d):
    """Three learnable 3x3 filters for each colour, (N, 3, H, W) → (N, 9, H, W).

    They start as first-order differences: centre -1 and +1 below, to the right, and diagonally below.
    """

    def __init__(self) -> None:
        super().__init__(3, 9, 3, padding=1, groups=3, bias=False, padding_mode="replicate")
        with torch.no_grad():
            self.weight.zero_()
            self.weight[:, :, 1, 1] = -1
            for number, (row, column) in enumerate([(2, 1), (1, 2), (2, 2)]):
                self.weight[number::3, :, row, column] = 1


class BottleneckUnit(nn.Module):
    """A pre-activation bottleneck (He et al. 2016): norm and ReLU first, then 1x1, 3x3 and 1x1 convolutions.

    The inner convolutions have a quarter of the output's channels. Where the channels change, the shortcut is
    a 1x1 convolution of the activated input, otherwise the input itself, thinned out by the stride.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        inner = out_channels // 4
        self.stride = stride
        self.activate = nn.Sequential(nn.BatchNorm2d(in_channels), nn.ReLU())
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, out_channels, 1),
        )
        changes = in_channels != out_channels
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride) if changes else None

    def forward(self, features: Tensor) -> Tensor:
        activated = self.activate(features)
        if self.shortcut is None:
            kept = features[..., :: self.stride, :: self.stride]
        else:
            kept = self.shortcut(activated)
        summed: Tensor = self.body(activated) + kept
        return summed


def _transposed(in_channels: int, out_channels: int) -> nn.ConvTranspose2d:
    """Return an 8x8 transposed convolution of stride 4 that starts as bilinear interpolation.

    The published program gives every pair of channels the very same kernel; its 64 middle channels then stay
    equal for ever, since their gradients are equal too. Here each pair has a random gain of variance
    1 / in_channels.
    """
    layer = nn.ConvTranspose2d(
        in_channels, out_channels, 2 * _UPSAMPLING, _UPSAMPLING, padding=_UPSAMPLING // 2, bias=False
    )
    with torch.no_grad():
        gains = torch.randn(in_channels, out_channels, 1, 1) / math.sqrt(in_channels)
        layer.weight.copy_(gains * _bilinear_kernel(_UPSAMPLING))
    return layer


def _bilinear_kernel(factor: int) -> Tensor:
    place = torch.arange(2 * factor) - (factor - 0.5)
    triangle = 1 - place.abs() / factor
    return torch.outer(triangle, triangle)
