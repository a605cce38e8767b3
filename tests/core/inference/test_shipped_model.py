"""The models that ship: they load, fit their cards, and leave no seams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irlnet_core.evidence.image import read_image
from irlnet_core.inference.localizer import Localizer
from irlnet_core.inference.seams import seam_error
from irlnet_core.inference.tiling import plan_tiles
from irlnet_core.model.locate import model_homes, shipped_models
from irlnet_core.progress import finish

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
MODELS = shipped_models([RESOURCES / "models"])

pytestmark = pytest.mark.skipif(
    not MODELS, reason="resources/models holds no model yet: none has been trained"
)


def read_sample() -> NDArray[np.uint8]:
    """Return the whole bundled sample picture: enough tiles that one odd edge does not decide."""
    return read_image(RESOURCES / "samples" / "lake.png").pixels


def test_the_repository_s_models_come_first() -> None:
    assert model_homes()[0] == RESOURCES / "models"


@pytest.mark.parametrize("name", MODELS)
def test_the_seam_error_of_a_shipped_model_is_at_most_1_1(name: str) -> None:
    localizer = Localizer(MODELS[name], device="cpu")
    card = localizer.model.card
    pixels = read_sample()
    result = finish(localizer.localize(pixels))
    assert result.deviations == ()
    assert result.plan == plan_tiles(pixels.shape[0], pixels.shape[1], card.tile, card.overlap)
    assert len(result.plan) >= 4
    assert result.localization.probability.std() > 0
    assert seam_error(result.localization.probability, result.plan) <= 1.1


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_says_how_it_was_made_and_what_it_can_t_do(name: str) -> None:
    card = Localizer(MODELS[name], device="cpu").model.card
    assert card.name == name
    assert card.licence
    assert card.limits
    assert card.training
    assert card.metrics
    assert "photos.csv" in card.hashes
