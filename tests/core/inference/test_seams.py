"""The seam error tells a map with tile edges from one without."""

from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.inference.seams import seam_error
from irlnet_core.inference.tiling import plan_tiles

PLAN = plan_tiles(300, 260, tile=64, overlap=16)


def test_noise_without_seams_scores_about_one() -> None:
    noise = np.random.default_rng(1).random((300, 260), dtype=np.float32)
    assert seam_error(noise, PLAN) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_step_where_a_tile_begins_raises_the_score(axis: int) -> None:
    noise = np.random.default_rng(1).random((300, 260), dtype=np.float32) * np.float32(0.1)
    starts = PLAN.ys if axis == 0 else PLAN.xs
    np.moveaxis(noise, axis, 0)[starts[2] + PLAN.margin :] += 0.9
    assert seam_error(noise, PLAN) > 1.5


def test_a_step_elsewhere_lowers_the_score() -> None:
    noise = np.random.default_rng(1).random((300, 260), dtype=np.float32) * np.float32(0.1)
    noise[PLAN.ys[2] + PLAN.margin + 24 :] += 0.9
    assert seam_error(noise, PLAN) < 1


def test_the_rhythm_of_a_networks_cells_is_no_seam() -> None:
    noise = np.random.default_rng(1).random((300, 260), dtype=np.float32) * np.float32(0.1)
    noise += np.float32(0.5) * (np.arange(300)[:, None] // 8 % 2)
    plan = plan_tiles(300, 260, tile=64, overlap=16, margin=8)  # edges fall between cells
    assert seam_error(noise, plan) == pytest.approx(1, abs=0.05)
    noise[plan.ys[2] + plan.margin :] += 2
    assert seam_error(noise, plan) > 1.2


def test_a_flat_map_and_a_map_of_one_tile_score_one() -> None:
    assert seam_error(np.full((300, 260), 0.4, dtype=np.float32), PLAN) == 1
    assert (
        seam_error(np.random.default_rng(0).random((50, 1), dtype=np.float32), plan_tiles(50, 1, 64, 16)) == 1
    )
