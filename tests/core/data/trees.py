"""Small folders of pictures and masks for the tests of pairing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 80, 64
BOX = (slice(10, 30), slice(20, 50))  # the marked part
MARKED = 20 * 30 / (WIDTH * HEIGHT)


def make_picture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return a picture with coarse content of its own (RGB uint8)."""
    coarse = np.random.default_rng(seed).integers(0, 255, (7, 9, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def make_mask(white: int = 255, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[BOX] = white
    return mask


@dataclass
class Tree:
    """A folder that is filled by name; pictures of one seed are equal, of two seeds unlike."""

    folder: Path

    def touch(self, *names: str) -> Tree:
        """Make files without pixels, for what looks at names only."""
        for name in names:
            self._place(name).touch()
        return self

    def picture(self, name: str, seed: int = 0, **options: Any) -> Path:
        return self.save(name, make_picture(seed), **options)

    def mask(self, name: str, white: int = 255) -> Path:
        return self.save(name, make_mask(white))

    def save(self, name: str, pixels: np.ndarray | Image.Image, **options: Any) -> Path:
        path = self._place(name)
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        image.save(path, **options)
        return path

    def write(self, name: str, content: object) -> Path:
        path = self._place(name)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def below(self, path: Path | None) -> str | None:
        return path.relative_to(self.folder).as_posix() if path else None

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}

    def _place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
