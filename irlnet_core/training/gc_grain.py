"""Set how strong a trained GC generator's grain is, so that its fills have the texture of photographs."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from irlnet_core.forge.gc import GcGenerator

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # truth, start, hole, noise as the trainer draws them

_LUMINANCE = (0.299, 0.587, 0.114)
_LEAST, _MOST = 0.25, 4.0


@torch.inference_mode()
def with_matched_grain(net: GcGenerator, batches: Iterable[Batch]) -> GcGenerator:
    """Return the generator with its grain made weaker or stronger by one factor, 0.25 to 4.

    It is the mean of the factors with which each picture's Laplacian would vary as the truth's does. The L1
    loss and weight averaging leave too little, by how much depends on the training. A generator without noise
    or prefill comes back as it is.
    """
    matched = copy.deepcopy(net)
    if not (net.config.noise and net.config.prefill):
        return matched
    silent = copy.deepcopy(net)
    silent.grain.weight.zero_()
    factors = [_factors(net, silent, *batch) for batch in batches]
    matched.grain.weight.mul_(torch.cat(factors).mean().clamp(_LEAST, _MOST))
    return matched


def texture_variance(images: Tensor, hole: Tensor) -> Tensor:
    """Return the mean square (N) of the luminance's Laplacian within holes (N,1,H,W; 1 inside)."""
    gray = (images * images.new_tensor(_LUMINANCE).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    x = functional.pad(gray, (1, 1, 1, 1), mode="replicate")
    beside = x[..., 1:-1, :-2] + x[..., 1:-1, 2:] + x[..., :-2, 1:-1] + x[..., 2:, 1:-1]
    inside = hole.sum(dim=(1, 2, 3)).clamp(min=1)
    return ((beside - 4 * gray).square() * hole).sum(dim=(1, 2, 3)) / inside


def _factors(
    net: GcGenerator, silent: GcGenerator, truth: Tensor, start: Tensor, hole: Tensor, noise: Tensor
) -> Tensor:
    """Return for each picture the factor with which its fill would have the truth's variance.

    The picture is linear in the grain, and chance makes the grain's Laplacian independent of the rest's.
    """
    coarse = net.complete_coarsely(start, hole)
    without, whole = (one.refine(start, coarse, hole, noise) for one in (silent, net))
    # The seam counts neither here nor where engines are measured.
    inside = 1 - functional.max_pool2d(1 - hole, 3, stride=1, padding=1)
    wanted, rest, grain = (texture_variance(x, inside) for x in (truth, without, whole - without))
    return ((wanted - rest).clamp(min=0) / grain.clamp(min=1e-12)).sqrt()
