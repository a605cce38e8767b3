"""The trace operations: each keeps the shape, changes something, repeats from its seed, stays near."""

from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.forge.operations import OPERATIONS, apply_random
from irlnet_core.forge.random_generator import RandomGenerator, box_around, generate
from irlnet_core.forge.retouch import Retouch, mean_change

RAMP = np.linspace(60, 190, 72)[:, None, None] + np.zeros((72, 60, 3))
PICTURE = (RAMP + np.random.default_rng(0).normal(0, 8, RAMP.shape)).round().astype(np.float32)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_keeps_the_shape_changes_pixels_and_repeats(name: str) -> None:
    operation = OPERATIONS[name]

    first, again = (operation(PICTURE.copy(), np.random.default_rng(3)) for _ in range(2))

    assert first.shape == PICTURE.shape
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert np.abs(first - PICTURE).mean() > 0.05
    assert abs(first.mean() - PICTURE.mean()) < 16


def test_a_chain_of_operations_gives_bytes_and_leaves_its_input_alone() -> None:
    picture = PICTURE.astype(np.uint8)
    before = picture.copy()

    out = apply_random(picture, np.random.default_rng(1))

    assert out.dtype == np.uint8
    assert out.shape == picture.shape
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("engine", [Retouch(), RandomGenerator()])
def test_a_round_trip_resembles_the_content_but_leaves_a_trace(engine: Retouch | RandomGenerator) -> None:
    ramp = np.linspace(40, 210, 96)[:, None, None] + np.zeros((96, 96, 3))
    picture = np.clip(ramp + np.random.default_rng(0).normal(0, 6, ramp.shape), 0, 255).astype(np.uint8)
    mask = np.zeros((96, 96), bool)
    mask[30:70, 20:60] = True

    changes = [
        mean_change(picture, engine.fill(picture, mask, np.random.default_rng(s), reconstruct=True), mask)
        for s in range(8)
    ]

    assert all(0.3 < change < 30 for change in changes), changes


def test_the_random_generator_takes_any_size_and_differs_from_draw_to_draw() -> None:
    picture = PICTURE.astype(np.uint8)

    drawn = [generate(picture[:37, :53], np.random.default_rng(seed)) for seed in range(3)]

    assert {d.shape for d in drawn} == {(37, 53, 3)}
    assert not np.array_equal(drawn[0], drawn[1])


def test_the_box_holds_the_hole_with_its_margin_on_the_grid() -> None:
    mask = np.zeros((100, 100), bool)
    mask[50:60, 3:9] = True

    assert box_around(mask, 10, 8) == (40, 72, 0, 24)
    assert box_around(np.zeros((20, 30), bool), 4, 8) == (0, 20, 0, 30)
