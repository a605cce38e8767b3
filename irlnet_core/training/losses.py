"""The loss of the paper (eq. 7-9), made to work on empty masks, as functions of logits.

Two departures, each with its reason. Eq. 8 is a sum over pixels, which would drown the Dice term 65,536-fold
at 256x256: we take the mean and a weight w_f. Eq. 9 is constant (or 0/0) on an empty mask, and a fifth of the
samples are pristine: 1 is added to numerator and denominator, so that an empty mask has a finite loss whose
gradient lowers the response.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from irlnet_core.config import TrainConfig


def fused_focal_loss(logits: Tensor, mask: Tensor, alpha: float = 0.75, lam: float = 2.0) -> Tensor:
    """Return the mean focal loss (eq. 8): logits and mask (0 or 1) of equal shape → a scalar."""
    inside = alpha * torch.sigmoid(-logits) ** lam * mask * functional.logsigmoid(logits)
    outside = (1 - alpha) * torch.sigmoid(logits) ** lam * (1 - mask) * functional.logsigmoid(-logits)
    return -(inside + outside).mean()


def dice_loss(logits: Tensor, mask: Tensor, smooth: float = 1.0, *, batch: bool = False) -> Tensor:
    """Return the Dice loss with squared denominators (eq. 9), per picture, then averaged.

    With ``batch`` the sums run over all pictures of the batch. A picture without a hole then counts as much
    as its false responses are large; by itself it soon has a loss of 1, whatever else it shows.
    """
    sides = (1, -1) if batch else (len(mask), -1)
    predicted, wanted = torch.sigmoid(logits).reshape(sides), mask.reshape(sides)
    shared = 2 * (predicted * wanted).sum(1) + smooth
    total = (predicted**2).sum(1) + (wanted**2).sum(1) + smooth
    return (1 - shared / total).mean()


def irlnet_loss(logits: Tensor, mask: Tensor, config: TrainConfig) -> Tensor:
    """Return w_f * focal + Dice (eq. 7); float32 whatever the logits' precision."""
    logits, mask = logits.float(), mask.float()
    focal = fused_focal_loss(logits, mask, config.focal_alpha, config.focal_lambda)
    return config.focal_weight * focal + dice_loss(logits, mask, config.dice_smooth, batch=config.dice_batch)


def pixel_contrast_loss(
    features: Tensor, mask: Tensor, generator: torch.Generator, samples: int = 96, temperature: float = 0.2
) -> Tensor:
    """Return a contrast between features inside and outside the hole of the *same* picture (FOCAL's idea).

    Features (N, C, H, W), mask (N, 1, H, W). In each picture with a hole, up to ``samples`` pixels of either
    side are compared (InfoNCE over cosine similarity): alike within a side, different across. It asks for
    "differs from the rest of this picture", not for one engine's signature; used while training only.
    """
    losses = []
    for vectors, sides in zip(features.float().flatten(2), mask.flatten(1), strict=True):
        inside, outside = sides.nonzero()[:, 0], (sides == 0).nonzero()[:, 0]
        count = min(samples, len(inside), len(outside))
        if count < 8:
            continue
        picked = [
            side[torch.randint(len(side), (count,), generator=generator).to(side.device)]
            for side in (inside, outside)
        ]
        chosen = functional.normalize(vectors[:, torch.cat(picked)].T, dim=1)
        losses.append(_info_nce(chosen, count, temperature))
    return torch.stack(losses).mean() if losses else features.sum() * 0


def _info_nce(vectors: Tensor, count: int, temperature: float) -> Tensor:
    scores = vectors @ vectors.T / temperature
    same = torch.zeros_like(scores, dtype=torch.bool)
    same[:count, :count] = same[count:, count:] = True
    self_pairs = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    log_share = scores - torch.logsumexp(scores.masked_fill(self_pairs, -1e9), 1, keepdim=True)
    return -log_share[same & ~self_pairs].mean()
