from __future__ import annotations

import numpy as np
import pytest
import torch

from irlnet_core.forge.gc import GcGenerator, draw_noise, start_fill, to_tensor
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.training.gc_grain import Batch, texture_variance, with_matched_grain

torch.set_num_threads(1)

NARROW = GcConfig(base=4, dilated=0, coarse_reduction=2, attention=False, prefill=True, noise=1)


def grainy_batch(config: GcConfig = NARROW) -> Batch:
    rng = np.random.default_rng(0)
    picture = np.clip(rng.normal(128, 10, (64, 64, 3)), 0, 255).astype(np.uint8)
    hole = np.zeros((64, 64), bool)
    hole[16:48, 16:48] = True
    one = (
        to_tensor(picture),
        start_fill(picture, hole, config),
        torch.from_numpy(hole)[None].float(),
        draw_noise(picture, hole, config, rng),
    )
    truth, start, holes, noise = (x[None] for x in one)
    return truth, start, holes, noise


@pytest.mark.parametrize("wrong_by", [0.5, 2.0])
def test_grain_that_is_too_weak_or_too_strong_becomes_as_strong_as_the_truths(wrong_by: float) -> None:
    net, batch = GcGenerator(NARROW), grainy_batch()
    with torch.no_grad():
        net.grain.weight *= wrong_by
    truth, start, hole, noise = batch

    matched = with_matched_grain(net, [batch])

    wanted = texture_variance(truth, hole).item()
    with torch.inference_mode():
        before, after = (texture_variance(n(start, hole, noise)[1], hole).item() for n in (net, matched))
    assert abs(np.log(before / wanted)) > 0.5
    assert after == pytest.approx(wanted, rel=0.15)


def test_only_the_grain_is_changed_and_the_generator_given_is_left_alone() -> None:
    net = GcGenerator(NARROW)
    before = {name: values.clone() for name, values in net.state_dict().items()}

    matched = with_matched_grain(net, [grainy_batch()])

    assert all(torch.equal(values, before[name]) for name, values in net.state_dict().items())
    changed = [name for name, values in matched.state_dict().items() if not torch.equal(values, before[name])]
    assert changed == ["grain.weight"]


@pytest.mark.parametrize("config", [GcConfig(base=4, dilated=0), GcConfig(base=4, dilated=0, prefill=True)])
def test_a_generator_without_noise_stays_as_it_is(config: GcConfig) -> None:
    net = GcGenerator(config)

    matched = with_matched_grain(net, [])

    assert all(
        torch.equal(one, other)
        for one, other in zip(net.state_dict().values(), matched.state_dict().values(), strict=True)
    )


def test_texture_is_counted_in_the_hole_only() -> None:
    hole = torch.zeros(1, 1, 32, 32)
    hole[..., :16] = 1
    image = torch.zeros(1, 3, 32, 32)
    image[..., 20:] = torch.randn(1, 3, 32, 12)

    assert texture_variance(image, hole) == 0
    assert texture_variance(image, 1 - hole) > 0.1
