"""From a configuration to its network: each architecture's module is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import cast

from torch import nn

from irlnet_core.config import ModelConfig

ARCHITECTURES = {
    "irlnet": "irlnet_core.model.irlnet:IRLNet",
    "hpfcn": "irlnet_core.model.hpfcn:HPFCN",
    "mvssnet": "irlnet_core.model.mvssnet:MVSSNet",
}


def build(config: ModelConfig) -> nn.Module:
    """Build the untrained network of ``config``: RGB in 0..1, (N, 3, H, W) → logits (N, 1, H, W)."""
    module, _, name = ARCHITECTURES[config.architecture].partition(":")
    return cast(nn.Module, getattr(importlib.import_module(module), name)(config))
