"""Shares of sequences of residuals, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.model.cooccurrence import COUNT, chroma_cooccurrences, cooccurrences, relative_cooccurrences
from irlnet_core.model.grid_votes import BT601
from tests.core.model.test_noise_statistics import grain, picture


def test_a_flat_picture_has_one_kind_of_sequence_only() -> None:
    shares = cooccurrences(np.full((48, 64, 3), 90, np.uint8))

    assert np.sort(shares.max((1, 2)))[-1] == 1
    assert (np.sort(shares.max((1, 2)))[:-1] == 0).all()


def test_squares_of_the_shares_add_up_to_one() -> None:
    shares = cooccurrences(picture(grain(80, 64, 3, coloured=False)))

    assert (shares**2).sum(0) == pytest.approx(np.ones((10, 8)), abs=1e-5)


def test_a_turn_a_mirror_and_a_negative_change_no_kind() -> None:
    image = picture(grain(96, 96, 3, coloured=False))
    inner = (slice(None), slice(4, -4), slice(4, -4))
    here = cooccurrences(image)[inner].mean((1, 2))

    for other in (image[::-1], image[:, ::-1], image.transpose(1, 0, 2), 255 - image):
        assert cooccurrences(np.ascontiguousarray(other))[inner].mean((1, 2)) == pytest.approx(here, abs=0.02)


def test_smoother_grain_has_other_shares_where_it_is() -> None:
    values = grain(192, 192, 6, coloured=False).copy()
    values[64:128, 64:128] *= 0.2
    shares = cooccurrences(picture(values))

    inside, outside = shares[:, 10:14, 10:14].mean((1, 2)), shares[:, :6].mean((1, 2))
    assert np.abs(inside - outside).max() > 0.15


def test_relative_shares_do_not_tell_how_strong_a_grain_is_but_of_what_kind() -> None:
    weak, strong = (
        relative_cooccurrences(picture(grain(96, 96, sigma, coloured=False))) for sigma in (4, 16)
    )
    smooth = np.cumsum(grain(96, 96, 4, coloured=False), axis=1)
    walk = relative_cooccurrences(picture(smooth - smooth.mean(1, keepdims=True)))

    assert weak.mean((1, 2)) == pytest.approx(strong.mean((1, 2)), abs=0.03)
    assert np.abs(walk.mean((1, 2)) - strong.mean((1, 2))).max() > 0.1


def test_squares_of_each_colour_s_shares_add_up_to_one() -> None:
    shares = chroma_cooccurrences(picture(grain(80, 64, 3, coloured=True)))

    for colour in (shares[:COUNT], shares[COUNT:]):
        assert (colour**2).sum(0) == pytest.approx(np.ones((10, 8)), abs=1e-5)


def test_a_region_whose_luma_alone_has_grain_shows_in_the_colours() -> None:
    values = grain(192, 192, 6, coloured=True).copy()
    values[64:128, 64:128] = (values[64:128, 64:128] @ BT601)[..., None]
    image = picture(values)

    luma, colours = (
        np.abs(shares[:, 10:14, 10:14].mean((1, 2)) - shares[:, :6].mean((1, 2))).max()
        for shares in (cooccurrences(image), chroma_cooccurrences(image))
    )
    assert colours > 0.3
    assert luma < 0.1
