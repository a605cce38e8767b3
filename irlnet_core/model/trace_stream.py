"""The trace stream beside the Encoder: our own addition to the paper's network, off by default."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.model.blocks import ResidualBlock, conv3x3, scaled
from irlnet_core.model.grid_votes import CELL
from irlnet_core.model.traces import CHANNELS, PictureTraces

_DILATIONS = (1, 2, 1, 4)


class TraceStream(nn.Module):
    """Turn traces into features for the Decoder: (N, 444, H/8, W/8) → (N, 128 * width, H/8, W/8).

    The traces tell what a tile can't: they compare each place with the whole picture. The paper's network
    finds them hard to learn from pixels; measured, they separate many fills that it misses. So the stream has
    an answer of its own, a logit per cell, which is added to the Decoder's.
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        self.out_channels = scaled(128, width)
        self.measure = PictureTraces()
        blocks = (ResidualBlock(self.out_channels, self.out_channels, 1, "se", d) for d in _DILATIONS)
        self.body = nn.Sequential(conv3x3(CHANNELS, self.out_channels), nn.ReLU(), *blocks)
        self.head = nn.Conv2d(self.out_channels, 1, 1)
        nn.init.zeros_(self.head.weight)  # a stream that has not learned yet says nothing
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, traces: Tensor) -> Tensor:
        features: Tensor = self.body(traces)
        return features

    def logits(self, features: Tensor) -> Tensor:
        """Return the stream's own answer to :meth:`forward`'s features, (N, 1, H, W) in pixels."""
        cells = self.head(functional.relu(features)).float()
        return functional.interpolate(cells, scale_factor=CELL, mode="bilinear", align_corners=False)
