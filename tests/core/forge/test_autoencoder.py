from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError, DataError, ModelError
from irlnet_core.forge.autoencoder import Autoencoder, RoundTripEngine
from irlnet_core.forge.autoencoder_config import ACTIVATIONS, STRIDES, UPSAMPLINGS, AutoencoderConfig
from irlnet_core.forge.engine import Image, Mask, load_engine
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.trained import load_trained_engine

torch.set_num_threads(1)

# Without residual blocks each output pixel depends on pixels at most 16 away: less than the engine's margin.
NARROW = AutoencoderConfig("transposed", stride=4, depth=0, base=8, latent=8)


def lively_net(config: AutoencoderConfig = NARROW) -> Autoencoder:
    """A net with random weights large enough that every pixel of its output depends on the input."""
    torch.manual_seed(3)
    net = Autoencoder(config)
    with torch.no_grad():
        for values in net.parameters():
            values.mul_(1.7)
    return net


def noisy_picture(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def box(height: int, width: int, rows: slice, columns: slice) -> Mask:
    mask = np.zeros((height, width), bool)
    mask[rows, columns] = True
    return mask


def save_narrow(folder: Path, *, kind: str = "autoencoder", config: AutoencoderConfig = NARROW) -> None:
    weights = {name: values.numpy() for name, values in lively_net().state_dict().items()}
    card = EngineCard(kind, "narrow", 4, "Apache-2.0", "a test", asdict(config))
    save_engine(folder, card, weights)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("upsampling", UPSAMPLINGS)
def test_every_upsampling_at_every_stride_keeps_the_size(upsampling: str, stride: int) -> None:
    net = Autoencoder(AutoencoderConfig(upsampling, stride, base=4, latent=5))
    picture = torch.rand(2, 3, 2 * stride, 5 * stride)

    assert net.encoder(picture).shape == (2, 5, 2, 5)
    assert net(picture).shape == picture.shape


def test_every_activation_can_be_built() -> None:
    for activation in ACTIVATIONS:
        assert (
            Autoencoder(AutoencoderConfig(activation=activation, base=4))(torch.rand(1, 3, 8, 8))
            .isfinite()
            .all()
        )


@pytest.mark.parametrize(
    "wrong", [{"upsampling": "bicubic"}, {"stride": 3}, {"activation": "tanh"}, {"base": 0}, {"latent": 9999}]
)
def test_an_impossible_choice_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        AutoencoderConfig(**wrong)  # type: ignore[arg-type]


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    reconstruct=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_picture_of_any_size_changes_inside_the_hole_only(
    height: int, width: int, reconstruct: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    picture = noisy_picture(height, width, seed)
    hole = rng.random((height, width)) < 0.2
    hole[0, 0] = height * width == 1 and reconstruct
    before = picture.copy()

    filled = RoundTripEngine("x", lively_net()).fill(picture, hole, rng, reconstruct=reconstruct)

    assert filled.shape == picture.shape
    assert filled.dtype == np.uint8
    assert np.array_equal(filled[~hole], picture[~hole])
    assert np.array_equal(picture, before)


def test_the_traces_sit_where_the_round_trip_of_the_whole_picture_puts_them() -> None:
    picture, net = noisy_picture(208, 192), lively_net()
    hole = box(208, 192, slice(101, 123), slice(90, 97))
    with torch.inference_mode():
        whole = net(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)[0].permute(1, 2, 0).clamp(0, 1)

    filled = RoundTripEngine("x", net).fill(picture, hole, np.random.default_rng(0), reconstruct=True)

    assert np.abs(filled[hole] - whole.numpy()[hole] * 255).max() <= 0.51
    assert filled[hole].std() > 5


def test_without_reconstruction_the_true_content_of_the_hole_has_no_influence() -> None:
    hole = box(96, 96, slice(40, 60), slice(30, 70))
    one, other = noisy_picture(96, 96), noisy_picture(96, 96)
    other[hole] = 255 - other[hole]
    engine = RoundTripEngine("x", lively_net())

    for seed in range(8):
        fills = [
            engine.fill(picture, hole, np.random.default_rng(seed), reconstruct=False)
            for picture in (one, other)
        ]
        assert np.array_equal(fills[0], fills[1])


def test_with_reconstruction_the_true_content_shows() -> None:
    hole = box(64, 64, slice(20, 40), slice(20, 40))
    one, other = noisy_picture(64, 64), noisy_picture(64, 64)
    other[hole] = 255 - other[hole]
    engine, rng = RoundTripEngine("x", lively_net()), np.random.default_rng(0)

    fills = [engine.fill(picture, hole, rng, reconstruct=True) for picture in (one, other)]

    assert not np.array_equal(fills[0][hole], fills[1][hole])


def test_a_perturbed_engine_leaves_other_traces_each_time_and_the_same_for_the_same_seed() -> None:
    picture, hole = noisy_picture(64, 64), box(64, 64, slice(10, 50), slice(10, 50))
    rng = np.random.default_rng(7)
    steady, shaky = RoundTripEngine("x", lively_net()), RoundTripEngine("x", lively_net(), perturb=0.05)

    assert shaky.name == "x+perturbed"
    steady_fills = [steady.fill(picture, hole, rng, reconstruct=True) for _ in range(2)]
    shaky_fills = [shaky.fill(picture, hole, rng, reconstruct=True) for _ in range(2)]
    again = [shaky.fill(picture, hole, np.random.default_rng(1), reconstruct=True) for _ in range(2)]

    assert np.array_equal(steady_fills[0], steady_fills[1])
    assert not np.array_equal(shaky_fills[0], shaky_fills[1])
    assert np.array_equal(again[0], again[1])
    # The weights come back: a perturbation does not add up from fill to fill.
    for fill in shaky_fills:
        assert np.abs(fill.astype(int) - steady_fills[0]).mean() < 0.5 * steady_fills[0][hole].std()


@pytest.mark.parametrize(("bias", "level"), [(9.0, 255), (-9.0, 0)])
def test_what_the_net_makes_beyond_white_or_black_is_white_or_black(bias: float, level: int) -> None:
    net, hole = lively_net(), box(32, 32, slice(8, 24), slice(8, 24))
    with torch.no_grad():
        net.get_parameter("decoder.4.bias").fill_(bias)

    filled = RoundTripEngine("x", net).fill(
        noisy_picture(32, 32), hole, np.random.default_rng(0), reconstruct=True
    )

    assert (filled[hole] == level).all()


def test_a_picture_without_a_hole_comes_back_as_it_is() -> None:
    picture = noisy_picture(40, 30)
    rng = np.random.default_rng(0)

    filled = RoundTripEngine("x", lively_net()).fill(picture, np.zeros((40, 30), bool), rng, reconstruct=True)

    assert np.array_equal(filled, picture)


def test_a_hole_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="hole"):
        RoundTripEngine("x", lively_net()).fill(
            noisy_picture(40, 30), np.ones((30, 40), bool), np.random.default_rng(0), reconstruct=True
        )


def test_a_saved_engine_fills_as_before_and_can_be_asked_for_by_its_folder(tmp_path: Path) -> None:
    save_narrow(tmp_path / "narrow")
    picture, hole = noisy_picture(64, 64), box(64, 64, slice(20, 40), slice(20, 40))
    rng = np.random.default_rng(0)

    loaded = load_engine(str(tmp_path / "narrow"))
    before = RoundTripEngine("x", lively_net()).fill(picture, hole, rng, reconstruct=True)
    after = loaded.fill(picture, hole, rng, reconstruct=True)

    assert loaded.name == "narrow"
    assert load_engine(str(tmp_path / "narrow") + "+perturbed").name == "narrow+perturbed"
    assert np.abs(after.astype(int) - before).max() <= 2  # float16 on disk


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path: Path) -> None:
    save_narrow(tmp_path, config=AutoencoderConfig("nearest", stride=8))

    with pytest.raises(ModelError, match="do not fit"):
        load_trained_engine(tmp_path)


def test_an_unknown_kind_of_engine_is_refused_by_name(tmp_path: Path) -> None:
    save_narrow(tmp_path, kind="oracle")

    with pytest.raises(ModelError, match="oracle"):
        load_trained_engine(tmp_path)


def test_a_card_with_an_impossible_choice_is_refused(tmp_path: Path) -> None:
    save_narrow(tmp_path)
    card = json.loads((tmp_path / "engine.json").read_text())
    card["config"]["stride"] = 3
    (tmp_path / "engine.json").write_text(json.dumps(card))

    with pytest.raises(ModelError, match="stride"):
        load_trained_engine(tmp_path)
