"""A training run: it learns, resumes where it stopped, keeps the best, and refuses what does not fit."""

from __future__ import annotations

import contextlib
import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from irlnet_core.config import Config, ForgeConfig, ModelConfig, TrainConfig, read_config
from irlnet_core.data.data_sets import CheckOptions, freeze_folders
from irlnet_core.data.dataset import Piece, Pieces, to_tensors
from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.errors import ConfigError, DataError, ModelError
from irlnet_core.model.checkpoint import load_model
from irlnet_core.model.registry import build
from irlnet_core.model.resume import load_state
from irlnet_core.progress import CheckpointSaved, EpochDone, Event, StepDone, finish
from irlnet_core.training.calibrate_job import check_untrained
from irlnet_core.training.engine import Trainer, TrainingData
from irlnet_core.training.sources import crops_of_sets, forged_from_photographs
from tests.core.conftest import save_photographs
from tests.core.training.conftest import make_case

TINY = Config(
    ModelConfig(width=0.0625),
    ForgeConfig(engines={"telea": 1.0}, pristine=0.2, postprocess=0.0, hole_min=0.1),
    TrainConfig(
        crop=32, batch=2, steps=6, validate_every=3, validation_count=4, checkpoint_minutes=60, ema=0.9
    ),
)


@pytest.fixture
def data(photo_folder: Path) -> TrainingData:
    return forged_from_photographs(photo_folder, TINY)


def run(trainer: Trainer) -> list[Event]:
    events: list[Event] = []
    finish(trainer.run(), events.append)
    return events


def test_a_run_leaves_a_model_folder_with_card_curve_photographs_and_state(
    data: TrainingData, tmp_path: Path
) -> None:
    events = run(Trainer(TINY, data, tmp_path / "m", command="irlnet train …"))

    model = load_model(tmp_path / "m")
    curve = [json.loads(line) for line in (tmp_path / "m/curve.jsonl").read_text().splitlines()]
    assert [e.step for e in events if isinstance(e, StepDone)] == [1, 2, 3, 4, 5, 6]
    assert [e.step for e in events if isinstance(e, EpochDone)] == [row["step"] for row in curve] == [3, 6]
    assert isinstance(events[-1], CheckpointSaved)
    assert model.card.tile == 32
    assert model.card.training["command"] == "irlnet train …"
    assert (
        model.card.training["data"]["photographs"] + model.card.training["data"]["validation_photographs"]
        == 6
    )
    rows = csv.DictReader((tmp_path / "m/photos.csv").read_text().splitlines())
    assert sorted(row["file"] for row in rows) == [f"scene{number}.jpg" for number in range(6)]


def test_a_resumed_run_goes_on_exactly_where_the_first_stopped(data: TrainingData, tmp_path: Path) -> None:
    run(Trainer(TINY, data, tmp_path / "whole"))
    half = replace(TINY, train=replace(TINY.train, steps=3))
    run(Trainer(half, data, tmp_path / "parts"))

    events = run(Trainer(TINY, data, tmp_path / "parts", resume=True))

    assert [e.step for e in events if isinstance(e, StepDone)] == [4, 5, 6]
    ends = [Trainer(TINY, data, tmp_path / name, resume=True).net.state_dict() for name in ("whole", "parts")]
    for name, value in ends[0].items():
        assert torch.allclose(value, ends[1][name], atol=1e-6), name


def test_a_run_that_is_killed_goes_on_from_the_model_that_it_kept_and_not_from_before_it(
    data: TrainingData, tmp_path: Path
) -> None:
    config = replace(TINY, train=replace(TINY.train, validate_every=1))

    with contextlib.closing(Trainer(config, data, tmp_path / "m").run()) as job:
        next(event for event in job if isinstance(event, EpochDone) and event.best)
        next(event for event in job if isinstance(event, StepDone))

    _, info = load_state(tmp_path / "m/state")
    card = load_model(tmp_path / "m").card
    assert info["run"]["curve"] == card.training["curve"]
    assert info["run"]["step"] == card.training["steps"]


def test_a_name_that_no_model_can_bear_is_refused_before_the_first_step(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match=r"'my model' is no model name.*--name"):
        Trainer(TINY, data, tmp_path / "my model")
    assert not (tmp_path / "my model").exists()
    assert Trainer(TINY, data, tmp_path / "my model", name="mine").name == "mine"

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run(Trainer(TINY, data, Path()))
    assert load_model(tmp_path / "here").card.name == "here"


def test_a_resumed_run_keeps_the_name_on_its_card(data: TrainingData, tmp_path: Path) -> None:
    run(Trainer(TINY, data, tmp_path / "m", name="mine"))
    (tmp_path / "m").rename(tmp_path / "my model")

    assert Trainer(TINY, data, tmp_path / "my model", resume=True).name == "mine"
    assert Trainer(TINY, data, tmp_path / "my model", resume=True, name="other").name == "other"
    (tmp_path / "my model/card.json").unlink()
    with pytest.raises(ModelError, match="--name"):
        Trainer(TINY, data, tmp_path / "my model", resume=True)


def test_a_run_is_not_resumed_with_the_recipe_of_another_network(data: TrainingData, tmp_path: Path) -> None:
    run(Trainer(TINY, data, tmp_path / "m"))

    for model in (ModelConfig(width=0.125), replace(TINY.model, attention=False)):
        with pytest.raises(ModelError, match="network") as error:
            Trainer(replace(TINY, model=model), data, tmp_path / "m", resume=True)
        assert error.value.path == tmp_path / "m/state"
        assert "recipe" in error.value.cure


def listed(model: Path) -> list[str]:
    with (model / "photos.csv").open(encoding="utf-8", newline="") as file:
        return [row["sha256"] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    "lost", ["the list, before the first validation", "the state's, of an older version"]
)
def test_weights_that_are_inherited_bring_the_list_of_what_they_learned_from(
    lost: str, photo_folder: Path, data: TrainingData, tmp_path: Path
) -> None:
    save_photographs(tmp_path / "others", count=9, quality=70)
    for number in range(3):  # three that the base knows
        (tmp_path / "others" / f"scene{number}.jpg").write_bytes(
            (photo_folder / f"scene{number}.jpg").read_bytes()
        )
    others = forged_from_photographs(tmp_path / "others", TINY)
    run(Trainer(TINY, data, tmp_path / "base"))
    later = replace(TINY, train=replace(TINY.train, steps=9))

    run(Trainer(TINY, others, tmp_path / "new", init=tmp_path / "base"))
    first = listed(tmp_path / "new")
    if lost.startswith("the list"):
        (tmp_path / "new/photos.csv").unlink()
    else:
        state = json.loads((tmp_path / "new/state/state.json").read_text("utf-8"))
        del state["info"]["photos"]
        (tmp_path / "new/state/state.json").write_text(json.dumps(state), "utf-8")
    trainer = Trainer(later, others, tmp_path / "new", resume=True)
    trainer.state.best = -1.0
    run(trainer)

    assert first[:6] == listed(tmp_path / "base")
    assert len(first) == len(set(first)) == 12
    assert listed(tmp_path / "new") == first
    with pytest.raises(DataError, match="was used to train 'new'"):
        check_untrained(find_photographs(photo_folder), load_model(tmp_path / "new"))


def test_a_model_of_given_pairs_lists_them_by_hash_and_what_its_base_learned_from(
    data: TrainingData, tmp_path: Path
) -> None:
    frozen = finish(freeze_folders([make_case(tmp_path / "case")], CheckOptions()))
    run(Trainer(TINY, data, tmp_path / "base"))

    run(Trainer(TINY, crops_of_sets(frozen, TINY), tmp_path / "new", init=tmp_path / "base"))

    assert listed(tmp_path / "new")[:6] == listed(tmp_path / "base")
    assert "picture0" not in (tmp_path / "new/photos.csv").read_text()
    pair = frozen[0].train[0]
    with pytest.raises(DataError, match="was used to train 'new'"):
        check_untrained([Photograph(pair.image, pair.group)], load_model(tmp_path / "new"))


def test_training_lowers_the_loss_on_its_own_samples(data: TrainingData, tmp_path: Path) -> None:
    class OneSample(Pieces):
        def __len__(self) -> int:
            return 120

        def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
            return to_tensors(*self.piece(index).crop)

        def piece(self, index: int) -> Piece:
            picture = np.full((32, 32, 3), 60, np.uint8)
            picture[8:24, 8:24] = 200
            return Piece(picture, picture[..., 0] == 200, 0, 0, 32)

    train = replace(TINY.train, steps=40, validate_every=40, learning_rate=3e-3, optimizer="adamw", clip=1.0)
    config = replace(TINY, train=train)
    data = replace(data, samples=lambda first, length: OneSample())

    losses = [e.loss for e in run(Trainer(config, data, tmp_path / "m")) if isinstance(e, StepDone)]

    assert losses[-1] < 0.3 * losses[0]


def test_the_trace_stream_can_be_trained_alone_from_kept_pictures_and_resumed(
    photo_folder: Path, tmp_path: Path
) -> None:
    model = replace(TINY.model, traces=True)
    train = replace(TINY.train, part="traces", pictures=3, trace_dropout=0.2, learning_rate=1e-2)
    config = replace(TINY, model=model, train=train)
    data = forged_from_photographs(photo_folder, config, [tmp_path / "forged"])
    run(Trainer(TINY, forged_from_photographs(photo_folder, TINY), tmp_path / "pixels"))

    trainer = Trainer(config, data, tmp_path / "m", init=tmp_path / "pixels")
    before = {name: value.clone() for name, value in trainer.net.state_dict().items()}
    run(trainer)
    again = run(Trainer(replace(config, train=replace(train, steps=8)), data, tmp_path / "m", resume=True))

    changed = {
        name
        for name, value in trainer.net.state_dict().items()
        if not torch.allclose(value, before[name], atol=1e-6)
    }
    assert changed
    assert all(name.startswith("traces.") for name in changed)
    assert sorted(path.name for path in (tmp_path / "forged").glob("*.npz")) == [
        f"00000{n}.npz" for n in range(3)
    ]
    assert [e.step for e in again if isinstance(e, StepDone)] == [7, 8]
    assert load_model(tmp_path / "m").card.training["data"]["forged_pictures"] == 3


def test_traces_alone_cannot_be_trained_where_there_are_none() -> None:
    with pytest.raises(ConfigError, match="traces"):
        replace(TINY, train=replace(TINY.train, part="traces"))


@pytest.mark.parametrize("architecture", ["hpfcn", "mvssnet"])
def test_a_recipe_that_gives_traces_to_a_reference_method_is_refused(
    architecture: str, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'[model]\narchitecture = "{architecture}"\ntraces = true\n')

    with pytest.raises(ConfigError, match=r"recipe\.toml.*model\.traces.*Leave") as error:
        read_config(recipe)
    assert error.value.cure


def test_the_bayar_constraint_holds_after_every_step(data: TrainingData, tmp_path: Path) -> None:
    trainer = Trainer(TINY, data, tmp_path / "m")
    for event in trainer.run():
        if isinstance(event, StepDone):
            weight = trainer.net.enhancements[0].bayar.weight.detach()  # type: ignore[union-attr, index]
            assert weight.sum((2, 3)).abs().max() < 1e-5


def test_a_run_starts_from_another_models_weights_only_if_they_fit(
    data: TrainingData, tmp_path: Path
) -> None:
    run(Trainer(TINY, data, tmp_path / "first"))

    trainer = Trainer(TINY, data, tmp_path / "second", init=tmp_path / "first")

    kept = load_model(tmp_path / "first").net.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in trainer.net.state_dict().items())
    run(trainer)
    told = load_model(tmp_path / "second").card.training
    assert [stage["steps"] for stage in told["stages_before"]] == [
        load_model(tmp_path / "first").card.training["steps"]
    ]
    wider = replace(TINY, model=ModelConfig(width=0.125))
    with pytest.raises(ModelError, match="another architecture"):
        Trainer(wider, data, tmp_path / "third", init=tmp_path / "first")


def test_a_trace_stream_starts_from_a_smaller_one_and_not_from_a_larger_one(
    data: TrainingData, tmp_path: Path
) -> None:
    narrow = replace(TINY, model=replace(TINY.model, traces=True))
    larger = replace(narrow.model, trace_channels=16, second_look=True, chroma_traces=True)
    wide = replace(TINY, model=larger)
    run(Trainer(narrow, data, tmp_path / "narrow"))

    run(Trainer(wide, data, tmp_path / "wide", init=tmp_path / "narrow"))

    assert load_model(tmp_path / "wide").card.architecture == wide.model
    blind = replace(larger, chroma_traces=False)
    for smaller in (
        narrow,
        replace(TINY, model=replace(larger, trace_channels=0)),
        replace(TINY, model=blind),
        TINY,
    ):
        with pytest.raises(ModelError, match="another architecture"):
            Trainer(smaller, data, tmp_path / "back", init=tmp_path / "wide")


def test_a_network_with_traces_starts_from_one_without_and_learns_the_same_with_workers(
    data: TrainingData, tmp_path: Path
) -> None:
    run(Trainer(TINY, data, tmp_path / "plain"))
    config = replace(TINY, model=replace(TINY.model, traces=True))

    for workers in (0, 1):
        train = replace(config.train, workers=workers)
        run(Trainer(replace(config, train=train), data, tmp_path / f"{workers}", init=tmp_path / "plain"))

    one, other = (load_model(tmp_path / name).net.state_dict() for name in ("0", "1"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    told = load_model(tmp_path / "0").card
    assert told.architecture.traces
    assert len(told.training["stages_before"]) == 1


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_cure(
    data: TrainingData, tmp_path: Path
) -> None:
    trainer = Trainer(TINY, data, tmp_path / "m")
    with torch.no_grad():
        trainer.net.decoder.head.bias.fill_(float("nan"))  # type: ignore[union-attr, operator]

    with pytest.raises(DataError, match="smaller learning rate"):
        finish(trainer.run())


def break_off(trainer: Trainer, step: int, part: str) -> None:
    """Run; after ``step`` a weight of the net or of its average is no number."""
    for event in trainer.run():
        if isinstance(event, StepDone) and event.step == step:
            net = trainer.net if part == "net" else trainer.average.net
            with torch.no_grad():
                net.decoder.head.bias.fill_(float("nan"))  # type: ignore[union-attr, operator]


def test_a_response_that_is_no_number_stops_the_run_and_the_best_model_stays(
    data: TrainingData, tmp_path: Path
) -> None:
    run(Trainer(TINY, data, tmp_path / "m"))
    before = load_model(tmp_path / "m").sha256
    later = replace(TINY, train=replace(TINY.train, steps=9))

    with pytest.raises(DataError, match=r"response is no longer finite.*smaller learning rate"):
        break_off(Trainer(later, data, tmp_path / "m", resume=True), 9, "average")

    assert load_model(tmp_path / "m").sha256 == before
    assert load_state(tmp_path / "m/state")[1]["run"]["step"] == 6


def test_weights_that_are_no_numbers_do_not_replace_the_last_good_state(
    data: TrainingData, tmp_path: Path
) -> None:
    often = replace(TINY, train=replace(TINY.train, checkpoint_minutes=0.0))

    with pytest.raises(ModelError, match=r"'net\.decoder.*not finite.*smaller learning rate") as error:
        break_off(Trainer(often, data, tmp_path / "m"), 2, "net")

    assert error.value.path == tmp_path / "m/state"
    assert load_state(tmp_path / "m/state")[1]["run"]["step"] == 1


def test_the_contrast_loss_and_bfloat16_train_too(data: TrainingData, tmp_path: Path) -> None:
    train = replace(TINY.train, contrast_weight=0.1, precision="bfloat16", steps=2, validate_every=2)

    events = run(Trainer(replace(TINY, train=train), data, tmp_path / "m"))

    assert sum(isinstance(e, StepDone) for e in events) == 2


@pytest.mark.parametrize("architecture", ["hpfcn", "mvssnet"])
def test_the_reference_methods_train_by_the_same_loop(
    architecture: str, data: TrainingData, tmp_path: Path
) -> None:
    model = ModelConfig(architecture=architecture, width=0.0625, backbone=18)  # type: ignore[arg-type]
    config = replace(TINY, model=model, train=replace(TINY.train, steps=2, validate_every=2))

    run(Trainer(config, data, tmp_path / "m"))

    assert load_model(tmp_path / "m").card.architecture == model


def test_each_reference_method_learns_by_its_own_loss_down_to_the_edge_head() -> None:
    torch.manual_seed(0)
    images, masks = torch.rand(2, 3, 32, 32), (torch.rand(2, 1, 32, 32) > 0.5).float()
    for architecture in ("hpfcn", "mvssnet"):
        net = build(ModelConfig(architecture=architecture, width=0.0625, backbone=18))  # type: ignore[arg-type]
        net.training_loss(images, masks).backward()  # type: ignore[operator]

        assert [name for name, p in net.named_parameters() if p.grad is None] == []
