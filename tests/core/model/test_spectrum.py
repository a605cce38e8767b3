"""Energies of DCT frequencies, cell by cell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.model.spectrum import COUNT, band_energies
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


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 150), width=st.integers(1, 70))
def test_every_cell_has_finite_energies_and_the_strips_do_not_show(height: int, width: int) -> None:
    image = picture(grain(height, width, 10, coloured=True))
    energies = band_energies(image)

    assert energies.shape == (COUNT, -(-height // 8), -(-width // 8))
    assert np.isfinite(energies).all()
    if height > 140:
        assert energies[:, 6:14] == pytest.approx(band_energies(image[16:])[:, 4:12], abs=1e-3)
