"""The loss of eq. 7-9: the printed formula, a finite value and a useful gradient everywhere."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.config import TrainConfig
from irlnet_core.training.losses import dice_loss, fused_focal_loss, irlnet_loss, pixel_contrast_loss


def test_focal_loss_is_the_mean_of_equation_8() -> None:
    logits, mask = torch.randn(2, 1, 5, 5), (torch.rand(2, 1, 5, 5) > 0.6).float()
    p = torch.sigmoid(logits)

    printed = -(0.75 * (1 - p) ** 2 * mask * p.log() + 0.25 * p**2 * (1 - mask) * (1 - p).log())

    assert torch.allclose(fused_focal_loss(logits, mask), printed.mean(), atol=1e-6)


def test_dice_loss_is_equation_9_with_one_added() -> None:
    logits, mask = torch.randn(3, 1, 6, 6), (torch.rand(3, 1, 6, 6) > 0.5).float()
    p = torch.sigmoid(logits)

    printed = [
        1 - (2 * (a * m).sum() + 1) / ((a**2).sum() + (m**2).sum() + 1) for a, m in zip(p, mask, strict=True)
    ]

    assert torch.allclose(dice_loss(logits, mask), torch.stack(printed).mean())


@given(st.floats(-30, 30))
def test_an_empty_mask_has_a_finite_loss_whose_gradient_lowers_the_response(level: float) -> None:
    logits = torch.full((1, 1, 8, 8), level, dtype=torch.float64, requires_grad=True)

    loss = irlnet_loss(logits, torch.zeros(1, 1, 8, 8), TrainConfig())
    loss.backward()

    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad >= 0).all()
    if -6 < level < 6:
        assert (logits.grad > 0).all()


def test_the_right_map_costs_nearly_nothing_and_the_inverted_one_most() -> None:
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 4:12, 4:12] = 1
    logits = (mask * 2 - 1) * 12

    right = irlnet_loss(logits, mask, TrainConfig())
    nothing = irlnet_loss(torch.full_like(logits, -12), mask, TrainConfig())
    inverted = irlnet_loss(-logits, mask, TrainConfig())

    assert right < 0.01 < nothing < inverted


def test_contrast_is_low_when_the_sides_differ_and_skips_pictures_without_a_hole() -> None:
    mask = torch.zeros(2, 1, 16, 16)
    mask[0, :, :8] = 1
    apart = torch.cat([mask, 1 - mask], 1) + 0.01 * torch.randn(2, 2, 16, 16)
    alike = torch.randn(2, 2, 16, 16)

    def contrast(features: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
        return pixel_contrast_loss(features, hole, torch.Generator().manual_seed(0))

    assert contrast(apart, mask) < contrast(alike, mask)
    assert contrast(alike[1:], mask[1:]) == 0


@pytest.mark.parametrize("weight", [0.0, 4.0])
def test_the_focal_weight_is_the_recipes(weight: float) -> None:
    logits, mask = torch.randn(1, 1, 4, 4), torch.ones(1, 1, 4, 4)

    loss = irlnet_loss(logits, mask, TrainConfig(focal_weight=weight))

    assert torch.allclose(loss, weight * fused_focal_loss(logits, mask) + dice_loss(logits, mask))


def test_dice_over_the_batch_blames_false_responses_in_a_picture_without_a_hole() -> None:
    mask = torch.zeros(2, 1, 16, 16)
    mask[0, :, :8] = 1
    logits = torch.where(mask > 0, 4.0, -4.0)
    logits[1, :, :, :8] = 2.0  # responds on half of the pristine picture
    logits.requires_grad_(True)

    slopes = []
    for batch in (False, True):
        (slope,) = torch.autograd.grad(dice_loss(logits, mask, batch=batch), logits)
        slopes.append(float(slope[1, :, :, :8].sum()))

    assert slopes[1] > 10 * slopes[0] > 0
    one = logits.detach()[:1]
    assert torch.equal(dice_loss(one, mask[:1], batch=True), dice_loss(one, mask[:1]))
