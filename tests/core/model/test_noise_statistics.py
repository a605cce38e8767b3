"""The statistics of a picture's finest structure, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from irlnet_core.model.noise_statistics import COUNT, noise_statistics

GREEN_ENERGY, RED, BLUE, RED_GREEN, BLUE_GREEN, FALL = range(COUNT)


def grain(height: int, width: int, sigma: float, *, coloured: bool, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    planes = rng.normal(0, sigma, (height, width, 3 if coloured else 1))
    return np.broadcast_to(planes, (height, width, 3))


def picture(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(128 + values), 0, 255).astype(np.uint8)


def test_stronger_grain_has_more_energy_where_it_is() -> None:
    values = grain(160, 160, 4, coloured=True).copy()
    values[80:] *= 4
    energy = noise_statistics(picture(values))[GREEN_ENERGY]

    assert energy[14:].mean() - energy[:6].mean() == pytest.approx(np.log(16), abs=0.2)


def test_grey_grain_is_correlated_between_the_colours_and_coloured_grain_is_not() -> None:
    grey = noise_statistics(picture(grain(96, 96, 8, coloured=False)))
    coloured = noise_statistics(picture(grain(96, 96, 8, coloured=True)))

    assert grey[RED_GREEN].min() > 0.95
    assert grey[BLUE_GREEN].min() > 0.95
    assert np.abs(coloured[RED_GREEN]).max() < 0.2
    assert np.abs(grey[RED]).max() < 0.01


def test_a_weaker_blue_shows_in_blues_share() -> None:
    values = grain(96, 96, 12, coloured=True) * np.array([1, 1, 0.5])

    assert noise_statistics(picture(values))[BLUE].mean() == pytest.approx(np.log(0.25), abs=0.15)


def test_blurred_grain_falls_faster_towards_high_frequencies() -> None:
    import cv2

    values = grain(160, 160, 20, coloured=False)
    blurred = np.asarray(cv2.GaussianBlur(values, (0, 0), 1.2), float)

    assert (
        noise_statistics(picture(blurred))[FALL].mean() < noise_statistics(picture(values))[FALL].mean() - 1
    )
