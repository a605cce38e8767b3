"""What brightness, colour and texture explain is taken away; what a filled region leaves stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from irlnet_core.model.expectation import MOST, describe, explain, lights


def scene(height: int, width: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return smooth brightness and colour (3, h, w) and texture (h, w)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / 10
    planes = [np.sin(rows * a + b) + np.cos(columns * c + d) for a, b, c, d in rng.uniform(0.3, 1.5, (4, 4))]
    return np.stack(planes[:3]).astype(np.float32), planes[3].astype(np.float32)


def residual(traces: NDArray[np.float32], terms: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = traces.reshape(len(traces), -1)
    return (flat - (terms @ explain(flat, terms).mean).T).reshape(traces.shape)


def test_what_depends_on_brightness_and_texture_alone_is_explained() -> None:
    light, texture = scene(40, 50)
    traces = np.stack([0.5 * light[0] - light[0] ** 2 + texture, light[1] + 0.3 * texture**2])

    left = residual(traces.astype(np.float32), describe(light, texture))

    assert left.std() < 0.1 * traces.std()


def test_a_region_that_differs_keeps_its_difference() -> None:
    light, texture = scene(60, 60, seed=1)
    rng = np.random.default_rng(2)
    traces = np.stack([light[0] + texture] * 3) + rng.normal(0, 0.1, (3, 60, 60))
    inside = np.zeros((60, 60), bool)
    inside[20:40, 20:40] = True
    traces[:, inside] += 2

    left = residual(traces.astype(np.float32), describe(light, texture))

    assert left[:, inside].mean() > 1.6
    assert abs(left[:, ~inside].mean()) < 0.15


def test_one_cell_and_a_flat_picture_are_explained_without_an_error() -> None:
    for shape in ((1, 1), (5, 9)):
        flat = np.zeros((3, *shape), np.float32)
        terms = describe(flat, np.zeros(shape, np.float32))

        traces = np.ones((4, shape[0] * shape[1]), np.float32)
        usual = explain(traces, terms)
        off = traces.T - terms @ usual.mean
        trust = usual.trust(usual.squared_distance(off, slice(4)), terms)
        assert np.isfinite(usual.standardize(off, terms, slice(4))).all()
        assert np.isfinite(trust).all()


def test_light_is_brightness_and_colour() -> None:
    image = np.zeros((40, 48, 3), np.uint8) + np.array([200, 100, 50], np.uint8)

    light = lights(image)

    assert light.shape == (3, 5, 6)
    assert light[0] == pytest.approx(np.full((5, 6), (0.299 * 200 + 58.7 + 5.7 - 110) / 60), abs=0.01)
    assert (light[1] < 0).all()
    assert (light[2] > 0).all()


def test_a_large_picture_is_fitted_by_no_more_cells_than_are_needed() -> None:
    light, texture = scene(170, 200, seed=3)
    terms = describe(light, texture)
    step = -(-len(terms) // MOST)
    traces = (light[0] + texture).reshape(1, -1).astype(np.float32)

    few = explain(traces[:, ::step], terms[::step]).mean

    assert step == 3
    assert (terms @ few).ravel() == pytest.approx((terms @ explain(traces, terms).mean).ravel(), abs=0.05)


def test_a_difference_counts_by_how_far_such_places_are_off() -> None:
    light, texture = scene(60, 60, seed=4)
    rough = light[0] > np.median(light[0])
    noise = np.random.default_rng(5).normal(0, 1, (6, 60, 60)) * np.where(rough, 1.0, 0.2)
    terms = describe(light, texture)
    traces = noise.reshape(6, -1).astype(np.float32)

    usual = explain(traces, terms)
    off = traces.T - terms @ usual.mean
    standard = usual.standardize(off, terms, slice(6)).reshape(60, 60, 6)

    assert off.reshape(60, 60, 6)[rough].std() > 4 * off.reshape(60, 60, 6)[~rough].std()
    assert standard[rough].std() < 2.5 * standard[~rough].std()


def test_a_place_like_no_other_and_one_that_is_far_off_are_told() -> None:
    light, texture = scene(60, 60, seed=6)
    traces = np.random.default_rng(7).normal(0, 1, (5, 60, 60)).astype(np.float32)
    light[:, :4, :4] = -4
    traces[:, 50:56, 50:56] += 5
    terms, flat = describe(light, texture), traces.reshape(5, -1)

    usual = explain(flat, terms)
    distances = usual.squared_distance(flat.T - terms @ usual.mean, slice(5))
    leverage, distance = usual.trust(distances, terms).reshape(2, 60, 60)

    assert leverage[:4, :4].min() > np.quantile(leverage[8:], 0.98)
    assert distance[50:56, 50:56].min() > np.quantile(distance[:40], 0.95)


def test_further_traces_change_nothing_of_what_is_usual_for_those_that_judge() -> None:
    light, texture = scene(40, 40, seed=8)
    traces = np.random.default_rng(9).normal(0, 1, (5, 1600)).astype(np.float32)
    traces[3:, :400] += 9  # a region that only the further ones show
    terms = describe(light, texture)

    alone, with_more = explain(traces[:3], terms), explain(traces, terms, 3)
    off = traces.T - terms @ with_more.mean
    distances = [usual.squared_distance(off[:, :3], slice(3)) for usual in (alone, with_more)]

    for name in ("mean", "spread", "typical", "median"):
        assert getattr(with_more, name)[..., :3] == pytest.approx(getattr(alone, name), abs=1e-5)
    assert with_more.trust(distances[1], terms) == pytest.approx(alone.trust(distances[0], terms), abs=1e-4)
