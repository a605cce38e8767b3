"""``irlnet calibrate`` from photographs to a model folder, and what ``localize`` then says."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
from PIL import Image

from irlnet_core.cli.main import main
from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.regions import find_regions
from irlnet_core.files import sha256_of_file
from irlnet_core.inference.localizer import Localizer
from irlnet_core.inference.self_test import make_golden, run_self_test
from irlnet_core.model.card import NOT_CALIBRATED, ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.registry import build
from irlnet_core.progress import finish
from irlnet_core.training.calibrated_card import write_calibrated
from tests.core.cli.localize_door import hear_ctrl_c
from tests.core.conftest import save_photographs

SCHEMA = Path(__file__).resolve().parents[3] / "resources" / "analysis-record.schema.json"
VALIDITY = {"long_side": [1000, 2000], "scale": "0.5–1.5"}


def make_model(folder: Path, photos: str = "file,sha256\nother.jpg,00\n", seed: int = 3, **card: Any) -> Path:
    """Save a small untrained net, amplified so that its response depends on the picture."""
    torch.manual_seed(seed)
    config = ModelConfig(width=0.0625)
    facts = {"tile": 64, "overlap": 16, "notes": NOT_CALIBRATED, **card}
    net = build(config)
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, torch.nn.Conv2d) and part.bias is not None:
                part.weight *= 2.2
                part.bias.zero_()
    save_model(folder, net, ModelCard(folder.name, config, **facts), photos=photos)
    return folder


def calibrate(photos: Path, output: Path, model: Path, *more: str) -> int:
    words = ["--photos", str(photos), "--output", str(output), "--model", str(model), "--device", "cpu"]
    return main(["calibrate", *words, *more])


def test_the_marks_hold_on_the_very_pictures_that_they_were_found_on(
    photo_folder: Path, tmp_path: Path
) -> None:
    model, output = make_model(tmp_path / "tiny"), tmp_path / "lab"

    assert calibrate(photo_folder, output, model, "--variants", "as-is", "half") == 0

    card = read_card(output)
    five, one = card.operating_points
    assert five["variants"][1]["alarms"] > 0  # the marks of the pictures as they are need not hold for others
    assert [five["false_alarm_rate"], one["false_alarm_rate"]] == [0.05, 0.01]
    assert (five["alarms"], five["groups"], five["indicative"]) == (0, 6, True)
    assert five["interval"] == pytest.approx([0, 0.4593], abs=1e-4)
    assert [row["variant"] for row in five["variants"]] == ["as-is", "half"]
    assert card.threshold == five["threshold"]
    assert card.threshold_source == "5 % false-alarm pictures on photos, n=6, indicative"
    assert len(card.clean_levels) == 6
    assert len(set(card.clean_levels)) == 6
    assert card.clean_levels[-1] == card.threshold
    assert five["false_regions_per_megapixel"] > 0
    assert (card.name, card.notes) == ("lab", "")
    assert (card.validity["long_side"], card.validity["jpeg_quality"]) == ([160, 160], [88, 100])
    for row, side in zip(five["variants"], (160, 80), strict=True):
        maps = [
            finish(Localizer(output, device="cpu").localize(read(p, side)))
            for p in sorted(photo_folder.iterdir())
        ]
        regions = [find_regions(found.localization, card.threshold) for found in maps]
        shares = [sum(region.area_fraction for region in r.listed) for r in regions]
        assert row["alarms"] == sum(share > 0.005 for share in shares)
        rate = sum(r.count for r in regions) / (6 * side * side / 1e6)
        assert row["false_regions_per_megapixel"] == pytest.approx(rate, abs=1e-4)


def read(path: Path, side: int) -> np.ndarray:
    from irlnet_core.forge.finish import resize

    pixels = read_image(path).pixels
    return pixels if side == pixels.shape[0] else resize(pixels, side, side)


def test_the_weights_are_copied_byte_by_byte_and_the_model_is_left_alone(
    photo_folder: Path, tmp_path: Path
) -> None:
    model, output = make_model(tmp_path / "tiny"), tmp_path / "lab"
    before = {path.name: sha256_of_file(path) for path in model.iterdir()}

    assert calibrate(photo_folder, output, model, "--variants", "as-is") == 0

    assert {path.name: sha256_of_file(path) for path in model.iterdir()} == before
    for name in ("model.safetensors", "photos.csv"):
        assert sha256_of_file(output / name) == before[name]


def test_golden_vectors_are_of_the_weights_and_come_along(photo_folder: Path, tmp_path: Path) -> None:
    model, output = make_model(tmp_path / "tiny"), tmp_path / "lab"
    make_golden(Localizer(model, device="cpu"))

    assert calibrate(photo_folder, output, model, "--variants", "as-is") == 0

    assert read_card(output).threshold != read_card(model).threshold
    assert run_self_test(Localizer(output, device="cpu")).state == "passed"


def test_in_place_only_the_card_changes_and_the_model_keeps_its_name(
    photo_folder: Path, tmp_path: Path
) -> None:
    model = make_model(tmp_path / "tiny", validity=VALIDITY)

    assert calibrate(photo_folder, model, model, "--variants", "as-is") == 0

    card = read_card(model)
    assert (card.name, card.validity) == ("tiny", VALIDITY)
    assert card.operating_points
    assert sorted(path.name for path in model.iterdir()) == ["card.json", "model.safetensors", "photos.csv"]


def test_a_model_whose_weights_are_replaced_meanwhile_is_not_written(
    photo_folder: Path, tmp_path: Path
) -> None:
    """A training run may go on in the folder: a card for weights that were not measured would be a lie."""
    loaded = load_model(make_model(tmp_path / "tiny"))
    make_model(tmp_path / "tiny", seed=5)

    for output in (tmp_path / "lab", tmp_path / "tiny"):
        with pytest.raises(ModelError, match="changed while the model was calibrated"):
            write_calibrated(output, loaded, loaded.card)
    assert not (tmp_path / "lab").exists()
    assert load_model(tmp_path / "tiny").sha256 != loaded.sha256


def test_a_folder_that_holds_another_model_is_refused_before_any_work(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, other = make_model(tmp_path / "tiny"), tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")

    assert calibrate(photo_folder, other, model) == 2
    assert calibrate(photo_folder, photo_folder / "model", model) == 2

    assert "something else" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("place", "reason"), [("my model", "'my model' is no model name"), ("file/lab", "cannot be written")]
)
def test_a_model_that_could_not_be_written_is_refused_before_any_picture_is_measured(
    place: str, reason: str, photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")

    assert calibrate(photo_folder, tmp_path / place, make_model(tmp_path / "t"), "--events", "jsonl") == 2

    out, err = capsys.readouterr()
    assert reason in err
    assert out == ""
    assert not (tmp_path / place).exists()


@pytest.mark.parametrize("told_by", ["links", "manifest"])
def test_nothing_is_written_where_the_photographs_really_are(
    told_by: str, photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence, photos = photo_folder.rename(tmp_path / "evidence"), tmp_path / "photos"
    photos.mkdir()
    for path in evidence.iterdir():
        if told_by == "links":
            (photos / path.name).symlink_to(path)
    if told_by == "manifest":
        lines = [f"../evidence/{path.name}\n" for path in evidence.iterdir()]
        (photos / "manifest.csv").write_text("".join(["file\n", *lines]))

    assert calibrate(photos, evidence / "lab", make_model(tmp_path / "tiny"), "--variants", "as-is") == 2

    assert "which holds evidence" in capsys.readouterr().err
    assert not (evidence / "lab").exists()


def test_a_broken_picture_is_named_before_any_is_measured(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = photo_folder / "scene5.jpg"
    broken.write_bytes(broken.read_bytes()[:-2000])

    assert calibrate(photo_folder, tmp_path / "lab", make_model(tmp_path / "t"), "--events", "jsonl") == 2

    out, err = capsys.readouterr()
    assert "scene5.jpg: is a JPEG that is cut short" in err
    assert {json.loads(line)["phase"] for line in out.splitlines()} == {"reading"}
    assert not (tmp_path / "lab").exists()


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for a child")
def test_a_calibration_that_is_stopped_says_nothing_of_kept_results(tmp_path: Path) -> None:
    photos = save_photographs(tmp_path / "photos", 60)  # more events than a pipe holds: it can't be over yet
    words = ["calibrate", "--photos", photos, "--output", tmp_path / "lab", "--events", "jsonl"]
    words += ["--model", make_model(tmp_path / "t"), "--device", "cpu"]
    words += ["--variants", "all"]
    with subprocess.Popen(
        [sys.executable, "-m", "irlnet_core.cli", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c,  # noqa: PLW1509
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (130, "irlnet: stopped.\n")
    assert not (tmp_path / "lab").exists()


def test_photographs_that_the_model_was_trained_on_are_refused(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = photo_folder / "scene2.jpg"
    model = make_model(tmp_path / "tiny", photos=f"file,sha256\nx.jpg,{sha256_of_file(seen)}\n")

    assert calibrate(photo_folder, tmp_path / "lab", model) == 2

    error = capsys.readouterr().err
    assert str(seen) in error
    assert "was used to train 'tiny', as 1 of 6 pictures were" in error
    assert not (tmp_path / "lab").exists()


def test_a_model_without_a_list_of_photographs_is_calibrated_with_a_note(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(photo_folder, tmp_path / "lab", make_model(tmp_path / "t", photos="")) == 0

    out, err = capsys.readouterr()
    assert err.count("can't be checked that these are new to it") == 1
    assert "jpeg75" in out
    assert "Default threshold" in out


def test_the_manifest_s_split_and_groups_decide_what_is_counted(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    splits = ["train", "train", "calibration", "calibration", "calibration", "test"]
    with (photo_folder / "manifest.csv").open("w", newline="") as file:
        rows = [
            (f"scene{i}.jpg", split, "street" if i < 4 else f"scene{i}") for i, split in enumerate(splits)
        ]
        csv.writer(file).writerows([("file", "split", "group"), *rows])
    model = make_model(tmp_path / "tiny")

    assert calibrate(photo_folder, tmp_path / "lab", model, "--variants", "as-is", "--events", "jsonl") == 0

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["done"] for e in events if e["event"] == "Progress" and e["phase"] == "clean pictures"] == [
        1,
        2,
        3,
    ]
    assert events[-1]["event"] == "Calibrated"
    assert events[-1]["operating_points"][0]["groups"] == 2
    card = read_card(tmp_path / "lab")
    assert card.calibration["set"] == "photos (calibration)"
    assert (card.calibration["pictures"], card.calibration["groups"], len(card.clean_levels)) == (3, 2, 3)
    assert calibrate(photo_folder, tmp_path / "none", model, "--split", "nothing") == 2


def test_a_model_that_alarms_at_every_threshold_gets_no_mark(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(photo_folder, tmp_path / "lab", make_model(tmp_path / "t", seed=4)) == 2

    assert "More than 5 % of the clean pictures alarm at every threshold" in capsys.readouterr().err
    assert not (tmp_path / "lab").exists()


def test_an_unknown_variant_is_wrong_usage(photo_folder: Path, tmp_path: Path) -> None:
    assert (
        calibrate(photo_folder, tmp_path / "lab", make_model(tmp_path / "t"), "--variants", "jpeg101") == 64
    )


def test_localize_tells_the_rank_and_what_is_out_of_range(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(tmp_path / "tiny", validity=VALIDITY)
    calibrate(photo_folder, model, model, "--variants", "as-is")
    capsys.readouterr()
    suspect = tmp_path / "evidence" / "scene2.jpg"
    suspect.parent.mkdir()
    shutil.copy(photo_folder / "scene2.jpg", suspect)

    words = ["--model", str(model), "--device", "cpu", "--output", str(tmp_path / "out")]
    assert main(["localize", str(suspect), *words]) == 0

    record = json.loads((tmp_path / "out/scene2.json").read_text("utf-8"))
    jsonschema.validate(record, json.loads(SCHEMA.read_text("utf-8")))
    states = {row["check"]: row["state"] for row in record["model"]["validity"]}
    assert states == {"long_side": "out of range", "scale": "not known"}
    rank = record["model"]["rank"]
    assert (
        1 <= rank["rank"] <= rank["of"] == 6
    )  # the suspect is one of the six, so itself responds as strongly
    assert rank["set"] == "photos"
    assert not {"in-range check", "rank among clean pictures"} & {row["check"] for row in record["not_run"]}
    (note,) = capsys.readouterr().err.splitlines()
    assert note == (
        "note: scene2.jpg: Outside of what the model was validated on: "
        "The file's long side of 160 is outside of 1000 to 2000 pixels."
    )


def test_an_uncalibrated_model_says_that_neither_check_was_run(tmp_path: Path) -> None:
    model, suspect = make_model(tmp_path / "tiny"), tmp_path / "evidence" / "a.png"
    suspect.parent.mkdir()
    Image.new("RGB", (70, 70)).save(suspect)

    main(["localize", str(suspect), "--model", str(model), "--output", str(tmp_path / "out"), "--quiet"])

    record = json.loads((tmp_path / "out/a.json").read_text("utf-8"))
    jsonschema.validate(record, json.loads(SCHEMA.read_text("utf-8")))
    assert record["model"]["validity"] == []
    assert "rank" not in record["model"]
    assert {"in-range check", "rank among clean pictures"} <= {row["check"] for row in record["not_run"]}
