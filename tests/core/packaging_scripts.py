"""Scripts of packaging/, loaded as modules, and a small model with a trace stream for them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import torch

from irlnet_core.config import ModelConfig
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build


def load_script(name: str) -> ModuleType:
    """Return packaging/``name``.py as a module."""
    path = Path(__file__).parents[2] / "packaging" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look their names up
    spec.loader.exec_module(module)
    return module


def save_trace_model(folder: Path) -> Path:
    """Save an untrained network with a trace stream."""
    torch.manual_seed(1)
    config = ModelConfig(width=0.0625, traces=True, trace_channels=8)
    save_model(folder, build(config), ModelCard(folder.name, config, tile=64, overlap=16))
    return folder
