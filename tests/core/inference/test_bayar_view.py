"""The model's own noise view shows what its first layer passes on, and says when there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.views import view as views
from irlnet_core.inference.bayar_view import bayar_residual, make_bayar_view
from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from irlnet_core.progress import finish


def noise(height: int = 70, width: int = 50) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def image(tmp_path: Path) -> SuspectImage:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    return read_image(tmp_path / "a.png")


def save(folder: Path, config: ModelConfig) -> Path:
    torch.manual_seed(0)
    save_model(folder, build(config), ModelCard("tiny", config, tile=64, overlap=16))
    return folder


def test_the_view_is_the_layers_answer_and_names_the_model(image: SuspectImage, tmp_path: Path) -> None:
    folder = save(tmp_path / "model", ModelConfig(width=0.0625))
    view = finish(make_bayar_view(image, folder))
    assert view.state == "found"
    assert "tiny" in view.statement
    assert view.layers[0].pixels.shape == image.pixels.shape
    assert len(str(view.parameters["weights_sha256"])) == 64


def test_a_missing_model_is_an_error_with_its_name(image: SuspectImage) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        finish(make_bayar_view(image, "nowhere"))


@pytest.mark.parametrize("channels", [3, 1])
def test_a_flat_picture_leaves_grey_and_strips_change_nothing(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(1)
    layer = BayarConv2d(channels, 3)
    flat = np.full((20, 20, 3), 77, np.uint8)
    assert np.all(finish(bayar_residual(layer, flat)) == 128)
    whole = finish(bayar_residual(layer, noise()))
    monkeypatch.setattr(views, "_STRIP_PIXELS", 16)
    assert np.array_equal(finish(bayar_residual(layer, noise())), whole)
    assert whole.std() > 10
