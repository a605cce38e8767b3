"""Small pictures of a validation: the crop, its true mask and the response, side by side. Torch-free."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.evidence.export import write_png
from irlnet_core.evidence.overlay import colorize
from irlnet_core.training.finetune_run_folder import RunFolder

_GAP = 4
_GREY = 119

Shot = tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float32]]


def write_previews(run: RunFolder, step: int, shots: Sequence[Shot], keep: Sequence[int]) -> list[Path]:
    """Write the shots (image, mask, response) of ``step``; earlier steps not in ``keep`` make room.

    Raises :class:`OutputError` when the disk refuses.
    """
    folder = run.path / "previews" / f"step-{step:06d}"
    paths = [folder / f"{number:02d}.png" for number in range(1, len(shots) + 1)]
    for path, shot in zip(paths, shots, strict=True):
        with files.write_atomically(path) as temporary:
            write_png(temporary, render_shot(*shot))
    for old in run.previews():
        if old not in (*keep, step):
            shutil.rmtree(run.path / "previews" / f"step-{old:06d}", ignore_errors=True)
    return paths


def render_shot(
    image: NDArray[np.uint8], mask: NDArray[np.bool_], response: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Return the three as one RGB picture with a grey gap between them."""
    white = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    gap = np.full((mask.shape[0], _GAP, 3), _GREY, np.uint8)
    return np.concatenate([image, gap, white, gap, colorize(response)], axis=1)
