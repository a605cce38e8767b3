"""The Bayar layer: a learned high-pass filter, the residual of predicting a pixel from its neighbours.

Source: Bayar & Stamm 2018 ("Constrained convolutional neural networks"); IRL-Net paper, eq. 1. The paper
prints a centre of +1; with the other weights summing to 1 that is no residual. Bayar's own layer has a centre
of -1, which gives zero response on flat areas, and so has ours.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class BayarConv2d(nn.Conv2d):
    """A convolution without bias whose every kernel has centre -1 and other weights that sum to 1.

    Call :meth:`project_` after each optimizer step; loading a state dict does it by itself.
    Shapes: (N, in_channels, H, W) → (N, out_channels, H, W); the border is replicated, so that a flat picture
    has no response at its edge either.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 3, kernel_size: int = 5) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            padding=kernel_size // 2,
            padding_mode="replicate",
            bias=False,
        )
        self.project_()
        # torch gives this method no types
        self.register_load_state_dict_post_hook(_project_after_loading)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def project_(self) -> None:
        """Move the weights to the nearest (Euclidean) that satisfy eq. 1; finite for any finite weights."""
        if self.weight.is_meta:
            return
        middle = self.kernel_size[0] // 2
        weight = self.weight.double()
        weight[:, :, middle, middle] = 0
        others = weight[0, 0].numel() - 1
        weight += (1 - weight.sum((2, 3), keepdim=True)) / others
        weight[:, :, middle, middle] = -1
        self.weight.copy_(weight)


def _project_after_loading(layer: Any, _incompatible: Any) -> None:
    layer.project_()
