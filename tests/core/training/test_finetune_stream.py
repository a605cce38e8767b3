"""Teaching a base with a trace stream: the stream learns alone, and is graded alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from irlnet_core.data.data_sets import CheckOptions, freeze_folders
from irlnet_core.errors import ConfigError
from irlnet_core.model.card import read_card
from irlnet_core.model.checkpoint import load_model
from irlnet_core.model.traces import CHANNELS
from irlnet_core.progress import finish
from irlnet_core.training.finetune import FineTuner
from irlnet_core.training.finetune_data import gather
from irlnet_core.training.finetune_pairs import CasePairs
from irlnet_core.training.finetune_policy import FinetunePolicy, forge_of
from irlnet_core.training.finetune_run_folder import RunFolder
from tests.core.training.conftest import make_base

POLICY = FinetunePolicy(
    steps=4, validate_every=2, validation_count=4, batch=2, workers=0, threads=1, precision="float32",
    checkpoint_minutes=60, previews=2, learning_rate=1e-2, ema=0.0,
)  # fmt: skip


@pytest.fixture
def base(tmp_path: Path) -> Path:
    network = {"traces": True, "trace_channels": 8, "second_look": True, "trace_voices": 2}
    return make_base(tmp_path / "models" / "base", **network)


def tune(policy: FinetunePolicy, case: Path, base: Path, folder: Path) -> FineTuner:
    frozen = finish(freeze_folders([case], CheckOptions()))[0]
    pairs = CasePairs(frozen.train, frozen.validation, [frozen.sha256])
    data = finish(gather(pairs, [], forge_of(read_card(base)), size=32, rehearsal=0.5, seed=0))
    run = RunFolder(folder)
    run.begin({"policy": policy.as_dict()})
    return FineTuner(policy, data, run, base=base, device="cpu")


def test_the_stream_learns_and_the_network_stays_as_the_base_has_it(
    case: Path, base: Path, tmp_path: Path
) -> None:
    tuner = tune(POLICY, case, base, tmp_path / "run")
    assert tuner.policy.freeze == "network"
    finish(tuner.run_to_end())

    before, after = load_model(base).net.state_dict(), tuner.net.state_dict()
    changed = {name for name, values in before.items() if not torch.allclose(after[name], values, atol=1e-6)}
    assert changed
    assert {name.split(".")[0] for name in changed} == {"traces"}
    assert any(name.startswith("traces.further.0") for name in changed)
    card = read_card(tmp_path / "run")
    assert card.training["policy"]["freeze"] == "network"
    assert card.training["recipe"]["train"]["part"] == "traces"


def test_on_rehearsal_alone_the_stream_has_nothing_to_change(case: Path, base: Path, tmp_path: Path) -> None:
    tuner = tune(replace(POLICY, rehearsal=0.9), case, base, tmp_path / "run")
    tuner._rehearsed = lambda count: torch.ones(count, dtype=torch.bool)  # type: ignore[method-assign]
    batch = torch.rand(2, 3, 32, 32), torch.ones(2, 1, 32, 32), torch.randn(2, CHANNELS, 4, 4)
    stream: Any = tuner.net.traces

    assert float(tuner._loss(*batch).detach()) == pytest.approx(0, abs=1e-4)
    with torch.no_grad():
        tuner.net.decoder.head.bias.add_(2)  # type: ignore[union-attr, operator]
    assert float(tuner._loss(*batch).detach()) == pytest.approx(0, abs=1e-4)
    with torch.no_grad():
        stream.head.bias.add_(2)
    assert float(tuner._loss(*batch).detach()) > 0.1


def test_another_part_can_be_asked_for_and_a_base_without_a_stream_is_taught_whole(
    case: Path, base: Path, tmp_path: Path
) -> None:
    card, plain = read_card(base), read_card(make_base(tmp_path / "models" / "plain"))
    assert FinetunePolicy(freeze="none").config(card).train.part == "all"
    assert FinetunePolicy().config(plain).train.part == "all"
    assert FinetunePolicy().frozen_of(plain) == "none"
    with pytest.raises(ConfigError, match="plain"):
        FinetunePolicy(freeze="network").config(plain)
