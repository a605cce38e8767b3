"""How the residuals of the colours go together and how heavy their tails are, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.model.residual_shape import COUNT, residual_shapes
from tests.core.model.test_noise_statistics import grain, picture

TIES, TAILS = slice(0, 6), slice(6, 10)


def test_grey_grain_ties_the_colours_and_coloured_grain_does_not() -> None:
    grey = residual_shapes(picture(grain(96, 88, 8, coloured=False)))
    coloured = residual_shapes(picture(grain(96, 88, 8, coloured=True)))

    assert grey.shape == (COUNT, 12, 11)
    assert grey[TIES].min() > 1.8  # a correlation of .9, in spreads of .5
    assert np.abs(coloured[TIES]).max() < 0.6


def test_rare_strong_grain_has_heavier_tails_where_it_is() -> None:
    rng = np.random.default_rng(4)
    values = grain(160, 160, 6, coloured=False).copy()
    rare = rng.random((80, 160, 1)) < 0.03
    values[80:] = np.where(rare, rng.normal(0, 40, (80, 160, 1)), 0.5 * values[80:])
    tails = residual_shapes(picture(values))[TAILS]

    assert (tails[:, 14:].mean((1, 2)) < tails[:, :6].mean((1, 2)) - 0.5).all()


def test_the_tails_of_gaussian_grain_are_those_of_theory() -> None:
    tails = residual_shapes(picture(grain(160, 160, 12, coloured=False)))[TAILS]

    assert tails.mean((1, 2)) == pytest.approx(np.full(4, (np.sqrt(2 / np.pi) - 0.75) / 0.125), abs=0.15)


def test_a_flat_picture_has_finite_shapes() -> None:
    assert np.isfinite(residual_shapes(np.full((33, 20, 3), 200, np.uint8))).all()
