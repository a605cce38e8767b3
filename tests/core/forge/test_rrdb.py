"""Upscalers of the ESRGAN family: as engines, and from ncnn's files."""

from __future__ import annotations

import struct
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from irlnet_core.errors import ModelError
from irlnet_core.forge.engine import Engine, load_engine
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.rrdb import RrdbConfig, RrdbUpscaler
from tests.core.packaging_scripts import load_script

torch.set_num_threads(1)
SMALL = RrdbConfig(channels=8, growth=4, blocks=2)


def save_small(folder: Path, config: RrdbConfig = SMALL) -> str:
    torch.manual_seed(0)
    net = RrdbUpscaler(SMALL)
    weights = {name: values.numpy() for name, values in net.state_dict().items()}
    save_engine(folder, EngineCard("rrdb", folder.name, 4, "Apache-2.0", "a test", asdict(config)), weights)
    return str(folder)


def fill(engine: Engine, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(1)
    image, hole = rng.integers(0, 256, (90, 70, 3), np.uint8), np.zeros((90, 70), bool)
    hole[20:50, 30:65] = True
    filled = engine.fill(image, hole, np.random.default_rng(seed), reconstruct=True)
    assert np.array_equal(filled[~hole], image[~hole])
    assert not np.array_equal(filled[hole], image[hole])
    return filled


def test_a_saved_upscaler_fills_the_hole_alone_and_always_alike(tmp_path: Path) -> None:
    engine = load_engine(save_small(tmp_path / "up"))

    assert np.array_equal(fill(engine, seed=0), fill(engine, seed=1))


def test_a_perturbed_one_fills_otherwise_each_time(tmp_path: Path) -> None:
    engine = load_engine(save_small(tmp_path / "up") + "+perturbed")

    assert not np.array_equal(fill(engine, seed=0), fill(engine, seed=1))


def test_its_last_layer_keeps_more_levels_than_bfloat16_has() -> None:
    torch.manual_seed(0)
    net = RrdbUpscaler(SMALL)
    torch.nn.init.constant_(net.decoder.last.bias, 0.7)  # type: ignore[arg-type]
    with torch.inference_mode():
        made = net(torch.rand(1, 3, 64, 64))

    assert made.dtype == torch.float32
    assert not torch.equal(made, made.bfloat16().float())


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="do not fit"):
        load_engine(save_small(tmp_path / "up", RrdbConfig(channels=8, growth=4, blocks=3)))


def test_convolutions_are_read_from_ncnns_files_in_both_precisions(tmp_path: Path) -> None:
    module = load_script("import_rrdb")
    weights = np.arange(27, dtype=np.float32).reshape(1, 3, 3, 3)
    half, bias = weights.astype(np.float16).tobytes(), np.array([0.5], np.float32).tobytes()
    (tmp_path / "up.bin").write_bytes(
        struct.pack("<I", 0x01306B47) + half + b"\0\0" + bias
        + struct.pack("<I", 0) + weights.tobytes() + bias
    )  # fmt: skip
    line = "Convolution c 1 1 in out 0=1 1=3 4=1 5=1 6=27"
    (tmp_path / "up.param").write_text(f"7767517\n3 3\nInput in 0 1 in\n{line}\n{line}\n")

    found = list(module.read_convolutions(tmp_path / "up.param"))

    assert len(found) == 2
    for weight, read_bias in found:
        assert np.array_equal(weight, weights)
        assert read_bias == pytest.approx([0.5])
