from __future__ import annotations

import pytest
import torch

from irlnet_core.forge.contextual_attention import contextual_attention, pull_push

torch.set_num_threads(1)


def hole_at(height: int, width: int, rows: slice, columns: slice) -> torch.Tensor:
    hole = torch.zeros(1, 1, height, width)
    hole[:, :, rows, columns] = 1
    return hole


def test_a_repeated_texture_comes_back_from_where_the_hole_is_not() -> None:
    torch.manual_seed(0)
    features = torch.rand(1, 6, 8, 8).repeat(1, 1, 4, 4)  # each place has twins 8 steps away
    hole = hole_at(32, 32, slice(12, 16), slice(12, 16))

    rebuilt = contextual_attention(features, hole)

    assert (rebuilt - features)[:, :, 12:16, 12:16].abs().max() < 1e-3


def test_features_of_the_hole_are_never_taken() -> None:
    torch.manual_seed(0)
    features = torch.rand(1, 4, 24, 24)
    hole = hole_at(24, 24, slice(8, 14), slice(8, 14))
    marked = features.clone()
    marked[:, :, 8:14, 8:14] = 50.0

    rebuilt = contextual_attention(marked, hole)

    # Each place is the mean of four mixtures of patches, and no patch holds one of the marked places.
    assert rebuilt.max() <= features.max() + 1e-5


def test_a_picture_without_a_free_patch_still_gives_finite_features() -> None:
    rebuilt = contextual_attention(torch.rand(2, 3, 8, 8), torch.ones(2, 1, 8, 8))

    assert rebuilt.isfinite().all()
    assert rebuilt.abs().max() > 0


@pytest.mark.parametrize(("height", "width"), [(16, 16), (8, 24), (1, 7), (5, 1)])
def test_a_hole_in_a_plain_picture_is_filled_plainly(height: int, width: int) -> None:
    hole = (torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(1)) < 0.6).float()
    hole[0, 0, 0, 0] = 0
    picture = torch.full((1, 3, height, width), 0.7)

    filled = pull_push(picture * (1 - hole) + 9 * hole, hole)

    assert (filled - 0.7).abs().max() < 1e-5


def test_a_smooth_fill_is_near_what_stands_beside_the_hole() -> None:
    ramp = torch.linspace(0, 1, 32).expand(1, 3, 32, 32)
    hole = hole_at(32, 32, slice(12, 20), slice(12, 20))

    filled = pull_push(ramp, hole)

    assert torch.equal(filled * (1 - hole), ramp * (1 - hole))
    assert (filled - ramp).abs().max() < 0.15


def test_a_picture_that_is_all_hole_becomes_grey() -> None:
    assert pull_push(torch.rand(1, 3, 8, 8), torch.ones(1, 1, 8, 8)).abs().max() == 0
