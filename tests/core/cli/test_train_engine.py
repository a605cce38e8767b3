from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from irlnet_core.cli.train_engine import add_arguments, run
from irlnet_core.errors import DataError, OutputError
from irlnet_core.forge.engine import load_engine


def photos(folder: Path) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        coarse = rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)
        cv2.imwrite(
            str(folder / f"{number}.png"), cv2.resize(coarse, (130, 130), interpolation=cv2.INTER_CUBIC)
        )
    return folder


def train_engine(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(["autoencoder", "--base", "4", *words]))


def test_it_leaves_an_engine_that_the_forge_can_use_and_says_how_good_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mine"

    code = train_engine(
        "--photos", str(photos(tmp_path / "p")), "--output", str(output), "--upsampling", "pixelshuffle",
        "--stride", "2", "--steps", "2", "--seed", "4",
    )  # fmt: skip

    card = json.loads((output / "engine.json").read_text())
    said = capsys.readouterr().out
    assert code == 0
    assert load_engine(str(output)).name == "mine"
    assert (card["config"]["upsampling"], card["stride"], card["training"]["seed"]) == ("pixelshuffle", 2, 4)
    assert f"error {card['quality']['error']:.2f}" in said
    assert f"Telea's {card['quality']['telea_error']:.2f}" in said


def test_events_are_one_json_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train_engine(
        "--photos", str(photos(tmp_path / "p")), "--output", str(tmp_path / "e"), "--steps", "1",
        "--events", "jsonl",
    )  # fmt: skip

    names = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert {"Progress", "StepDone"} <= set(names)
    assert names[-1] == "EpochDone"


def test_an_output_among_the_photographs_is_refused_before_any_work(tmp_path: Path) -> None:
    folder = photos(tmp_path / "p")

    with pytest.raises(OutputError, match="--output"):
        train_engine("--photos", str(folder), "--output", str(folder / "engine"))

    assert sorted(path.name for path in folder.iterdir()) == ["0.png", "1.png", "2.png"]


def test_a_folder_without_photographs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(DataError, match="empty"):
        train_engine("--photos", str(tmp_path / "empty"), "--output", str(tmp_path / "e"))


def test_an_unknown_stride_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        train_engine("--photos", str(tmp_path), "--output", str(tmp_path / "e"), "--stride", "5")


def test_an_output_where_linked_photographs_really_are_is_refused(tmp_path: Path) -> None:
    real, links = photos(tmp_path / "evidence"), tmp_path / "links"
    links.mkdir()
    for path in real.iterdir():
        (links / path.name).symlink_to(path)

    with pytest.raises(OutputError, match="holds evidence"):
        train_engine("--photos", str(links), "--output", str(real / "engine"), "--steps", "1")

    assert not (real / "engine").exists()


@pytest.mark.parametrize("kept", ["engine.json", "state/state.json"])
def test_an_engine_is_never_written_over(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "e" / kept
    file.parent.mkdir(parents=True)
    file.write_text("{}")

    with pytest.raises(OutputError, match="holds an engine or the state of its training already"):
        train_engine("--photos", str(photos(tmp_path / "p")), "--output", str(tmp_path / "e"), "--steps", "1")

    assert file.read_text() == "{}"


def test_an_output_that_cant_be_written_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    words = ("--photos", str(photos(tmp_path / "p")), "--output", str(tmp_path / "file" / "e"))

    with pytest.raises(OutputError, match="cannot be written"):
        train_engine(*words, "--steps", "1", "--events", "jsonl")

    assert capsys.readouterr().out == ""
