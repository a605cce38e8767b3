"""Let the trace streams of several models answer together, as the voices of one stream.

    python packaging/join_voices.py NEW_MODEL_FOLDER MODEL_FOLDER MODEL_FOLDER...

The mean of their answers counts, each voice of a model that has several as much as any other. All else, the
decoder among it, is the first model's, and so is the card, which tells of all; photos.csv is that of all. A
stream that is narrower or reads less than the widest one is first given the further channels, from which it
reads nothing, so that it answers as before.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.graft import graft
from irlnet_core.model.photo_list import merge_photos, read_photos
from irlnet_core.model.registry import build
from irlnet_core.model.trace_stream import trace_channels


def main(new: Path, folders: list[Path]) -> None:
    """Write the models in ``folders`` as the voices of one model, into the folder ``new``."""
    models = [load_model(folder) for folder in folders]
    configs = [model.card.architecture for model in models]
    if silent := [str(folder) for folder, config in zip(folders, configs, strict=True) if not config.traces]:
        raise SystemExit(f"No trace stream, so no voice: {', '.join(silent)}.")
    widest = dataclasses.replace(
        configs[0],
        trace_channels=max(map(trace_channels, configs)),
        second_look=any(config.second_look for config in configs),
        chroma_traces=any(config.chroma_traces for config in configs),
    )
    architecture = dataclasses.replace(widest, trace_voices=sum(config.trace_voices for config in configs))
    joined, *others = [
        graft(model.net, build(dataclasses.replace(widest, trace_voices=config.trace_voices)))
        for model, config in zip(models, configs, strict=True)
    ]
    streams: list[Any] = [net.traces for net in others]
    for stream in streams:
        voices, stream.further = [stream, *stream.further], stream.further[:0]
        joined.traces.further.extend(voices)  # type: ignore[union-attr, operator]
    first = models[0].card
    told = [voice for model in models for voice in model.card.training.get("voices", [model.card.hashes])]
    training = {**first.training, "voices": told}
    card = dataclasses.replace(first.uncalibrated(), architecture=architecture, training=training)
    save_model(new, joined, card, photos=merge_photos(*(read_photos(folder) for folder in folders)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
