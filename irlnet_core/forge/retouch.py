"""The *retouch* engine: content passed through random operations, so that no trace can be learned by heart.

What has been seen: a net trained on single engines is perfect on them and blind elsewhere; a diversity of
traces is what carries over to inpainters it never met.
"""

from __future__ import annotations

import numpy as np

from irlnet_core.forge.classical import fill_content
from irlnet_core.forge.engine import Image, Mask
from irlnet_core.forge.operations import apply_random

_TRIES = 4
_VISIBLE = 2.0  # grey levels of mean change below which no trace is left to find


class Retouch:
    """Pass the true content, or a plain fill, through one to three random operations."""

    name = "retouch"

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        content = image if reconstruct else fill_content(image, mask, rng)
        for _ in range(_TRIES):
            filled = apply_random(content, rng)
            if mean_change(image, filled, mask) >= _VISIBLE:
                break
        return filled


def mean_change(image: Image, filled: Image, mask: Mask) -> float:
    """Return the mean absolute difference inside the hole, in grey levels (0 for an empty hole)."""
    if not mask.any():
        return 0.0
    return float(np.abs(image[mask].astype(np.int16) - filled[mask]).mean())
