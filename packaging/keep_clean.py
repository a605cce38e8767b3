"""Keep photographs as they came, as pictures in which nothing was filled: what stage 25 of "fast" added.

    python packaging/keep_clean.py PHOTOS NEW_FOLDER

Of the photographs that training learns from (the tenth that is held out stays out), whole up to 1024 pixels a
side, with their traces, and a note that `irlnet train --forged` reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.data.forged_cache import KEPT_NOTE, hash_photographs, keep_picture
from irlnet_core.evidence.image import read_image
from irlnet_core.training.sources import split_photographs

_LARGEST, _SMALLEST = 1024, 512  # pixels


def main(photos: Path, new: Path) -> None:
    """Write what is learned of ``photos`` into ``new``."""
    learned, _ = split_photographs(photos)
    new.mkdir(parents=True)
    for number, photo in enumerate(learned):
        image = np.ascontiguousarray(read_image(photo.path).pixels[:_LARGEST, :_LARGEST])
        if min(image.shape[:2]) >= _SMALLEST:
            keep_picture(new / f"{number:06d}.npz", image, np.zeros(image.shape[:2], bool))
    note = {"photographs_sha256": hash_photographs(learned), "clean_photographs_up_to": _LARGEST}
    (new / KEPT_NOTE).write_text(json.dumps(note, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
