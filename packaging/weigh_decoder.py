"""Let the decoder's answer count less beside the trace stream's: "fast" halves it three times.

    python packaging/weigh_decoder.py MODEL_FOLDER NEW_MODEL_FOLDER 0.5

A stream that was trained alone answers alone; a decoder that was trained beside an earlier stream adds what
that one lacked, and both together say the same twice.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.photo_list import read_photos


def main(old: Path, new: Path, share: float) -> None:
    """Write the model folder ``old`` with its decoder's last layer times ``share`` as the folder ``new``."""
    model = load_model(old)
    state = model.net.state_dict()
    for name in ("decoder.head.weight", "decoder.head.bias"):
        state[name].mul_(share)
    told = model.card.training
    training = {**told, "decoder_share": share * told.get("decoder_share", 1.0)}
    card = dataclasses.replace(model.card.uncalibrated(), training=training)
    save_model(new, model.net, card, photos=read_photos(old))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
