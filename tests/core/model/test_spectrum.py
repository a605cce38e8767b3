"""Energies of DCT frequencies, cell by cell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from irlnet_core.model.spectrum import band_energies
from tests.core.model.test_noise_statistics import grain, picture

LUMA_FINEST = 34  # the frequency (7, 7)


def test_white_grain_has_its_variance_in_every_frequency() -> None:
    energies = band_energies(picture(grain(160, 160, 6, coloured=False)))

    luma = energies[:35, 3:-3, 3:-3].mean((1, 2))
    assert luma == pytest.approx(np.full(35, np.log(36)), abs=0.25)


def test_a_blurred_patch_lacks_high_frequencies_just_there() -> None:
    values = grain(192, 192, 15, coloured=False).copy()
    values[64:128, 64:128] = cv2.GaussianBlur(values, (0, 0), 1.5)[64:128, 64:128]
    finest = band_energies(picture(values))[LUMA_FINEST]

    assert finest[10:14, 10:14].max() < finest[:6].min() - 2


def test_a_picture_and_its_mirror_have_mirrored_energies() -> None:
    image = picture(grain(64, 96, 20, coloured=True))

    turned = band_energies(np.ascontiguousarray(image.transpose(1, 0, 2)))

    assert turned.transpose(0, 2, 1) == pytest.approx(band_energies(image), abs=1e-3)
