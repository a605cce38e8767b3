"""Scripts of packaging/ that write a changed model: its card and its list of pictures stay true."""

from __future__ import annotations

import csv
import dataclasses
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from irlnet_core.config import ModelConfig
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.registry import build
from irlnet_core.model.traces import KINDS

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
CONFIG = ModelConfig(width=0.0625, traces=True, trace_channels=8)
HEADER = "file,group,licence,author,source,sha256\n"


def save(folder: Path, photos: str = "", net: nn.Module | None = None, **facts: Any) -> Path:
    torch.manual_seed(1)
    facts = {"architecture": CONFIG, "tile": 64, "overlap": 16, **facts}
    save_model(folder, net or build(CONFIG), ModelCard(folder.name, **facts), photos=photos)
    return folder


def stirred(net: Any, seed: int) -> Any:
    """A network with weights that say something, rounded as a model folder keeps them."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for weights in net.parameters():
            weights.copy_((weights + 0.05 * torch.randn_like(weights)).half().float())
    net.project_()
    return net.eval()


def run(name: str, *words: object) -> None:
    """Run packaging/``name``.py as its own program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, *(str(word) for word in words)])
        patch.setattr(sys, "path", list(sys.path))
        runpy.run_path(str(PACKAGING / f"{name}.py"), run_name="__main__")


def sums(folder: Path) -> list[str]:
    with (folder / "photos.csv").open(encoding="utf-8", newline="") as file:
        return [row["sha256"] for row in csv.DictReader(file)]


def test_the_mean_of_several_models_lists_what_each_of_them_learned_from(tmp_path: Path) -> None:
    one = save(tmp_path / "one", HEADER + "a.jpg,g,CC0,Ann,there,aa\nb.jpg,g,,,,bb\n")
    two = save(tmp_path / "two", HEADER + "again.jpg,,,,,aa\nc.jpg,,,,,cc\n")
    three = save(tmp_path / "three")

    run("average_models", tmp_path / "mean", one, two, three)

    assert load_model(tmp_path / "mean").card.training["mean_of"][0] == read_card(one).hashes
    text = (tmp_path / "mean/photos.csv").read_text("utf-8")
    assert text == HEADER + "a.jpg,g,CC0,Ann,there,aa\nb.jpg,g,,,,bb\nc.jpg,,,,,cc\n"


def test_joined_models_answer_with_the_mean_of_their_streams_and_the_first_decoder(tmp_path: Path) -> None:
    wider = dataclasses.replace(CONFIG, trace_channels=16, second_look=True, chroma_traces=True)
    configs = (CONFIG, wider, CONFIG)
    nets = [stirred(build(config), seed) for seed, config in enumerate(configs)]
    folders = [
        save(tmp_path / name, HEADER + f"{name}.jpg,,,,,{name}\n", net, architecture=config)
        for name, net, config in zip("abc", nets, configs, strict=True)
    ]

    run("join_voices", tmp_path / "joined", *folders)

    model = load_model(tmp_path / "joined")
    net: Any = model.net
    picture, traces = torch.rand(1, 3, 40, 48), torch.randn(1, sum(KINDS), 5, 6)
    with torch.inference_mode():
        mean = torch.stack([one.trace_logits(traces) for one in nets]).mean(0)
        decoder = nets[0](picture, traces) - nets[0].trace_logits(traces)
        assert torch.allclose(net.trace_logits(traces), mean, atol=1e-5)
        assert torch.allclose(net(picture, traces), decoder + mean, atol=1e-5)
    assert model.card.training["voices"] == [read_card(folder).hashes for folder in folders]
    assert sums(tmp_path / "joined") == ["a", "b", "c"]

    run("join_voices", tmp_path / "four", tmp_path / "joined", folders[1])
    four: Any = load_model(tmp_path / "four").net
    hashes = [read_card(folder).hashes for folder in (*folders, folders[1])]
    assert read_card(tmp_path / "four").training["voices"] == hashes
    with torch.inference_mode():
        mean = torch.stack([one.trace_logits(traces) for one in (*nets, nets[1])]).mean(0)
        assert torch.allclose(four.trace_logits(traces), mean, atol=1e-5)
    with pytest.raises(SystemExit, match="voices"):
        run("average_models", tmp_path / "mean", folders[1], tmp_path / "joined")


def test_a_model_without_a_stream_has_no_voice(tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, traces=False)
    blind = save(tmp_path / "blind", net=build(config), architecture=config)

    with pytest.raises(SystemExit, match="blind"):
        run("join_voices", tmp_path / "joined", blind, blind)


def test_a_decoder_that_is_weighed_twice_tells_its_whole_share_and_has_no_marks(tmp_path: Path) -> None:
    source = "the clean pictures of a set, as they are"
    old = save(
        tmp_path / "old",
        HEADER + "a.jpg,,,,,aa\n",
        threshold=0.8,
        threshold_source="5 % false-alarm pictures on a set",
        operating_points=({"threshold": 0.8},),
        calibration={"set": "a set"},
        clean_levels=(0.2, 0.8),
        validity={"long_side": [100, 200], "source": source},
        verdict={"verdict": "better"},
        training={"steps": 5},
    )
    run("weigh_decoder", old, tmp_path / "half", 0.5)
    run("weigh_decoder", tmp_path / "half", tmp_path / "quarter", 0.5)

    nets = [load_model(folder).net for folder in (old, tmp_path / "quarter")]
    first, last = (net.decoder.head.weight for net in nets)  # type: ignore[union-attr]
    assert torch.allclose(first / 4, last, atol=1e-5)  # type: ignore[operator, arg-type]
    card = read_card(tmp_path / "quarter")
    assert card.training == {"steps": 5, "decoder_share": 0.25}
    plain = ModelCard("plain", CONFIG, tile=64, overlap=16)
    for field in (
        "threshold",
        "threshold_source",
        "operating_points",
        "calibration",
        "clean_levels",
        "validity",
        "verdict",
    ):
        assert getattr(card, field) == getattr(plain, field), field
    assert sums(tmp_path / "quarter") == ["aa"]


def test_ranges_that_someone_wrote_stay_on_the_card_for_other_weights() -> None:
    written = {"long_side": [1, 9], "source": "our laboratory"}
    card = ModelCard("m", CONFIG, tile=64, overlap=16, calibration={"set": "a set"}, validity=written)

    assert card.uncalibrated().validity == written
    assert dataclasses.replace(card, calibration={}).uncalibrated().validity == written


def test_a_widened_and_a_blind_model_list_what_the_old_one_learned_from(tmp_path: Path) -> None:
    net = build(CONFIG)
    body = net.get_submodule("traces.body")
    body.register_module("0", nn.Conv2d(sum(KINDS[:9]), 8, 3, padding=1))  # as it was before stage 19
    old = save(tmp_path / "old", HEADER + "a.jpg,,,,,aa\n", net)

    run("widen_traces", old, tmp_path / "wide")
    run("without_traces", old, tmp_path / "blind")

    for name in ("wide", "blind"):
        load_model(tmp_path / name)
        assert sums(tmp_path / name) == ["aa"]
