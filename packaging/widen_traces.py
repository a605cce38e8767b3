"""Give a model's trace stream the traces that came later: what stage 15 of "fast" began from.

    python packaging/widen_traces.py OLD_MODEL_FOLDER NEW_MODEL_FOLDER

The old stream (stages 13 to 14) read six kinds of traces, each as measured and less the picture's median; its
weights for these stay. The new channels begin with zeros, so that it answers as before until it is trained.
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
from irlnet_core.model.traces import CHANNELS, KINDS

_ENTRY = "traces.body.0.weight"
_OLD_KINDS = 6


def main(old: Path, new: Path) -> None:
    """Write the model folder ``old`` with a wider trace stream as the model folder ``new``."""
    card = read_card(old)
    weights = {name: t.float() for name, t in safetensors.torch.load_file(old / WEIGHTS_NAME).items()}
    entry = weights[_ENTRY]
    wide = entry.new_zeros(len(entry), CHANNELS, *entry.shape[2:])
    read, at = 0, 0
    for channels in KINDS[:_OLD_KINDS]:
        known = 2 * channels // 3  # as measured and less the median; less what is usual came later
        wide[:, at : at + known] = entry[:, read : read + known]
        read, at = read + known, at + channels
    if read != entry.shape[1]:
        raise SystemExit(f"{old} has a trace stream of {entry.shape[1]} channels, not of {read}.")
    net = registry.build(card.architecture)
    net.load_state_dict(weights | {_ENTRY: wide})
    plain = dataclasses.replace(card, hashes={}, calibration={}, clean_levels=())
    save_model(new, net, dataclasses.replace(plain, operating_points=(), threshold=0.5))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
