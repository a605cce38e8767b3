"""Scores from counts: checked against their definitions, and unable to reward an inverted mask."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from irlnet_core.training.metrics import area_under_curve, count

masks = hnp.arrays(bool, (6, 7))


@given(masks, masks)
def test_counts_add_up_and_scores_follow_their_definitions(found: np.ndarray, truth: np.ndarray) -> None:
    c = count(found, truth)

    assert c.true_positive + c.false_positive + c.false_negative + c.true_negative == truth.size
    if c.true_positive:
        assert math.isclose(c.f1, 2 * c.precision * c.recall / (c.precision + c.recall))
        assert math.isclose(c.iou, (found & truth).sum() / (found | truth).sum())
    assert 0 <= c.mean_iou <= 1


def test_a_perfect_mask_scores_one_and_an_inverted_one_zero() -> None:
    truth = np.zeros((8, 8), bool)
    truth[2:5, 2:5] = True

    assert count(truth, truth).f1 == count(truth, truth).mean_iou == 1
    assert count(~truth, truth).f1 == count(~truth, truth).mean_iou == 0


def test_nothing_found_where_nothing_was_is_right_and_anything_found_there_is_wrong() -> None:
    nothing = np.zeros((4, 4), bool)
    something = nothing.copy()
    something[0, 0] = True

    assert count(nothing, nothing).f1 == 1
    assert count(something, nothing).f1 == 0


@given(hnp.arrays(np.uint8, (5, 6), elements=st.integers(0, 5)))
def test_auc_is_the_chance_that_an_inpainted_pixel_responds_more(levels: np.ndarray) -> None:
    truth = np.zeros((5, 6), bool)
    truth[:2] = True
    response = levels / 5

    inside, outside = response[truth][:, None], response[~truth][None]
    chance = ((inside > outside) + 0.5 * (inside == outside)).mean()

    assert math.isclose(area_under_curve(response, truth), chance, abs_tol=1e-9)


def test_auc_of_the_inverted_map_is_the_complement() -> None:
    rng = np.random.default_rng(0)
    response, truth = rng.random((20, 20)), rng.random((20, 20)) > 0.7

    assert math.isclose(
        area_under_curve(1 - response, truth), 1 - area_under_curve(response, truth), abs_tol=1e-4
    )


def test_auc_without_one_class_is_not_a_number_and_shapes_must_agree() -> None:
    assert math.isnan(area_under_curve(np.zeros((3, 3)), np.zeros((3, 3), bool)))
    with pytest.raises(ValueError, match="different shapes"):
        count(np.zeros((3, 3), bool), np.zeros((3, 4), bool))
