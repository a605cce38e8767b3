"""Give a model's trace stream the traces that came later: what stages 15 and 19 of "fast" began from.

    python packaging/widen_traces.py OLD_MODEL_FOLDER NEW_MODEL_FOLDER

The old stream reads 224 traces (stages 13 and 14: six kinds, each as measured and less the picture's median)
or 444 (stages 15 to 18: eight kinds, also less what is usual). Its weights for these stay. The new channels
begin with zeros, so that it answers as before until it is trained.
"""

from __future__ import annotations

import sys
from pathlib import Path

import safetensors.torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.model import registry
from irlnet_core.model.card import WEIGHTS_NAME, read_card
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.photo_list import read_photos
from irlnet_core.model.traces import KINDS

_ENTRY = "traces.body.0.weight"
_FIRST, _SECOND = 6, 9  # so many of today's kinds were there at first, and then


def main(old: Path, new: Path) -> None:
    """Write the model folder ``old`` with a wider trace stream as the model folder ``new``."""
    card = read_card(old)
    weights = {name: t.float() for name, t in safetensors.torch.load_file(old / WEIGHTS_NAME).items()}
    entry = weights[_ENTRY]
    known = _known_channels(entry.shape[1])
    net = registry.build(card.architecture)
    wide = net.state_dict()[_ENTRY] * 0
    wide[:, known] = entry
    net.load_state_dict(weights | {_ENTRY: wide})
    save_model(new, net, card.uncalibrated(), photos=read_photos(old))


def _known_channels(count: int) -> list[int]:
    """Return which of today's channels an old stream of so many channels read, in its order."""
    if count == sum(KINDS[:_SECOND]):
        return list(range(count))
    known: list[int] = []
    at = 0
    for channels in KINDS[:_FIRST]:
        known += range(at, at + 2 * channels // 3)  # as measured and less the median
        at += channels
    if len(known) != count:
        raise SystemExit(f"A trace stream of {count} channels is not known.")
    return known


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
