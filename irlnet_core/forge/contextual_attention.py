"""Contextual attention: the hole's features are rebuilt from patches of features outside the hole."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_SHARPNESS = 10.0  # the paper's softmax scale
_RATE = 2  # matching happens at half the features' size
_NONE = -1e4  # score of a patch that may not be used


def contextual_attention(features: Tensor, hole: Tensor) -> Tensor:
    """Return features (N,C,H,W; even sides) rebuilt as mixtures of their own 4x4 patches outside the hole.

    ``hole`` (N,1,H,W) is 1 inside. Each 3x3 patch of the half-size features is compared (cosine) with those
    that hold no pixel of the hole; scores are made coherent by the paper's propagation along both diagonals
    of the score matrix, and their softmax mixes the full-size patches. Where no patch is free of the hole,
    all count. Source: Yu et al. 2018 (DeepFill v1), section 4.1; memory grows with (H·W/4)².
    """
    count, channels, height, width = features.shape
    rows, columns = height // _RATE, width // _RATE
    weights = _match(features, hole).softmax(dim=1)
    patches = functional.unfold(features, 2 * _RATE, stride=_RATE, padding=_RATE // 2)
    mixed = patches.reshape(count, channels * 4 * _RATE**2, rows * columns) @ weights.to(features.dtype)
    folded = functional.fold(mixed, (height, width), 2 * _RATE, stride=_RATE, padding=_RATE // 2)
    # Four patches overlap at each place.
    return folded / 4


def _match(features: Tensor, hole: Tensor) -> Tensor:
    """Return the scores (N, patches to take, places to fill), to be softmaxed over the patches."""
    small = functional.interpolate(features.float(), scale_factor=1 / _RATE, mode="nearest")
    places = functional.unfold(small, 3, padding=1)
    patches = places / places.norm(dim=1, keepdim=True).clamp(min=1e-4)
    scores = patches.transpose(1, 2) @ patches
    scores = _propagate(scores, small.shape[2], small.shape[3])
    holed = functional.max_pool2d(functional.max_pool2d(hole.float(), _RATE), 3, stride=1, padding=1)
    forbidden = holed.flatten(2).transpose(1, 2) > 0
    forbidden = forbidden & ~forbidden.all(dim=1, keepdim=True)
    return (_SHARPNESS * scores).masked_fill(forbidden, _NONE)


def _propagate(scores: Tensor, rows: int, columns: int) -> Tensor:
    """Add to each score those of the pairs one step on: right and left, then down and up (paper, eq. 3)."""
    count, pairs = scores.shape[0], rows * columns
    along = _add_diagonals(scores)
    grid = along.reshape(count, rows, columns, rows, columns).permute(0, 2, 1, 4, 3)
    turned = _add_diagonals(grid.reshape(count, pairs, pairs))
    grid = turned.reshape(count, columns, rows, columns, rows).permute(0, 2, 1, 4, 3)
    return grid.reshape(count, pairs, pairs)


def _add_diagonals(scores: Tensor) -> Tensor:
    padded = functional.pad(scores, (1, 1, 1, 1))
    return scores + padded[:, :-2, :-2] + padded[:, 2:, 2:]
