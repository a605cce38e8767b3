from __future__ import annotations

import torch

from irlnet_core.forge.contextual_attention import contextual_attention

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
