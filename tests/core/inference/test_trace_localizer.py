"""A network with a trace stream sees each tile beside what it read from the whole picture's traces."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.errors import DeviceError, Interrupted
from irlnet_core.evidence.area import Area
from irlnet_core.inference.localizer import Localizer
from irlnet_core.inference.tiling import cut_cells, plan_tiles
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import LoadedModel
from irlnet_core.model.traces import PictureTraces
from irlnet_core.progress import finish
from tests.core.model.test_grid_votes import coded, noise


class Stream(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.measure = PictureTraces()

    def forward(self, traces: Tensor) -> Tensor:
        return traces


class ShowsTraces(nn.Module):
    """Responds with the first trace of luma that it is given, enlarged to pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.traces = Stream()

    def forward(self, image: Tensor, read: Tensor) -> Tensor:
        return functional.interpolate(read[:, :1], image.shape[-2:]) - 2


def localizer() -> Localizer:
    card = ModelCard(name="t", architecture=ModelConfig(traces=True), tile=64, overlap=16)
    return Localizer(LoadedModel(ShowsTraces(), card, "0" * 64, Path()), device="cpu")


def test_every_tile_gets_its_part_of_the_whole_pictures_traces() -> None:
    picture = coded(noise(168, 200))
    found = finish(localizer().localize(picture)).localization.probability
    whole = torch.sigmoid(PictureTraces().of_picture(picture)[0] - 2).numpy()

    assert found == pytest.approx(np.kron(whole, np.ones((8, 8))), abs=1e-4)


def test_a_picture_smaller_than_a_tile_and_off_the_cells_is_covered() -> None:
    found = finish(localizer().localize(noise(37, 171))).localization.probability

    assert found.shape == (37, 171)
    assert np.ptp(found) > 0


def test_the_last_tile_gets_the_nearest_cells() -> None:
    plan = plan_tiles(77, 64, 64, 16)
    cells = np.arange(10, dtype=np.float32)[None, :, None] + np.zeros((1, 10, 8), np.float32)
    first, last = cut_cells(cells, plan.tiles(), 64)

    assert first[0, :, 0].tolist() == list(range(8))
    assert last[0, :, 0].tolist() == list(range(2, 10))  # from row 13: 1.6 cells


def test_a_stop_is_heard_while_the_traces_are_measured() -> None:
    run = localizer().localize(noise(128, 64), stopped=lambda: True)
    with pytest.raises(Interrupted):
        finish(run)


@pytest.mark.parametrize(
    "failure", [MemoryError(), cv2.error("alloc.cpp: error: (-4:Insufficient memory) Failed to allocate")]
)
def test_want_of_memory_while_the_traces_are_measured_names_the_cure(failure: Exception) -> None:
    def stopped() -> bool:
        raise failure

    with pytest.raises(DeviceError, match=r"out of memory.*Close other programs"):
        finish(localizer().localize(noise(128, 64), stopped=stopped))


def test_an_area_is_seen_beside_the_traces_of_the_whole_picture() -> None:
    picture = coded(noise(256, 256))
    whole = finish(localizer().localize(picture)).localization.probability
    area = Area(100, 68, 72, 72)  # with its margin it ends on the grid: no tile lies between two cells
    found = finish(localizer().localize(picture, area=area)).localization.probability

    assert found[area.slices] == pytest.approx(whole[area.slices], abs=1e-4)
