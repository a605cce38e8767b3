"""Model folders: what was saved comes back, and a cut, altered or foreign folder is refused with a cure."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import torch as safetensors

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.files import sha256_of_bytes, sha256_of_file
from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.registry import build

TINY = ModelConfig(width=0.0625)


def make_card(**changes: Any) -> ModelCard:
    values: dict[str, Any] = {
        "name": "tiny",
        "architecture": TINY,
        "tile": 64,
        "overlap": 16,
        "threshold": 0.3,
        "threshold_source": "a test",
        "operating_points": ({"threshold": 0.7, "false_alarm_rate": 0.01, "source": "a test"},),
        "training": {"steps": 3},
        "metrics": {"f1": 0.5},
        "licence": "Apache-2.0",
        "limits": ("Random weights: it finds nothing.",),
        "notes": "größer",
    }
    return ModelCard(**{**values, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_model(tmp_path / "tiny", build(TINY), make_card(), photos="source,sha256\n")
    return tmp_path / "tiny"


def rewrite_weights(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Put other tensors into a model folder and note their true hash on its card."""
    data = safetensors.save(tensors)
    (folder / "model.safetensors").write_bytes(data)
    change_card(folder, hashes={"model.safetensors": sha256_of_bytes(data)})


def change_card(folder: Path, **changes: Any) -> None:
    data = json.loads((folder / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps({**data, **changes}), "utf-8")


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    return safetensors.load((folder / "model.safetensors").read_bytes())


def test_the_same_card_and_the_same_answers_come_back(tmp_path: Path) -> None:
    net = build(TINY).eval()
    saved = save_model(tmp_path / "m", net, make_card(), float16=False)
    model = load_model(tmp_path / "m")
    picture = torch.rand(1, 3, 40, 48)
    with torch.inference_mode():
        assert torch.allclose(model.net(picture), net(picture), atol=1e-6)
    assert model.card == saved == read_card(tmp_path / "m")
    assert model.card.threshold == 0.3
    assert model.sha256 == sha256_of_file(tmp_path / "m" / "model.safetensors")


def test_a_loaded_model_is_float32_in_evaluation_mode_and_without_gradients(folder: Path) -> None:
    net = load_model(folder).net
    assert not any(module.training for module in net.modules())
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in net.parameters())
    assert any(t.dtype == torch.float16 for t in read_weights(folder).values())


def test_the_bayar_constraint_holds_in_float32_although_float16_on_disk_breaks_it(folder: Path) -> None:
    (bayar,) = (m for m in load_model(folder).net.modules() if isinstance(m, BayarConv2d))
    weight = bayar.weight.double()
    others = weight.sum((2, 3)) - weight[:, :, 2, 2]
    assert (weight[:, :, 2, 2] == -1).all()
    assert (others - 1).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["card.json", "model.safetensors", "photos.csv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name) as error:
        load_model(folder)
    assert error.value.cure


@pytest.mark.parametrize("name", ["model.safetensors", "photos.csv"])
def test_a_cut_or_altered_file_is_refused(folder: Path, name: str) -> None:
    good = (folder / name).read_bytes()
    flipped = bytearray(good)
    flipped[-1] ^= 1
    for bad in (good[:-7], bytes(flipped), b""):
        (folder / name).write_bytes(bad)
        with pytest.raises(ModelError, match="cut or altered") as error:
            load_model(folder)
        assert error.value.path == folder / name


def test_a_foreign_file_is_refused_even_when_its_hash_is_on_the_card(folder: Path) -> None:
    data = b"PK\x03\x04 archive/data.pkl"
    (folder / "model.safetensors").write_bytes(data)
    change_card(folder, hashes={"model.safetensors": sha256_of_bytes(data)})
    with pytest.raises(ModelError, match="no safetensors file"):
        load_model(folder)


def test_the_weights_of_another_architecture_are_refused(folder: Path) -> None:
    architecture = json.loads((folder / "card.json").read_text("utf-8"))["architecture"]
    change_card(folder, architecture={**architecture, "width": 0.125})
    with pytest.raises(ModelError, match="the card says"):
        load_model(folder)
    change_card(folder, architecture={**architecture, "attention": False})
    with pytest.raises(ModelError, match="unknown weights"):
        load_model(folder)


def test_missing_weights_are_named(folder: Path) -> None:
    tensors = read_weights(folder)
    name = sorted(tensors)[0]
    del tensors[name]
    rewrite_weights(folder, tensors)
    with pytest.raises(ModelError, match=f"lacks weights '{name}'"):
        load_model(folder)


def test_weights_that_are_not_finite_are_neither_loaded_nor_saved(folder: Path) -> None:
    tensors = read_weights(folder)
    name = max(tensors, key=lambda key: tensors[key].numel())
    tensors[name].view(-1)[3] = float("nan")
    rewrite_weights(folder, tensors)
    with pytest.raises(ModelError, match="not finite"):
        load_model(folder)
    net = build(TINY)
    with torch.no_grad():
        next(net.parameters()).view(-1)[0] = 1e6  # fits float32, not float16
    with pytest.raises(ModelError, match="not finite"):
        save_model(folder, net, make_card(), float16=True)


@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.complex64, torch.float8_e4m3fn])
def test_weights_of_other_numbers_than_the_network_computes_with_are_refused(
    folder: Path, kind: torch.dtype
) -> None:
    tensors = read_weights(folder)
    name = sorted(tensors)[0]
    rewrite_weights(folder, {**tensors, name: torch.zeros_like(tensors[name], dtype=kind)})
    with pytest.raises(ModelError, match=f"weights '{name}' are {kind}, not torch.float32"):
        load_model(folder)


def test_numbers_of_a_kind_that_the_framework_lacks_are_refused(folder: Path) -> None:
    head = json.dumps({"x": {"dtype": "F8_E8M0", "shape": [8], "data_offsets": [0, 8]}}).encode()
    data = struct.pack("<Q", len(head)) + head + bytes(8)
    (folder / "model.safetensors").write_bytes(data)
    change_card(folder, hashes={"model.safetensors": sha256_of_bytes(data)})
    with pytest.raises(ModelError):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": {"id": "irlnet-model", "version": 2}}, "version 2"),
        ({"format": {"id": "yolo", "version": 1}}, "yolo"),
        ({"format": None}, "not the card"),
        ({"tile": 65}, "tile 65"),
        ({"overlap": 64}, "overlap 64"),
        ({"tile": "64"}, "wrong type"),
        ({"threshold": 0.5}, "a value and a source"),
        ({"threshold": {"value": 2, "source": "x"}}, "not between 0 and 1"),
        ({"threshold": {"value": float("nan"), "source": "x"}}, "not between 0 and 1"),
        ({"limits": "none"}, "limits"),
        ({"name": "../evil"}, "no model name"),
        ({"colour": "red"}, "'colour' is unknown"),
        ({"operating_points": [{"threshold": "0.5"}]}, "operating_points need"),
        ({"operating_points": [{"threshold": 0.5, "false_alarm_rate": 5}]}, "operating_points need"),
        ({"clean_levels": [None]}, "clean_levels = None has the wrong type"),
        ({"clean_levels": ["0.5"]}, "clean_levels = '0.5' has the wrong type"),
        ({"hashes": {"model.safetensors": 5}}, "hashes.model.safetensors = 5 has the wrong type"),
        ({"architecture": {"architecture": "unet"}}, "not one of"),
        ({"architecture": {"depth": 3}}, "unknown key 'depth'"),
    ],
)
def test_a_card_with_something_wrong_is_refused(folder: Path, changes: dict[str, Any], reason: str) -> None:
    change_card(folder, **changes)
    with pytest.raises(ModelError, match=reason) as error:
        load_model(folder)
    assert error.value.path == folder / "card.json"
    assert error.value.cure


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"card"', "\x00", "[" * 100_000])
def test_a_card_that_is_no_card_is_refused(folder: Path, text: str) -> None:
    (folder / "card.json").write_text(text, "utf-8")
    with pytest.raises(ModelError, match=r"card\.json"):
        load_model(folder)


def test_a_card_that_lacks_a_key_is_refused(folder: Path) -> None:
    data = json.loads((folder / "card.json").read_text("utf-8"))
    del data["licence"]
    (folder / "card.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(ModelError, match="'licence' is missing"):
        load_model(folder)


def test_a_failed_save_leaves_the_model_before_it_usable(folder: Path) -> None:
    before = load_model(folder).sha256
    with pytest.raises(ModelError, match="can't be written"):
        save_model(folder, build(TINY), make_card(metrics={"f1": float("nan")}))
    (folder / "photos.csv").unlink()
    (folder / "photos.csv").mkdir()  # can't be replaced by a file
    with pytest.raises(OutputError):
        save_model(folder, build(TINY), make_card(), photos="x\n")
    (folder / "photos.csv").rmdir()
    (folder / "photos.csv").write_text("source,sha256\n", "utf-8")
    assert load_model(folder).sha256 == before
    assert not list(folder.glob(".tmp-*"))


def test_a_card_for_other_weights_keeps_no_mark_of_the_former_ones() -> None:
    measured = make_card(
        calibration={"pictures": 2}, clean_levels=(0.1, 0.8), hashes={"model.safetensors": "0" * 64}
    )
    assert measured.uncalibrated() == make_card(
        threshold=0.5, threshold_source="default, not calibrated", operating_points=()
    )
