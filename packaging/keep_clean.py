"""Keep photographs as pictures in which nothing was filled: what stages 25 to 31 of "fast" added.

    python packaging/keep_clean.py PHOTOS NEW_FOLDER [SEED [reduced]]

Of the photographs that training learns from (the tenth that is held out stays out), whole up to 1024 pixels a
side, with their traces, and a note that `irlnet train --forged` reads. As they came (stage 25); with a seed
(stages 26 to 31 have 27) reduced, or recoded as forgeries are, or both. With "reduced" (stage 31) some three
fifths of those that stay large enough, all reduced, in part sharpened or with other colours, and few recoded:
pictures without a coding history, as editors and data sets hold them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL.Image import Resampling

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.data.forged_cache import hash_photographs, keep_picture, write_note
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine import Image
from irlnet_core.forge.finish import draw_finish, recode, resize
from irlnet_core.forge.innocent import expose, saturate
from irlnet_core.forge.operations import clip_to_bytes
from irlnet_core.model.traces import CHANNELS
from irlnet_core.training.sources import split_photographs

_LARGEST, _SMALLEST = 1024, 512  # pixels
_REDUCED, _REDUCED_ONLY = 0.55, 0.35  # shares of the changed ones; all but the second are recoded
_LARGEST_SCALE, _TAKEN = 0.85, 0.62  # of the reduced ones


def main(photos: Path, new: Path, seed: int | None, *, reduced: bool = False) -> None:
    """Write what is learned of ``photos`` into ``new``, changed when there is a ``seed``."""
    learned, _ = split_photographs(photos)
    new.mkdir(parents=True)
    for number, photo in enumerate(learned):
        image = np.asarray(read_image(photo.path).pixels)
        if seed is not None:
            image = (_reduce if reduced else _change)(image, np.random.default_rng((seed, number)))
        image = np.ascontiguousarray(image[:_LARGEST, :_LARGEST])
        if min(image.shape[:2]) >= _SMALLEST:
            keep_picture(new / f"{number:06d}.npz", image, np.zeros(image.shape[:2], bool))
    note = {
        "photographs_sha256": hash_photographs(learned),
        "traces": CHANNELS,
        "clean_photographs_up_to": _LARGEST,
    }
    changed = {} if seed is None else {"reduced_by_seed" if reduced else "changed_by_seed": seed}
    write_note(new, note | changed)


def _change(image: Image, rng: np.random.Generator) -> Image:
    """Reduce a picture to a half or to .5 to .9 where enough stays, or recode it, or both."""
    draw, changed = rng.random(), image
    if draw < _REDUCED:
        changed = _scale(image, 0.5 if rng.random() < 0.5 else rng.uniform(0.5, 0.9), rng)
        if min(changed.shape[:2]) < _SMALLEST:
            draw, changed = 1.0, image
    changed = np.ascontiguousarray(changed[:_LARGEST, :_LARGEST])
    return changed if draw < _REDUCED_ONLY else draw_finish(rng)(changed)


def _reduce(image: Image, rng: np.random.Generator) -> Image:
    """Reduce a picture to .85 or less; sharpen it, change its colours or code it. Too small ones stay out."""
    smallest = _SMALLEST / min(image.shape[:2])
    if smallest > _LARGEST_SCALE or rng.random() > _TAKEN:
        return image[:0]
    reduced = _scale(image, rng.uniform(smallest, _LARGEST_SCALE) + 1e-3, rng)
    if rng.random() < 0.3:
        blurred = cv2.GaussianBlur(reduced, (0, 0), rng.uniform(0.5, 1.2))
        share = rng.uniform(0.2, 1)
        reduced = np.asarray(cv2.addWeighted(reduced, 1 + share, blurred, -share, 0), np.uint8)
    for operation in (expose, saturate):
        if rng.random() < 0.2:
            reduced = clip_to_bytes(operation(reduced.astype(np.float32), rng))
    if rng.random() < 0.15:
        return recode(reduced, "JPEG", quality=int(rng.integers(88, 100)), subsampling=int(rng.integers(3)))
    return reduced


def _scale(image: Image, scale: float, rng: np.random.Generator) -> Image:
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    if rng.random() < 0.3:
        method = Resampling.LANCZOS if rng.random() < 0.5 else Resampling.BICUBIC
        return np.array(PillowImage.fromarray(image).resize(size, method))
    return resize(image, size[1], size[0])


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        int(sys.argv[3]) if len(sys.argv) > 3 else None,
        reduced=sys.argv[4:] == ["reduced"],
    )
