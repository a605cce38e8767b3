"""The trace stream beside the Encoder: our own addition to the paper's network, off by default."""

from __future__ import annotations

from torch import Tensor, nn

from irlnet_core.model.blocks import ResidualBlock, conv3x3, scaled
from irlnet_core.model.traces import CHANNELS, PictureTraces


class TraceStream(nn.Module):
    """Turn traces into features for the Decoder: (N, 44, H/8, W/8) → (N, 128 * width, H/8, W/8).

    The traces tell what a tile can't: they compare each place with the whole picture. The paper's network
    finds them hard to learn from pixels; measured, they separate many fills that it misses.
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        self.out_channels = scaled(128, width)
        self.measure = PictureTraces()
        blocks = (ResidualBlock(self.out_channels, self.out_channels, 1, "se") for _ in range(3))
        self.body = nn.Sequential(conv3x3(CHANNELS, self.out_channels), nn.ReLU(), *blocks)

    def forward(self, traces: Tensor) -> Tensor:
        features: Tensor = self.body(traces)
        return features
