"""Weight averaging: the model that is kept is the running mean of the weights that training goes through."""

from __future__ import annotations

import copy

import torch
from torch import nn


class WeightAverage:
    """An exponential moving average of a network's weights (Polyak averaging); decay 0 follows the network.

    The decay grows with the steps seen, min(decay, (1 + t) / (10 + t)), so that early weights are soon
    forgotten.
    """

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay = decay
        self.net = copy.deepcopy(net).eval().requires_grad_(requires_grad=False)

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        """Move the average towards the network after step number ``step`` (counted from 1)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mean, now in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)
        project = getattr(self.net, "project_", None)
        if callable(project):
            project()
