from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from irlnet_core.errors import DataError
from irlnet_core.forge.classical import ClassicalEngine
from irlnet_core.forge.engine import Image, Mask
from irlnet_core.forge.quality import EngineQuality, engine_quality


def textured_photographs(count: int = 12) -> list[Image]:
    rng = np.random.default_rng(5)
    waves = [cv2.GaussianBlur(rng.normal(0, 60, (200, 220, 3)), (0, 0), 0.7) for _ in range(count)]
    return [np.clip(wave + 128, 0, 255).astype(np.uint8) for wave in waves]


def measured(change: Callable[[Image], Image]) -> EngineQuality:
    def fill(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
        return change(image)

    return engine_quality(ClassicalEngine("fake", fill), textured_photographs(), seed=1)


def test_an_engine_that_gives_the_truth_back_has_no_error_and_counts() -> None:
    quality = measured(lambda image: image)

    assert quality.error == 0
    assert quality.telea_error > 5
    assert quality.sharpness == quality.true_sharpness == pytest.approx(1, abs=0.1)
    assert quality.photographs == 12
    assert quality.counts


def test_an_engine_that_blurs_does_not_count_although_its_error_is_small() -> None:
    quality = measured(lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.uint8))

    assert quality.error < quality.telea_error
    assert quality.sharpness < 0.7
    assert not quality.counts


def test_an_engine_worse_than_telea_does_not_count() -> None:
    quality = measured(lambda image: 255 - image)

    assert quality.sharpness == pytest.approx(1, abs=0.1)
    assert quality.error > quality.telea_error
    assert not quality.counts


def test_quality_without_photographs_is_refused() -> None:
    with pytest.raises(DataError, match="photograph"):
        engine_quality(ClassicalEngine("fake", lambda image, mask, rng: image), [], seed=0)
