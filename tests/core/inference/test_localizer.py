"""A picture of any size gets one map, whatever the tiles, the batches and the memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ConfigError, DeviceError, ImageReadError, Interrupted, ModelError
from irlnet_core.evidence.area import Area
from irlnet_core.inference.localizer import LocalizationResult, Localizer
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import LoadedModel, save_model
from irlnet_core.model.registry import build
from irlnet_core.progress import Note, TileDone, finish

TILE, OVERLAP, RADIUS = 48, 16, 4
CARD = ModelCard(name="near-sighted", architecture=ModelConfig(), tile=TILE, overlap=OVERLAP)


class NearSighted(nn.Module):
    """Four 3x3 convolutions: a pixel's logit depends on what lies at most 4 pixels away."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        layers: list[nn.Module] = []
        for inputs, outputs in ((3, 8), (8, 8), (8, 8), (8, 1)):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(0.3)]
        self.layers = nn.Sequential(*layers[:-1])
        self.batches: list[int] = []

    def forward(self, image: Tensor) -> Tensor:
        self.batches.append(len(image))
        logits: Tensor = 40 * self.layers(image)
        return logits


class Cramped(NearSighted):
    """A network whose device holds ``room`` tiles; ``failure`` makes the error it raises beyond that."""

    def __init__(self, room: int, failure: Callable[[], BaseException]) -> None:
        super().__init__()
        self.room, self.failure = room, failure

    def forward(self, image: Tensor) -> Tensor:
        if len(image) > self.room:
            raise self.failure()
        return super().forward(image)


def make_localizer(net: nn.Module | None = None, **options: str) -> Localizer:
    model = LoadedModel(net or NearSighted(), CARD, "0" * 64, Path())
    return Localizer(model, device="cpu", **options)  # type: ignore[arg-type]


def make_picture(height: int = 150, width: int = 131) -> NDArray[np.uint8]:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    picture.flags.writeable = False
    return picture


def localize(localizer: Localizer, picture: NDArray[np.uint8], **options: int) -> LocalizationResult:
    return finish(localizer.localize(picture, **options))  # type: ignore[arg-type]


def untiled(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    image = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        answer: NDArray[np.float32] = NearSighted()(image)[0, 0].sigmoid().numpy()
    return answer


def test_a_network_with_a_bounded_view_gives_the_untiled_map() -> None:
    picture = make_picture()
    assert OVERLAP // 4 >= RADIUS
    assert untiled(picture).std() > 0.05
    result = localize(make_localizer(), picture)
    assert np.abs(result.localization.probability - untiled(picture)).max() < 1e-5
    assert len(result.plan) > 9


def test_a_margin_that_is_too_narrow_would_be_seen() -> None:
    picture = make_picture()
    result = localize(make_localizer(), picture, overlap=4)
    assert np.abs(result.localization.probability - untiled(picture)).max() > 1e-3


def test_the_orientation_of_rows_columns_and_colours_is_kept() -> None:
    class RedIsHot(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return 20 * (image[:, :1] - 0.5)

    picture = np.zeros((100, 140, 3), dtype=np.uint8)
    picture[70:, :20, 0] = 255
    picture[:, 100:, 2] = 255
    probability = localize(make_localizer(RedIsHot()), picture).localization.probability
    assert probability.shape == (100, 140)
    assert ((probability > 0.5) == (picture[..., 0] > 0)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (2, 3), (20, 31), (48, 48), (49, 47)])
def test_every_size_gets_a_map_of_its_own_size(size: tuple[int, int]) -> None:
    result = localize(make_localizer(), make_picture(*size))
    assert result.localization.probability.shape == size
    assert any("smaller than a tile" in text for text in result.deviations) == (min(size) < TILE)


@pytest.mark.parametrize("batch", [1, 2, 5, 100])
def test_the_batch_size_does_not_change_the_map(batch: int) -> None:
    net = NearSighted()
    result = localize(make_localizer(net), make_picture(), batch=batch)
    expected = localize(make_localizer(), make_picture()).localization.probability
    assert np.abs(result.localization.probability - expected).max() < 1e-6
    assert max(net.batches) == result.batch == min(batch, len(result.plan))
    assert sum(net.batches) == len(result.plan)


def test_every_tile_is_told_once_and_the_nearest_comes_first() -> None:
    events = list(make_localizer().localize(make_picture(), start=(149, 130)))
    tiles = [event for event in events if isinstance(event, TileDone)]
    assert [tile.done for tile in tiles] == list(range(1, len(tiles) + 1))
    assert {tile.total for tile in tiles} == {len(tiles)}
    assert (tiles[0].y1, tiles[0].x1) == (150, 131)
    assert (tiles[-1].y0, tiles[-1].x0) == (0, 0)


def test_a_changed_tile_overlap_or_precision_is_stated() -> None:
    picture = make_picture()
    assert localize(make_localizer(), picture).deviations == ()
    assert any("64" in text for text in localize(make_localizer(), picture, tile=64).deviations)
    assert any("by 20" in text for text in localize(make_localizer(), picture, overlap=20).deviations)
    assert len(localize(make_localizer(), picture, tile=64).deviations) == 1  # of the usual overlap
    assert len(localize(make_localizer(), picture, tile=64, overlap=20).deviations) == 2
    result = localize(make_localizer(precision="bfloat16"), picture)
    assert any("bfloat16" in text for text in result.deviations)
    assert np.abs(result.localization.probability - untiled(picture)).mean() < 0.05
    events = list(make_localizer(precision="bfloat16").localize(picture))
    assert isinstance(events[0], Note)


OUT_OF_MEMORY = [
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    lambda: RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    lambda: RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
    MemoryError,
]


@pytest.mark.parametrize("failure", OUT_OF_MEMORY)
def test_out_of_memory_halves_the_batch_and_says_so(failure: Callable[[], BaseException]) -> None:
    net = Cramped(room=3, failure=failure)
    localizer = make_localizer(net)
    events: list[object] = []
    result = finish(localizer.localize(make_picture(), batch=8), events.append)
    notes = [event.message for event in events if isinstance(event, Note)]
    assert ["8 to 4" in notes[0], "4 to 2" in notes[1], len(notes)] == [True, True, 2]
    assert result.notes == tuple(notes)
    assert result.batch == 2
    assert np.abs(result.localization.probability - untiled(make_picture())).max() < 1e-5


@pytest.mark.parametrize("batch", [None, 4])
def test_out_of_memory_with_one_tile_names_the_cure(batch: int | None) -> None:
    localizer = make_localizer(Cramped(room=0, failure=MemoryError))
    with pytest.raises(DeviceError, match="smaller model") as error:
        finish(localizer.localize(make_picture(), batch=batch))
    assert error.value.__cause__ is not None


def test_another_error_of_the_network_is_not_taken_for_want_of_memory() -> None:
    net = Cramped(room=0, failure=lambda: RuntimeError("shapes don't match"))
    with pytest.raises(RuntimeError, match="shapes"):
        finish(make_localizer(net).localize(make_picture(), batch=4))


def test_closing_in_the_middle_stops_the_work_and_leaves_the_localizer_usable() -> None:
    net = NearSighted()
    localizer = make_localizer(net)
    job = localizer.localize(make_picture(), batch=1)
    next(job)
    next(job)
    job.close()
    assert sum(net.batches) == 2
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()
    result = localize(localizer, make_picture())
    assert np.abs(result.localization.probability - untiled(make_picture())).max() < 1e-5


def test_a_batch_is_ended_in_its_middle_when_another_thread_says_stop() -> None:
    net = NearSighted()
    localizer = make_localizer(net)
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 4  # between two layers of the first tile

    with pytest.raises(Interrupted):
        finish(localizer.localize(make_picture(), batch=1, stopped=stopped))
    assert len(asked) == 5
    result = localize(localizer, make_picture())
    assert np.abs(result.localization.probability - untiled(make_picture())).max() < 1e-5


def test_no_event_is_yielded_inside_inference_mode() -> None:
    for _ in make_localizer().localize(make_picture()):
        assert not torch.is_inference_mode_enabled()


def test_a_response_that_is_not_finite_is_an_error_and_not_a_map() -> None:
    net = NearSighted()
    with torch.no_grad():
        next(net.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        localize(make_localizer(net), make_picture())


def test_the_number_of_threads_is_left_alone() -> None:
    before = torch.get_num_threads()
    localize(make_localizer(), make_picture())
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3)),
    ],
)
def test_an_array_that_is_no_picture_is_refused(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ImageReadError, match="no picture"):
        localize(make_localizer(), pixels)


def test_an_impossible_tile_is_refused() -> None:
    with pytest.raises(ConfigError):
        localize(make_localizer(), make_picture(), tile=32, overlap=32)


def test_a_device_that_is_not_there_is_named() -> None:
    model = LoadedModel(NearSighted(), CARD, "0" * 64, Path())
    with pytest.raises(DeviceError, match="'tpu'"):
        Localizer(model, device="tpu")
    with pytest.raises(DeviceError, match="cuda:99"):
        Localizer(model, device="cuda:99")


def test_a_saved_irl_net_localizes_with_the_tile_on_its_card(tmp_path: Path) -> None:
    config = ModelConfig(width=0.0625)
    card = ModelCard(name="tiny", architecture=config, tile=64, overlap=16)
    save_model(tmp_path / "tiny", build(config), card)
    result = localize(Localizer(tmp_path / "tiny", device="cpu"), make_picture())
    assert result.plan.tile == 64
    assert (result.backend, result.torch_version) == ("torch", torch.__version__)
    assert result.device.id == "cpu"
    assert result.device.name
    assert result.localization.probability.shape == (150, 131)


def test_a_selected_area_gets_the_map_it_has_in_the_whole_picture_and_nothing_beyond() -> None:
    picture = make_picture()
    result = localize(make_localizer(), picture, area=Area(45, 50, 60, 70))  # type: ignore[arg-type]
    probability = result.localization.probability
    inside = np.s_[50:120, 45:105]
    assert result.localization.analysed == Area(45, 50, 60, 70)
    assert np.abs(probability[inside] - untiled(picture)[inside]).max() < 1e-5
    rest = probability.copy()
    rest[inside] = 0
    assert not rest.any()
    assert any("Only the area of 60 x 70 pixels at column 45, row 50" in text for text in result.deviations)


def test_the_map_can_be_watched_while_it_fills() -> None:
    canvas = np.zeros((150, 131), np.float32)
    job = make_localizer().localize(make_picture(), batch=1, into=canvas)
    first = next(job)
    assert isinstance(first, TileDone)
    assert canvas[first.y0 : first.y1, first.x0 : first.x1].any()
    assert not canvas[first.y1 :].any()
    assert np.shares_memory(finish(job).localization.probability, canvas)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device")
def test_cuda_gives_the_map_of_the_cpu() -> None:
    model = LoadedModel(NearSighted(), CARD, "0" * 64, Path())
    result = localize(Localizer(model, device="cuda"), make_picture())
    assert np.abs(result.localization.probability - untiled(make_picture())).max() < 1e-4
    assert result.device.id == "cuda:0"
