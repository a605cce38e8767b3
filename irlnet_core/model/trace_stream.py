"""The trace stream beside the Encoder: our own addition to the paper's network, off by default."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.model.blocks import ResidualBlock, conv3x3, scaled
from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.traces import PictureTraces

_DILATIONS = (1, 2, 1, 4)
_SECOND_DILATIONS = (1, 2)
_SHARPNESS = 3  # in a large picture many weak responses must not outweigh a few strong ones
_LITTLE = 1e-3


def trace_channels(config: ModelConfig) -> int:
    """Return how many features each voice of a network's trace stream has, 0 without one."""
    return (config.trace_channels or scaled(128, config.width)) if config.traces else 0


class TraceStream(nn.Module):
    """Turn traces into features: (N, 793, H/8, W/8) → (N, channels + voices - 1, H/8, W/8).

    The traces tell what a tile can't: they compare each place with the whole picture. The paper's network
    finds them hard to learn from pixels; measured, they separate many fills that it misses. So the stream has
    an answer of its own, a logit per cell, which is added to the Decoder's. Without ``chroma_traces`` it
    passes over all but the first 593.

    Several voices are such streams that were trained apart; the mean of their answers counts (an ensemble,
    Hansen and Salamon 1990), for they are deceived by different pictures. The Decoder reads the features of
    the first voice, :meth:`first`; of each further one its answer alone is kept, the last channels.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.out_channels = trace_channels(config)
        self.measure = PictureTraces(chroma=config.chroma_traces)
        blocks = (ResidualBlock(self.out_channels, self.out_channels, 1, "se", d) for d in _DILATIONS)
        self.body = nn.Sequential(conv3x3(self.measure.channels, self.out_channels), nn.ReLU(), *blocks)
        self.second = SecondLook(self.out_channels) if config.second_look else None
        self.head = nn.Conv2d(self.out_channels, 1, 1)
        nn.init.zeros_(self.head.weight)  # a stream that has not learned yet says nothing
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
        alone = dataclasses.replace(config, trace_voices=1)
        self.further = nn.ModuleList(TraceStream(alone) for _ in range(config.trace_voices - 1))

    def forward(self, traces: Tensor) -> Tensor:
        features: Tensor = self.body(traces[:, : self.measure.channels])
        if self.second is not None:
            features = self.second(features, torch.sigmoid(self.answer(features)))
        return torch.cat([features, *(voice.answer(voice(traces)) for voice in self.further)], dim=1)  # type: ignore[operator]

    def first(self, features: Tensor) -> Tensor:
        """Return the first voice's part of :meth:`forward`'s features."""
        return features[:, : self.out_channels]

    def logits(self, features: Tensor) -> Tensor:
        """Return the stream's own answer to :meth:`forward`'s features, (N, 1, H, W) in pixels."""
        own, others = features.tensor_split((self.out_channels,), dim=1)
        cells = torch.cat([self.answer(own), others], dim=1).mean(1, keepdim=True)
        return functional.interpolate(cells, scale_factor=CELL, mode="bilinear", align_corners=False)

    def answer(self, features: Tensor) -> Tensor:
        """Return the logits of this voice's cells, (N, 1, H/8, W/8), to its own features."""
        cells: Tensor = self.head(functional.relu(features)).float()
        return cells


class SecondLook(nn.Module):
    """Compare every cell with what a first answer takes for filled and for genuine in this picture.

    Features (N, C, h, w) and first responses (N, 1, h, w) in 0..1 → features of the same shape. The mean
    features of either side and their spread shift and scale what is learned from each cell (feature-wise
    linear modulation, Perez et al. 2018). At the start nothing is changed.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.read = conv3x3(channels, channels)
        self.modulate = nn.Sequential(
            nn.Linear(4 * channels + 2, 2 * channels), nn.ReLU(), nn.Linear(2 * channels, 2 * channels)
        )
        self.blocks = nn.Sequential(
            *(ResidualBlock(channels, channels, 1, "se", d) for d in _SECOND_DILATIONS)
        )
        self.write = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.write.weight)
        nn.init.zeros_(self.write.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor, response: Tensor) -> Tensor:
        active = functional.relu(features)
        scale, shift = self.modulate(describe_sides(active, response)).chunk(2, dim=1)
        compared = self.read(active) * (1 + scale[..., None, None]) + shift[..., None, None]
        looked: Tensor = features + self.write(functional.relu(self.blocks(functional.relu(compared))))
        return looked

    @torch.no_grad()
    def modulate_like(self, narrow: SecondLook) -> None:
        """Let the channels of a narrower one be scaled and shifted as there, whatever the others are."""
        old, new = narrow.read.in_channels, self.read.in_channels
        each = torch.arange(old)
        described = torch.cat([*(side * new + each for side in range(4)), torch.arange(2) + 4 * new])
        changed = torch.cat([each, new + each])
        hidden = torch.arange(2 * old)
        for layer, rows, columns in ((0, hidden, described), (2, changed, hidden)):
            wide, small = self.modulate[layer].state_dict(), narrow.modulate[layer].state_dict()
            wide["weight"][rows] = 0
            wide["weight"][rows[:, None], columns] = small["weight"]
            wide["bias"][rows] = small["bias"]


def describe_sides(features: Tensor, response: Tensor) -> Tensor:
    """Return mean and spread of the features of both sides, and how much responds: (N, 4 C + 2), float32."""
    values, weights = features.float().flatten(2), response.float().flatten(1)
    parts = []
    for weight in (weights**_SHARPNESS, (1 - weights) ** _SHARPNESS):
        share = (weight / (weight.sum(1, keepdim=True) + _LITTLE))[..., None]
        mean = values @ share
        spread = torch.sqrt(torch.relu(values**2 @ share - mean**2) + _LITTLE)
        parts += [mean[..., 0], spread[..., 0]]
    strength = (weights**2).sum(1, keepdim=True) / (weights.sum(1, keepdim=True) + _LITTLE)
    return torch.cat([*parts, weights.mean(1, keepdim=True), strength], dim=1)
