"""The encoder-decoder attention block (figure 5, eq. 2-6), without ever holding the N x N matrix.

Queries come from the encoder, keys and values from the decoder; the softmax runs over the key positions for
each query position (eq. 4), without a scale. The authors' published program normalizes over the whole matrix
instead; we follow the paper.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class CrossAttention(nn.Module):
    """O = alpha * (V A) + X with a learnable scalar alpha that starts at 0.

    Shapes: decoder features X (N, channels, H, W), encoder features f (N, encoder_channels, H, W) → like X.
    Query and key have channels / 8 components.
    """

    def __init__(self, channels: int, encoder_channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 8)
        self.query = nn.Conv2d(encoder_channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.alpha = nn.Parameter(torch.zeros(()))

    def forward(self, decoded: Tensor, encoded: Tensor) -> Tensor:
        query = self.query(encoded).flatten(2).transpose(1, 2)
        key = self.key(decoded).flatten(2)
        value = self.value(decoded).flatten(2).transpose(1, 2)
        attended = attend(query, key, value).transpose(1, 2).reshape_as(decoded)
        return self.alpha * attended + decoded


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return softmax(query key) value by a kernel that never holds all scores (eq. 4 and 5).

    Shapes: query (N, P, c), key (N, c, P), value (N, P, C) → (N, P, C). All three are filled with zeros to
    one number of components, as the kernels want it, which changes no score.
    """
    wide = max(query.shape[2], value.shape[2])
    queries, keys, values = (
        functional.pad(part, (0, wide - part.shape[2])).to(value.dtype)[:, None]
        for part in (query, key.transpose(1, 2), value)
    )
    return functional.scaled_dot_product_attention(queries, keys, values, scale=1.0)[
        :, 0, :, : value.shape[2]
    ]
