"""Photograph-like pictures made by code: soft shapes, edges, fine noise, saved as JPEG with a history."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


def make_photograph(seed: int, side: int = 160) -> np.ndarray:
    """Return an RGB picture (uint8) with smooth areas, edges and sensor-like noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(20, 235, (7, 7, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    for _ in range(6):
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        cv2.circle(
            picture, centre, int(rng.integers(5, side // 4)), [float(v) for v in rng.integers(0, 255, 3)], -1
        )
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def save_photographs(folder: Path, count: int = 6, side: int = 160, quality: int = 88) -> Path:
    """Write ``count`` such pictures as JPEG files into a new folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture = cv2.cvtColor(make_photograph(number, side), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"scene{number}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return folder


@pytest.fixture
def photo_folder(tmp_path: Path) -> Path:
    """A folder of six small photographs, each a scene of its own."""
    return save_photographs(tmp_path / "photos")
