from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from irlnet_core.errors import ModelError
from irlnet_core.files import sha256_of_bytes
from irlnet_core.forge.engine_files import EngineCard, read_engine, save_engine

CARD = EngineCard("autoencoder", "tiny", 4, "MIT", "a test", {"stride": 4}, {"steps": 3}, {"error": 1.5})


def save(folder: Path) -> None:
    save_engine(folder, CARD, {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3)})


def rewrite_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "engine.json").read_text())
    (folder / "engine.json").write_text(json.dumps({**card, **changes}))


def test_card_and_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    save(tmp_path / "new")

    card, weights = read_engine(tmp_path / "new")

    assert card == CARD
    assert list(weights) == ["a.weight"]
    assert weights["a.weight"].dtype == np.float32
    assert np.array_equal(weights["a.weight"], [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize("missing", ["engine.json", "engine.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    save(tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(ModelError, match=missing):
        read_engine(tmp_path)


def test_altered_and_cut_weights_are_refused(tmp_path: Path) -> None:
    save(tmp_path)
    file = tmp_path / "engine.safetensors"
    data = file.read_bytes()

    for wrong in (data[:-1], data[:-1] + b"\x01"):
        file.write_bytes(wrong)
        with pytest.raises(ModelError, match="cut or altered"):
            read_engine(tmp_path)


def test_a_foreign_weight_file_is_refused_even_with_the_right_hash(tmp_path: Path) -> None:
    save(tmp_path)
    foreign = b"\x80\x04K\x01."  # a pickle
    (tmp_path / "engine.safetensors").write_bytes(foreign)
    rewrite_card(tmp_path, sha256=sha256_of_bytes(foreign))

    with pytest.raises(ModelError, match="not a safetensors file"):
        read_engine(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"format": "other"}, {"sha256": None}, {"surprise": 1}, {"stride": "four"}, {"config": []}]
)
def test_a_card_of_another_form_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    save(tmp_path)
    rewrite_card(tmp_path, **changes)

    with pytest.raises(ModelError, match=r"engine\.json"):
        read_engine(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_card_that_is_not_an_object_is_refused(tmp_path: Path, text: str) -> None:
    save(tmp_path)
    (tmp_path / "engine.json").write_text(text)

    with pytest.raises(ModelError, match=r"engine\.json"):
        read_engine(tmp_path)


@pytest.mark.parametrize("wrong", [np.nan, 1e6])
def test_weights_that_float16_cannot_hold_are_not_saved(tmp_path: Path, wrong: float) -> None:
    with pytest.raises(ModelError, match=r"a\.weight"):
        save_engine(tmp_path, CARD, {"a.weight": np.array([wrong], np.float32)})

    assert list(tmp_path.iterdir()) == []
