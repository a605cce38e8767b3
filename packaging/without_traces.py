"""Take the pixel branch out of a model with an older trace stream: what stage 13 of "fast" began from.

    python packaging/without_traces.py OLD_MODEL_FOLDER NEW_MODEL_FOLDER

The new model is the paper's network (``traces = false``). Its last layer is blank, so that a trace stream
that is trained beside it answers alone until both are trained together.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import safetensors.torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.model import registry
from irlnet_core.model.card import WEIGHTS_NAME, read_card
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.photo_list import read_photos


def main(old: Path, new: Path) -> None:
    """Write the pixel branch of the model folder ``old`` as the model folder ``new``."""
    card = read_card(old)
    weights = safetensors.torch.load_file(old / WEIGHTS_NAME)
    architecture = dataclasses.replace(card.architecture, traces=False)
    net = registry.build(architecture)
    state = net.state_dict()
    for name, values in state.items():
        state[name] = weights[name][tuple(slice(0, n) for n in values.shape)].float()
    state["decoder.head.weight"].zero_()
    state["decoder.head.bias"].zero_()
    net.load_state_dict(state)
    blind = dataclasses.replace(card.uncalibrated(), architecture=architecture)
    save_model(new, net, blind, photos=read_photos(old))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
