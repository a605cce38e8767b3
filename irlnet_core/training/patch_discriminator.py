"""The patch discriminator with spectral normalization (SN-PatchGAN) and its hinge losses."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Module):
    """Says of each patch of a picture -1..1 (N,3,H,W) with a hole (N,1,H,W) whether it looks real (> 0).

    ``layers`` convolutions 5x5 of stride 2, ``base`` filters at first and at most four times as many: six and
    64 are the paper's (Yu et al. 2019, section 3.3). Returns (N,C,H/2^layers,W/2^layers): the hinge is
    applied to every element. Spectral normalization keeps the answer to faint texture faint, so with
    ``texture_gain`` > 0 it also sees what a 5x5 mean leaves of the picture, times the gain and through tanh.
    """

    def __init__(self, base: int = 64, layers: int = 6, texture_gain: float = 0.0) -> None:
        super().__init__()
        self.texture_gain = texture_gain
        widths = [7 if texture_gain else 4, *(base * min(2**level, 4) for level in range(layers))]
        self.convolutions = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 5, stride=2, padding=2))
            for before, after in itertools.pairwise(widths)
        )

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        features = torch.cat([image, hole], dim=1)
        if self.texture_gain:
            fine = image - functional.avg_pool2d(image, 5, stride=1, padding=2, count_include_pad=False)
            features = torch.cat([features, torch.tanh(self.texture_gain * fine)], dim=1)
        for convolution in self.convolutions[:-1]:
            features = functional.leaky_relu(convolution(features), 0.2)
        judged: Tensor = self.convolutions[-1](features)
        return judged


def discriminator_loss(real: Tensor, fake: Tensor, hole: Tensor) -> Tensor:
    """Return the hinge loss of the discriminator's answers on real and completed pictures near the hole."""
    return _near(functional.relu(1 - real), hole) + _near(functional.relu(1 + fake), hole)


def generator_loss(fake: Tensor, hole: Tensor) -> Tensor:
    """Return what the generator lowers: minus the discriminator's answer on its pictures near the hole."""
    return _near(-fake, hole)


def _near(values: Tensor, hole: Tensor) -> Tensor:
    """Return the mean of the values, each counted by how much of the hole lies in its cell and beside it.

    Elsewhere the two pictures are one and the same, and there is nothing to learn.
    """
    share = functional.adaptive_avg_pool2d(hole, (values.shape[2], values.shape[3]))
    weight = functional.avg_pool2d(share, 3, stride=1, padding=1)
    return (values.float() * weight).sum() / (weight.sum() * values.shape[1]).clamp(min=1e-6)
