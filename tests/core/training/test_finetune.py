"""Fine-tuning: what it leaves, how it ends, and that it goes on where it was killed."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from irlnet_core import files
from irlnet_core.data.data_sets import CheckOptions, freeze_folders
from irlnet_core.data.dataset import Piece, Pieces, to_tensors
from irlnet_core.errors import ConfigError, DataError, OutputError
from irlnet_core.forge.compose import Forge
from irlnet_core.model.card import read_card
from irlnet_core.model.checkpoint import load_model
from irlnet_core.model.traces import PictureTraces
from irlnet_core.progress import CheckpointSaved, EpochDone, Event, Note, StepDone, finish
from irlnet_core.training.finetune import FineTuner
from irlnet_core.training.finetune_data import FinetuneData, MixedCrops, RehearsedCrops, gather
from irlnet_core.training.finetune_events import PreviewSaved, RunEnded, RunStarted
from irlnet_core.training.finetune_pairs import CasePairs
from irlnet_core.training.finetune_policy import FinetunePolicy, choose_batch, forge_of
from irlnet_core.training.finetune_run_folder import RunFolder

POLICY = FinetunePolicy(
    steps=4, validate_every=2, validation_count=4, batch=2, workers=0, threads=1, precision="float32",
    checkpoint_minutes=60, previews=2,
)  # fmt: skip


def read_data(
    case: Path, base: Path, *, rehearsal: float = 0.5, said: list[Event] | None = None
) -> FinetuneData:
    frozen = finish(freeze_folders([case], CheckOptions()))[0]
    pairs = CasePairs(frozen.train, frozen.validation, [frozen.sha256])
    job = gather(pairs, [], forge_of(read_card(base)), size=32, rehearsal=rehearsal, seed=0)
    return finish(job, said.append if said is not None else None)


@pytest.fixture
def data(case: Path, base: Path) -> FinetuneData:
    return read_data(case, base)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.begin({"policy": POLICY.as_dict()})
    return folder


def drive(
    data: FinetuneData, run: RunFolder, base: Path, policy: FinetunePolicy = POLICY, *,
    wished: Callable[[list[Event]], str] = lambda events: "", resume: bool = False,
) -> list[Event]:  # fmt: skip
    events: list[Event] = []
    tuner = FineTuner(
        policy, data, run, base=base, resume=resume, device="cpu", wished=lambda: wished(events)
    )
    finish(tuner.run_to_end(), events.append)
    return events


def steps_of(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepDone)]


def test_a_run_tells_its_course_and_leaves_a_model_with_curves_and_previews(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    events = drive(data, run, base)

    assert isinstance(events[0], RunStarted)
    assert [event.step for event in events if isinstance(event, EpochDone)] == [0, 2, 4]
    assert steps_of(events) == [1, 2, 3, 4]
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.reason, ended.step) == ("finished", 4)
    card = load_model(run.path).card
    assert card.training["base"] == {"name": "base", "sha256": read_card(base).hashes["model.safetensors"]}
    assert card.training["data"]["frozen_sets_sha256"] == data.sets_sha256
    assert card.training["curve"] == [row for row in run.curve() if row["step"] <= ended.best_step]
    assert card.limits == ("It is untrained.",)
    shots = [event for event in events if isinstance(event, PreviewSaved)][-1].pictures
    assert 1 <= len(shots) <= 2
    assert all(Path(shot).is_file() for shot in shots)
    assert run.describe()["ended"] == "finished"
    assert not run.is_unfinished()


def test_the_weights_that_are_kept_are_those_of_the_best_validation(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    events = drive(data, run, base)

    scores = {event.step: event.scores["score"] for event in events if isinstance(event, EpochDone)}
    best = events[-1].best_step  # type: ignore[attr-defined]
    assert scores[best] == max(scores.values())
    before, kept = (load_model(folder).net.state_dict() for folder in (base, run.path))
    if best == 0:  # the base itself, but for the rounding to float16
        assert all(torch.allclose(value, kept[name], atol=2e-3) for name, value in before.items())


def test_the_learned_pictures_are_listed_by_hash_and_not_by_name(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    drive(data, run, base)

    rows = list(csv.DictReader((run.path / "photos.csv").read_text().splitlines()))
    assert rows[0]["file"] == "base.jpg"
    assert {files.sha256_of_file(pair.image) for pair in data.training} == {row["sha256"] for row in rows[1:]}
    assert not any("picture0" in str(row) or "picture1" in str(row) for row in rows)


@pytest.mark.parametrize("after", [RunStarted, StepDone, EpochDone])
def test_stop_keeps_the_best_so_far_whenever_it_comes(
    after: type[Event], data: FinetuneData, run: RunFolder, base: Path
) -> None:
    events = drive(
        data, run, base, wished=lambda told: "stop" if any(isinstance(e, after) for e in told) else ""
    )

    assert events[-1].reason == "stopped"  # type: ignore[attr-defined]
    assert load_model(run.path).card.name == "run"
    assert len(steps_of(events)) <= 1


def test_cancel_leaves_nothing(data: FinetuneData, run: RunFolder, base: Path) -> None:
    events = drive(data, run, base, wished=lambda told: "cancel" if steps_of(told) else "")

    assert events[-1].reason == "cancelled"  # type: ignore[attr-defined]
    assert not run.path.exists()


def test_cancel_spares_what_others_put_into_the_folder(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    (run.path / "notes.txt").write_text("mine")

    drive(data, run, base, wished=lambda told: "cancel" if steps_of(told) else "")

    assert [path.name for path in run.path.iterdir()] == ["notes.txt"]


def test_a_paused_run_goes_on_and_ends_as_if_it_had_not_been_paused(
    data: FinetuneData, tmp_path: Path, base: Path
) -> None:
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    for folder in (whole, parts):
        folder.begin({})
    drive(data, whole, base)
    first = drive(data, parts, base, wished=lambda told: "pause" if 3 in steps_of(told) else "")
    assert parts.is_unfinished()
    assert first[-1].reason == "paused"  # type: ignore[attr-defined]

    second = drive(data, parts, base, resume=True)

    assert (steps_of(first), steps_of(second)) == ([1, 2, 3], [4])
    curves = [[{k: v for k, v in row.items() if k != "seconds"} for row in f.curve()] for f in (whole, parts)]
    for one, other in zip(*curves, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_a_run_that_dies_between_checkpoints_resumes_from_the_last_one(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    policy = replace(POLICY, checkpoint_minutes=0)
    job = FineTuner(policy, data, run, base=base, device="cpu").run_to_end()
    for event in job:
        if isinstance(event, CheckpointSaved) and event.step == 3:
            break
    job.close()  # what a kill leaves on the disk: no RunEnded, "ended" still null
    assert run.is_unfinished()

    events = drive(data, run, base, policy, resume=True)

    assert steps_of(events) == [4]


def test_training_ends_early_when_validations_bring_nothing_better(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    policy = replace(POLICY, steps=40, validate_every=1, patience=2, learning_rate=1e-12, ema=0.0)

    events = drive(data, run, base, policy)

    assert events[-1].reason == "early"  # type: ignore[attr-defined]
    assert len(steps_of(events)) < 10


@pytest.mark.parametrize(("freeze", "still"), [("enhancement", "enhancements"), ("encoder", "encoders")])
def test_frozen_parts_stay_as_the_base_has_them(
    freeze: str, still: str, data: FinetuneData, run: RunFolder, base: Path
) -> None:
    policy = replace(POLICY, freeze=freeze, learning_rate=1e-2)  # type: ignore[arg-type]
    tuner = FineTuner(policy, data, run, base=base, device="cpu")
    finish(tuner.run_to_end())

    before = load_model(base).net.state_dict()
    after = tuner.net.state_dict()
    assert all(torch.allclose(after[n], v, atol=1e-6) for n, v in before.items() if n.startswith(still))
    assert not all(torch.equal(after[n], v) for n, v in before.items() if n.startswith("decoder"))


def test_on_rehearsal_alone_the_network_has_nothing_to_change(
    data: FinetuneData, run: RunFolder, base: Path
) -> None:
    tuner = FineTuner(replace(POLICY, rehearsal=0.9, learning_rate=1e-12), data, run, base=base, device="cpu")
    images, masks = torch.rand(2, 3, 32, 32), torch.ones(2, 1, 32, 32)
    tuner._rehearsed = lambda count: torch.ones(count, dtype=torch.bool)  # type: ignore[method-assign]

    assert float(tuner._loss(images, masks).detach()) == pytest.approx(0, abs=1e-4)
    with torch.no_grad():
        tuner.net.decoder.head.bias.add_(2)  # type: ignore[union-attr, operator]
    assert float(tuner._loss(images, masks).detach()) > 0.1


def test_the_loss_knows_which_samples_are_rehearsal(data: FinetuneData, run: RunFolder, base: Path) -> None:
    class Told(Pieces):
        def __init__(self, value: int) -> None:
            self.value = value

        def __len__(self) -> int:
            return 16

        def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
            return to_tensors(*self.piece(index).crop)

        def piece(self, index: int) -> Piece:
            return Piece(np.full((8, 8, 3), self.value, np.uint8), np.zeros((8, 8), bool), 0, 0, 8)

    tuner = FineTuner(POLICY, data, run, base=base, device="cpu")
    tuner.state.step = 7
    mixed = MixedCrops(Told(0), Told(1), POLICY.rehearsal, 16, POLICY.seed, 7 * POLICY.batch)

    drawn = [bool(mixed[place][0].any()) for place in range(16)]

    assert drawn == tuner._rehearsed(16).tolist()
    assert 0 < sum(drawn) < 16


def test_a_full_disk_is_told_and_the_last_checkpoint_stays_good(
    data: FinetuneData, run: RunFolder, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(POLICY, checkpoint_minutes=0)
    tuner = FineTuner(policy, data, run, base=base, device="cpu")
    seen: list[Event] = []

    def listen(event: Event) -> None:
        seen.append(event)
        if isinstance(event, CheckpointSaved) and event.step == 2:
            monkeypatch.setattr(os, "fsync", full)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        finish(tuner.run_to_end(), listen)
    monkeypatch.undo()

    assert steps_of(drive(data, run, base, policy, resume=True)) == [3, 4]
    assert not list(run.path.rglob(".tmp-*"))


def test_rehearsal_uses_the_authentic_parts_and_says_so(case: Path, base: Path) -> None:
    said: list[Event] = []
    data = read_data(case, base, said=said)

    notes = " ".join(event.message for event in said if isinstance(event, Note))
    assert f"{data.rehearsal_photographs} authentic parts" in notes
    assert "an-engine-of-another-lab" in notes
    assert data.facts["rehearsal_engines"] == {"telea": 1.0}
    assert data.rehearsal_photographs > 0


def test_without_any_authentic_part_the_missing_rehearsal_is_told(case: Path, base: Path) -> None:
    frozen = finish(freeze_folders([case], CheckOptions()))[0]
    pairs = CasePairs(frozen.train, frozen.validation, [])
    said: list[Event] = []

    data = finish(gather(pairs, [], forge_of(read_card(base)), size=96, rehearsal=0.5, seed=0), said.append)

    assert data.general is None
    assert any(isinstance(event, Note) and "no rehearsal" in event.message for event in said)


def test_training_samples_depend_on_their_number_alone(data: FinetuneData) -> None:
    def take(first: int) -> torch.Tensor:
        return data.samples(first, 6 - first, size=32, share=0.5, postprocess=0.2, seed=3)[5 - first][0]

    assert torch.equal(take(0), take(4))


def test_traces_are_those_of_the_part_and_are_measured_once(
    data: FinetuneData, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = data.samples(0, 40, size=32, share=0.2, postprocess=0.5, seed=5, traces=True)
    pieces = [samples.piece(index) for index in range(40)]
    alone = replace(pieces[0], traces=None).measure_traces()
    monkeypatch.setattr(PictureTraces, "of_picture", None)  # a second measuring would fail

    again = samples.piece(0)

    assert again.measure_traces().numpy() == pytest.approx(alone.numpy(), abs=0.02)
    assert {piece.image.shape for piece in pieces} != {(32, 32, 3)}
    assert len({(piece.top, piece.left, piece.way) for piece in pieces}) > 20


def test_another_rehearsal_of_the_same_seed_and_another_size_are_not_mixed_up(data: FinetuneData) -> None:
    assert data.general is not None
    other = Forge(data.general.photographs[:1], data.general.engines, data.general.config, seed=POLICY.seed)
    one = Forge(data.general.photographs[1:], data.general.engines, data.general.config, seed=POLICY.seed)

    made = [RehearsedCrops(forge, size, 1).piece(0).image for forge in (one, other) for size in (32, 48)]

    assert len({image.tobytes() for image in made}) == 4
    assert min(min(image.shape[:2]) for image in made[1::2]) >= 48


def test_nothing_held_out_and_nothing_to_learn_are_refused(base: Path) -> None:
    forge = forge_of(read_card(base))
    with pytest.raises(DataError, match="nothing to learn"):
        finish(gather(CasePairs([], [], []), [], forge, size=32, rehearsal=0.5, seed=0))


def test_a_batch_that_is_not_given_follows_the_crops_size_and_the_device(base: Path) -> None:
    card = read_card(base)

    assert [choose_batch(crop, "cpu") for crop in (64, 128, 256, 384)] == [8, 8, 3, 2]
    assert choose_batch(256, "cuda:0") == 8
    assert FinetunePolicy(crop=256).config(card).train.batch == 3
    assert FinetunePolicy(crop=256).config(card, "cuda:0").train.batch == 8
    assert FinetunePolicy(crop=256, batch=5).config(card, "cuda:0").train.batch == 5


def test_impossible_settings_name_themselves() -> None:
    with pytest.raises(ConfigError, match="rehearsal"):
        FinetunePolicy(rehearsal=1.0)
    with pytest.raises(ConfigError, match="freeze"):
        FinetunePolicy(freeze="all")  # type: ignore[arg-type]
    assert FinetunePolicy.from_data(json.loads(json.dumps(POLICY.as_dict()))) == POLICY
