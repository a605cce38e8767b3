"""Autoencoders whose encoder only reduces the picture: the round trip of an upscaler."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from irlnet_core.errors import ConfigError
from irlnet_core.forge.autoencoder import Autoencoder
from irlnet_core.forge.autoencoder_config import STRIDES, UPSAMPLINGS, AutoencoderConfig
from irlnet_core.forge.engine import load_engine
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.training.train_autoencoder import AutoencoderTraining

torch.set_num_threads(1)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("upsampling", UPSAMPLINGS)
def test_every_upsampling_enlarges_what_was_reduced(upsampling: str, stride: int) -> None:
    net = Autoencoder(AutoencoderConfig(upsampling, stride, base=4, encoder="area"))
    picture = torch.rand(1, 3, 4 * stride, 6 * stride)

    reduced = net.encoder(picture)[0].permute(1, 2, 0).numpy()

    by_area = cv2.resize(picture[0].permute(1, 2, 0).numpy(), (6, 4), interpolation=cv2.INTER_AREA)
    assert np.allclose(reduced, by_area, atol=1e-5)
    assert not list(net.encoder.parameters())
    assert net(picture).shape == picture.shape


def test_detail_that_the_reduction_drops_has_no_influence(tmp_path: Path) -> None:
    config = AutoencoderConfig("pixelshuffle", stride=2, base=8, encoder="area")
    torch.manual_seed(0)
    weights = {name: values.numpy() for name, values in Autoencoder(config).state_dict().items()}
    save_engine(
        tmp_path / "up", EngineCard("autoencoder", "up", 2, "Apache-2.0", "a test", asdict(config)), weights
    )
    engine, rng = load_engine(str(tmp_path / "up")), np.random.default_rng(0)
    hole = np.zeros((64, 64), bool)
    hole[20:40, 10:50] = True
    flat = np.full((64, 64, 3), 128, np.uint8)
    board = flat.copy()
    board[::2, ::2], board[1::2, 1::2] = 168, 168
    board[::2, 1::2], board[1::2, ::2] = 88, 88

    fills = [engine.fill(picture, hole, rng, reconstruct=True) for picture in (flat, board)]

    assert np.array_equal(fills[0][hole], fills[1][hole])


def test_an_unknown_encoder_and_a_negative_weight_are_refused() -> None:
    with pytest.raises(ConfigError, match="encoder"):
        AutoencoderConfig(encoder="bicubic")
    with pytest.raises(ConfigError, match="texture"):
        AutoencoderTraining(texture=-1)
