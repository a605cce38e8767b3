from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine import Image, engines_folder, load_engine
from irlnet_core.forge.taef2 import Taef2

torch.set_num_threads(1)

SAMPLE = engines_folder().parent / "samples"


def middle_of_the_sample(side: int) -> Image:
    picture = read_image(next(path for path in sorted(Path(SAMPLE).glob("*.jpg")))).pixels
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def test_it_has_the_published_size_and_latent() -> None:
    net = Taef2()

    assert sum(values.numel() for values in net.encoder.parameters()) == pytest.approx(1.34e6, rel=0.01)
    assert sum(values.numel() for values in net.decoder.parameters()) == pytest.approx(1.34e6, rel=0.01)
    assert net.encoder(torch.rand(1, 3, 16, 24)).shape == (1, 32, 2, 3)


def test_the_round_trip_of_a_photograph_is_the_photograph_with_traces() -> None:
    truth = middle_of_the_sample(96)

    made = load_engine("taef2").fill(
        truth, np.ones((96, 96), bool), np.random.default_rng(0), reconstruct=True
    )

    error = np.mean((made.astype(float) - truth) ** 2)
    assert 10 * np.log10(255**2 / error) > 25
    assert np.abs(made.astype(int) - truth).max() > 3


def test_its_output_stays_within_black_and_white() -> None:
    torch.manual_seed(0)
    net = Taef2()
    with torch.inference_mode():
        bias = list(net.decoder.parameters())[-1]
        bias.copy_(torch.tensor([-50.0, 0.5, 50.0]))  # far below black, between, far above white
        made = net(torch.rand(1, 3, 16, 16))

    assert (made[:, 0] == 0).all()
    assert ((made[:, 1] > 0) & (made[:, 1] < 1)).all()
    assert (made[:, 2] == 1).all()


def test_the_licence_lies_beside_the_weights() -> None:
    assert "MIT License" in (engines_folder() / "taef2" / "LICENSE.txt").read_text()
