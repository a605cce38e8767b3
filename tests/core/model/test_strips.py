"""What is measured strip by strip: every cell has a finite value, and no strip shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irlnet_core.errors import Interrupted
from irlnet_core.model import cooccurrence, noise_statistics, rhythm, spectrum
from tests.core.model.test_noise_statistics import grain, picture

Measure = Callable[..., NDArray[np.float32]]

MEASURES = [
    pytest.param(noise_statistics.noise_statistics, noise_statistics.COUNT, 1e-3, id="noise"),
    pytest.param(spectrum.band_energies, spectrum.COUNT, 1e-3, id="spectrum"),
    pytest.param(cooccurrence.cooccurrences, cooccurrence.COUNT, 1e-3, id="sequences"),
    pytest.param(rhythm.rhythms, rhythm.COUNT, 1e-2, id="rhythm"),
]


@pytest.mark.parametrize(("measure", "count", "tolerance"), MEASURES)
@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 150), width=st.integers(1, 70))
def test_every_cell_has_finite_values_and_the_strips_do_not_show(
    measure: Measure, count: int, tolerance: float, height: int, width: int
) -> None:
    image = picture(grain(height, width, 10, coloured=True))
    values = measure(image)

    assert values.shape == (count, -(-height // 8), -(-width // 8))
    assert np.isfinite(values).all()
    if height > 140:  # rows 64 and 128 begin strips
        assert values[:, 6:14] == pytest.approx(measure(image[16:])[:, 4:12], abs=tolerance)


@pytest.mark.parametrize(("measure", "count", "tolerance"), MEASURES)
def test_what_is_raised_between_two_strips_ends_the_work(
    measure: Measure, count: int, tolerance: float
) -> None:
    seen = []

    def between() -> None:
        seen.append(1)
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        measure(picture(grain(200, 40, 5, coloured=False)), between)
    assert len(seen) == 1
