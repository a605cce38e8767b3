"""Keep photographs as pictures in which nothing was filled: what stages 25 to 28 of "fast" added.

    python packaging/keep_clean.py PHOTOS NEW_FOLDER [SEED]

Of the photographs that training learns from (the tenth that is held out stays out), whole up to 1024 pixels a
side, with their traces, and a note that `irlnet train --forged` reads. As they came (stage 25); with a seed
(stages 26 to 28 have 27) reduced, or recoded as forgeries are, or both.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL.Image import Resampling

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.data.forged_cache import hash_photographs, keep_picture, write_note
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine import Image
from irlnet_core.forge.finish import draw_finish, resize
from irlnet_core.model.traces import CHANNELS
from irlnet_core.training.sources import split_photographs

_LARGEST, _SMALLEST = 1024, 512  # pixels
_REDUCED, _REDUCED_ONLY = 0.55, 0.35  # shares of the changed ones; all but the second are recoded


def main(photos: Path, new: Path, seed: int | None) -> None:
    """Write what is learned of ``photos`` into ``new``, changed when there is a ``seed``."""
    learned, _ = split_photographs(photos)
    new.mkdir(parents=True)
    for number, photo in enumerate(learned):
        image = np.asarray(read_image(photo.path).pixels)
        if seed is not None:
            image = _change(image, np.random.default_rng((seed, number)))
        image = np.ascontiguousarray(image[:_LARGEST, :_LARGEST])
        if min(image.shape[:2]) >= _SMALLEST:
            keep_picture(new / f"{number:06d}.npz", image, np.zeros(image.shape[:2], bool))
    note = {
        "photographs_sha256": hash_photographs(learned),
        "traces": CHANNELS,
        "clean_photographs_up_to": _LARGEST,
    }
    changed = {} if seed is None else {"changed_by_seed": seed}
    write_note(new, note | changed)


def _change(image: Image, rng: np.random.Generator) -> Image:
    """Reduce a picture to a half or to .5 to .9 where enough stays, or recode it, or both."""
    draw, reduced = rng.random(), image
    if draw < _REDUCED:
        scale = 0.5 if rng.random() < 0.5 else rng.uniform(0.5, 0.9)
        size = round(image.shape[1] * scale), round(image.shape[0] * scale)
        if rng.random() < 0.3:
            method = Resampling.LANCZOS if rng.random() < 0.5 else Resampling.BICUBIC
            reduced = np.array(PillowImage.fromarray(image).resize(size, method))
        else:
            reduced = resize(image, size[1], size[0])
        if min(size) < _SMALLEST:
            draw, reduced = 1.0, image
    reduced = np.ascontiguousarray(reduced[:_LARGEST, :_LARGEST])
    return reduced if draw < _REDUCED_ONLY else draw_finish(rng)(reduced)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
