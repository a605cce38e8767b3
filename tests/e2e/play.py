"""What the plays of these tests share: their types, and pictures to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from irlgui.main_window import MainWindow

Script = Callable[[MainWindow], object]
RunApp = Callable[..., int]

PATIENCE = 30_000  # milliseconds; a busy machine loads torch slowly


def write_picture(path: Path, side: int, *, seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path
