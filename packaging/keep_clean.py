"""Keep photographs as they came, as pictures in which nothing was filled: what stage 25 of "fast" added.

    python packaging/keep_clean.py PHOTOS KEPT_FOLDER NEW_FOLDER

Of the photographs that training learns from (the tenth that is held out stays out), whole up to 1024 pixels a
side, with their traces. The new folder gets the photographs' hash from the note of KEPT_FOLDER, which
`irlnet train --forged` compares.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core import files
from irlnet_core.data.forged_cache import KEPT_NOTE
from irlnet_core.data.photographs import find_photographs, split_groups
from irlnet_core.evidence.image import read_image
from irlnet_core.model.traces import PictureTraces
from irlnet_core.training.sources import HELD_OUT

_LARGEST, _SMALLEST = 1024, 512  # pixels


def main(photos: Path, kept: Path, new: Path) -> None:
    """Write what is learned of ``photos`` into ``new``."""
    learned, _ = split_groups(find_photographs(photos, split="train"), HELD_OUT)
    new.mkdir(parents=True)
    for number, photo in enumerate(learned):
        image = np.ascontiguousarray(read_image(photo.path).pixels[:_LARGEST, :_LARGEST])
        if min(image.shape[:2]) < _SMALLEST:
            continue
        traces = PictureTraces().of_picture(image).numpy().astype(np.float16)
        data = io.BytesIO()
        np.savez(data, image=image, mask=np.zeros(image.shape[:2], bool), traces=traces)
        files.write_bytes(new / f"{number:06d}.npz", data.getvalue())
    note = {
        "photographs_sha256": json.loads((kept / KEPT_NOTE).read_text("utf-8"))["photographs_sha256"],
        "forge": None,
        "clean_photographs_up_to": _LARGEST,
    }
    (new / KEPT_NOTE).write_text(json.dumps(note, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:]))
