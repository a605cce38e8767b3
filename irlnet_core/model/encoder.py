"""The Encoder module: four residual units, from full size and 32 channels to 1/8 and 256 (section III.B)."""

from __future__ import annotations

from torch import Tensor, nn

from irlnet_core.config import Residual
from irlnet_core.model.blocks import ResidualBlock, scaled

# (channels, blocks, stride of the first block) of each unit at width 1.
UNITS = ((32, 2, 1), (64, 5, 2), (128, 7, 2), (256, 7, 2))


class Encoder(nn.Module):
    """Return the features of unit 2 (1/4 size, 128 channels) and of unit 3 (1/8 size, 256 channels)."""

    def __init__(self, in_channels: int, width: float, kind: Residual) -> None:
        super().__init__()
        self.units = nn.ModuleList()
        for channels, blocks, stride in UNITS:
            out = scaled(channels, width)
            rest = [ResidualBlock(out, out, 1, kind) for _ in range(blocks - 1)]
            self.units.append(nn.Sequential(ResidualBlock(in_channels, out, stride, kind), *rest))
            in_channels = out

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        quarter = features
        for unit in self.units:
            quarter, features = features, unit(features)
        return quarter, features
