"""The Decoder module: three PixelShuffle steps back to full size, with attention at 1/4 (section III.C)."""

from __future__ import annotations

from torch import Tensor, nn

from irlnet_core.model.attention import CrossAttention
from irlnet_core.model.blocks import conv3x3, scaled


def upscale(in_channels: int, out_channels: int) -> nn.Sequential:
    """Convolution, ReLU, convolution, PixelShuffle: twice the size, ``out_channels`` deep (Shi 2016)."""
    return nn.Sequential(
        conv3x3(in_channels, in_channels),
        nn.ReLU(),
        conv3x3(in_channels, 4 * out_channels),
        nn.PixelShuffle(2),
    )


class Decoder(nn.Module):
    """Turn the encoder's features into one logit per pixel.

    Shapes: deep (N, in_channels, H/8, W/8) and quarter (N, quarter_channels, H/4, W/4) → (N, 1, H, W).
    """

    def __init__(self, in_channels: int, quarter_channels: int, width: float, attention: bool) -> None:
        super().__init__()
        wide, middle, narrow = scaled(128, width), scaled(64, width), scaled(32, width)
        self.to_quarter = upscale(in_channels, wide)
        self.attention = CrossAttention(wide, quarter_channels) if attention else None
        self.to_half = upscale(wide, middle)
        self.to_full = upscale(middle, middle)
        self.refine = nn.Sequential(conv3x3(middle, narrow), nn.ReLU())
        self.head = nn.Conv2d(narrow, 1, 7, padding=3)

    def forward(self, deep: Tensor, quarter: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(deep, quarter))
        return logits

    def features(self, deep: Tensor, quarter: Tensor) -> Tensor:
        """Return the last features before the head, (N, 32 * width, H, W): what a contrast loss looks at."""
        decoded = self.to_quarter(deep)
        if self.attention is not None:
            decoded = self.attention(decoded, quarter)
        refined: Tensor = self.refine(self.to_full(self.to_half(decoded)))
        return refined
