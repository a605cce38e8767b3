"""MVSS-Net: the reference method that looks at edges and at noise.

Sources: Chen, Dong et al. 2021, "Image manipulation detection by multi-view multi-scale supervision" (ICCV);
Dong et al. 2022 (TPAMI). The dual attention is that of Fu et al. 2019 (DANet).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.model.attention import attend
from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.resnet import DilatedResNet

_SEGMENTATION_WEIGHT, _IMAGE_WEIGHT, _EDGE_WEIGHT = 0.16, 0.04, 0.80
_GREY = (0.299, 0.587, 0.114)


class MVSSNet(nn.Module):
    """Mark the manipulated pixels of a picture: RGB in 0..1, (N, 3, H, W) → logits, (N, 1, H, W).

    One dilated ResNet sees the picture and is supervised by edges, another sees the Bayar residual of the
    grey picture; a dual-attention head joins both at 1/16, and its one map is enlarged bilinearly.
    ``backbone`` 50 is the paper's network: 142.7 M parameters, or 146.8 M with both branches' unused ImageNet
    classifiers, which the published program counts. A shallower one goes by its own ``name``, such as
    ``mvssnet-r18``. The paper starts from ImageNet weights, ours from random ones: say so beside any score.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.name = "mvssnet" if config.backbone == 50 else f"mvssnet-r{config.backbone}"
        self.edge_branch = DilatedResNet(config.backbone, config.width)
        self.bayar = BayarConv2d(1, 3, 5)
        self.noise_branch = DilatedResNet(config.backbone, config.width)
        self.edge_head = EdgeHead(self.edge_branch.channels)
        deepest = self.edge_branch.channels[-1] + self.noise_branch.channels[-1]
        self.head = DualAttentionHead(deepest, deepest // 4)

    def forward(self, image: Tensor) -> Tensor:
        return self._segment(image, self.edge_branch(image)[-1])

    def training_loss(self, image: Tensor, mask: Tensor) -> Tensor:
        """Return the method's own loss for a batch: what the training loop minimizes instead of IRL-Net's."""
        logits, edge_logits = self.forward_training(image)
        return mvss_loss(logits.float(), edge_logits.float(), mask)

    def forward_training(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (N, 1, H, W) and edge logits (N, 1, H/4, W/4), as :func:`mvss_loss` takes them."""
        features = self.edge_branch(image)
        return self._segment(image, features[-1]), self.edge_head(features)

    def project_(self) -> None:
        """Impose the Bayar constraint again: to be called after every optimizer step."""
        self.bayar.project_()

    def _segment(self, image: Tensor, deep: Tensor) -> Tensor:
        grey = (image * image.new_tensor(_GREY).view(3, 1, 1)).sum(1, keepdim=True)
        noise = self.noise_branch(self.bayar(grey))[-1]
        coarse = self.head(torch.cat([deep, noise], dim=1))
        return functional.interpolate(coarse, image.shape[-2:], mode="bilinear", align_corners=False)


class SobelGate(nn.Module):
    """Weigh features by the sigmoid of their normalized edge strength, (N, C, H, W) → the same shape."""

    kernels: Tensor

    def __init__(self) -> None:
        super().__init__()
        across = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
        self.register_buffer("kernels", torch.stack([across, across.T])[:, None], persistent=False)
        self.norm = nn.BatchNorm2d(2)

    def forward(self, features: Tensor) -> Tensor:
        # Every channel has the same two kernels, so that their sum may be filtered instead of each of them.
        slopes = self.norm(functional.conv2d(features.sum(1, keepdim=True), self.kernels, padding=1))
        # The small term keeps the root's gradient finite on flat features.
        strength = (slopes.square().sum(1, keepdim=True) + 1e-6).sqrt()
        gated: Tensor = features * strength.sigmoid()
        return gated


class EdgeResidualBlock(nn.Module):
    """The paper's ERB: a 1x1 convolution down to one map, then a residual pair of 3x3 convolutions.

    It starts as a plain mean of its features, which are not negative: a single map that started below zero
    would stay dead behind its ReLU.
    """

    def __init__(self, in_channels: int, *, relu: bool = True) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(in_channels, 1, 1)
        self.body = nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1), nn.ReLU(), nn.Conv2d(1, 1, 3, padding=1)
        )
        self.after = nn.ReLU() if relu else nn.Identity()
        for parameter in (*self.reduce.parameters(), *self.body[-1].parameters()):
            nn.init.zeros_(parameter)
        nn.init.uniform_(self.reduce.weight, 0, 2 / in_channels)

    def forward(self, features: Tensor) -> Tensor:
        reduced = self.reduce(features)
        refined: Tensor = self.after(reduced + self.body(reduced))
        return refined


class EdgeHead(nn.Module):
    """Join the four stages' gated edges from shallow to deep: → edge logits (N, 1, H/4, W/4)."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.gates = nn.ModuleList(SobelGate() for _ in channels)
        self.reductions = nn.ModuleList(EdgeResidualBlock(count) for count in channels)
        steps = len(channels) - 1
        self.transitions = nn.ModuleList(
            EdgeResidualBlock(1, relu=step < steps) for step in range(1, steps + 1)
        )

    def forward(self, features: list[Tensor]) -> Tensor:
        size = features[0].shape[-2:]
        maps = [
            functional.interpolate(reduce(gate(stage)), size, mode="bilinear", align_corners=False)
            for gate, reduce, stage in zip(self.gates, self.reductions, features, strict=True)
        ]
        edges = maps[0]
        for transition, deeper in zip(self.transitions, maps[1:], strict=True):
            edges = transition(edges + deeper)
        return edges


class DualAttentionHead(nn.Module):
    """Attention between positions beside attention between channels; their sum gives one map of logits."""

    def __init__(self, in_channels: int, inner: int) -> None:
        super().__init__()
        self.positions = nn.Sequential(
            _activated(in_channels, inner), PositionAttention(inner), _activated(inner, inner)
        )
        self.channels = nn.Sequential(
            _activated(in_channels, inner), ChannelAttention(), _activated(inner, inner)
        )
        self.out = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(inner, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.out(self.positions(features) + self.channels(features))
        return logits


class PositionAttention(nn.Module):
    """Each place gathers from the places like it, (N, C, H, W) → the same shape; its gain starts at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 8)
        self.query, self.key = nn.Conv2d(channels, inner, 1), nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.alpha = nn.Parameter(torch.zeros(()))

    def forward(self, features: Tensor) -> Tensor:
        query = self.query(features).flatten(2).transpose(1, 2)
        value = self.value(features).flatten(2).transpose(1, 2)
        gathered = attend(query, self.key(features).flatten(2), value)
        return self.alpha * gathered.transpose(1, 2).reshape_as(features) + features


class ChannelAttention(nn.Module):
    """Each channel gathers from the channels unlike it (DANet's inverted softmax); its gain starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(()))

    def forward(self, features: Tensor) -> Tensor:
        flat = features.flatten(2)
        energy = torch.bmm(flat, flat.transpose(1, 2))
        weights = (energy.amax(dim=2, keepdim=True) - energy).softmax(dim=2).to(flat.dtype)
        return self.beta * torch.bmm(weights, flat).reshape_as(features) + features


def mvss_loss(logits: Tensor, edge_logits: Tensor, mask: Tensor) -> Tensor:
    """Return the paper's loss: 0.16 Dice(map) + 0.04 BCE(maximum of the map) + 0.80 Dice(edges).

    Logits and mask (float, 0 or 1) are (N, 1, H, W), edge logits (N, 1, H/4, W/4). Dice has squared
    denominators and + 1 above and below, so that pictures without a mask have a gradient too.
    """
    whole = functional.binary_cross_entropy_with_logits(logits.amax(dim=(1, 2, 3)), mask.amax(dim=(1, 2, 3)))
    edges = _dice(edge_logits, edges_of(mask, edge_logits.shape[-2:]))
    return _SEGMENTATION_WEIGHT * _dice(logits, mask) + _IMAGE_WEIGHT * whole + _EDGE_WEIGHT * edges


def edges_of(mask: Tensor, size: torch.Size | tuple[int, int]) -> Tensor:
    """Return the mask's outline, (N, 1, H, W) → (N, 1, *size): 1 in cells that hold a pixel at its border."""
    outline = functional.max_pool2d(mask, 3, 1, 1) + functional.max_pool2d(-mask, 3, 1, 1)
    return functional.adaptive_max_pool2d(outline, tuple(size))


def _dice(logits: Tensor, target: Tensor) -> Tensor:
    probability = logits.sigmoid().flatten(1)
    target = target.flatten(1)
    overlap = 2 * (probability * target).sum(1) + 1
    return (1 - overlap / (probability.square().sum(1) + target.square().sum(1) + 1)).mean()


def _activated(in_channels: int, out_channels: int) -> nn.Sequential:
    convolution = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out_channels), nn.ReLU())
