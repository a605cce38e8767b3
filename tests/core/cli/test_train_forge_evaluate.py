"""The commands forge, train and evaluate, from photographs to figures, through the real front door."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from irlnet_core.cli.main import main
from irlnet_core.evidence.image import read_image, read_mask
from irlnet_core.files import sha256_of_file
from tests.core.training.test_run_lock import HOLDER

RECIPE = """
[model]
width = 0.0625
[train]
crop = 64
batch = 2
steps = 3
validate_every = 3
validation_count = 4
[forge]
hole_min = 0.05
[forge.engines]
telea = 1.0
retouch = 1.0
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    return path


def forge(photo_folder: Path, output: Path, *more: str) -> int:
    return main(["forge", "--photos", str(photo_folder), "--output", str(output), "--size", "96", *more])


def test_forge_writes_pictures_masks_originals_and_a_manifest(photo_folder: Path, tmp_path: Path) -> None:
    assert forge(photo_folder, tmp_path / "set", "--count", "5", "--engines", "telea=2", "exemplar") == 0

    with (tmp_path / "set/manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    for row in rows:
        image, mask = (
            read_image(tmp_path / "set" / part / row["file"]).pixels for part in ("images", "masks")
        )
        assert image.shape == mask.shape == (96, 96, 3)
        assert sha256_of_file(tmp_path / "set/images" / row["file"]) == row["sha256"]
        assert (mask > 127).mean() == pytest.approx(float(row["hole_fraction"]), abs=1e-4)


def test_the_same_seed_forges_the_same_files_with_any_number_of_workers(
    photo_folder: Path, tmp_path: Path
) -> None:
    forge(photo_folder, tmp_path / "a", "--count", "4", "--seed", "9")
    forge(photo_folder, tmp_path / "b", "--count", "4", "--seed", "9", "--workers", "2")
    forge(photo_folder, tmp_path / "c", "--count", "4", "--seed", "10")

    manifests = [(tmp_path / name / "manifest.csv").read_text() for name in "abc"]
    assert manifests[0] == manifests[1] != manifests[2]


def test_forge_refuses_to_write_among_the_photographs_or_into_a_full_folder(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(photo_folder.iterdir())

    assert forge(photo_folder, photo_folder / "out", "--count", "1") == 2
    assert sorted(photo_folder.iterdir()) == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full/note.txt").write_text("mine")
    assert forge(photo_folder, tmp_path / "full", "--count", "1") == 2
    assert "--output" in capsys.readouterr().err


def test_forge_tells_that_a_place_cant_be_written(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")

    assert forge(photo_folder, tmp_path / "file" / "set", "--count", "1", "--engines", "telea") == 2

    assert "cannot be written" in capsys.readouterr().err


def test_a_disk_that_refuses_leaves_a_folder_that_can_be_filled_anew(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resource = pytest.importorskip("resource")  # no files of more than 2 kB stand for a full disk
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        code = forge(photo_folder, tmp_path / "set", "--count", "2", "--engines", "telea")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert code == 2
    assert ".png: cannot be written (File too large)" in capsys.readouterr().err
    assert forge(photo_folder, tmp_path / "set", "--count", "2", "--engines", "telea") == 0


def test_a_broken_photograph_is_named_and_leaves_a_folder_that_can_be_filled_anew(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = photo_folder / "scene1.jpg"  # not the first one drawn
    whole = broken.read_bytes()
    broken.write_bytes(whole[:900])

    assert forge(photo_folder, tmp_path / "set", "--count", "30", "--engines", "telea") == 2

    assert "scene1.jpg: " in capsys.readouterr().err
    broken.write_bytes(whole)
    assert forge(photo_folder, tmp_path / "set", "--count", "2", "--engines", "telea") == 0


def test_train_then_evaluate_from_photographs_to_figures(
    photo_folder: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, data, out = tmp_path / "model", tmp_path / "set", tmp_path / "figures.json"
    common = ["train", "--photos", str(photo_folder), "--config", str(recipe), "--output", str(model)]

    assert main([*common, "--events", "jsonl"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["step"] for e in events if e["event"] == "StepDone"] == [1, 2, 3]
    assert main([*common, "--steps", "5", "--resume"]) == 0
    forge(photo_folder, data, "--count", "4")
    code = main(
        [
            "evaluate",
            "--data",
            str(data),
            "--model",
            str(model),
            "--variants",
            "as-is",
            "jpeg80",
            "--json",
            str(out),
        ]
    )

    figures = json.loads(out.read_text())
    assert code == 0
    assert [(row["set"], row["variant"]) for row in figures["summary"]] == [
        ("set", "as-is"),
        ("set", "jpeg80"),
    ]
    kinds = [(row["kind"], row["variant"]) for row in figures["rows"]]
    masks = [read_mask(p).any() for p in sorted((data / "masks").iterdir())]
    assert kinds.count(("forged", "as-is")) == sum(masks)
    assert "| set |" in capsys.readouterr().out.replace("  ", "")


def test_train_learns_from_given_pairs(photo_folder: Path, recipe: Path, tmp_path: Path) -> None:
    forge(photo_folder, tmp_path / "set", "--count", "6")

    code = main(
        [
            "train",
            "--data",
            str(tmp_path / "set"),
            "--config",
            str(recipe),
            "--output",
            str(tmp_path / "model"),
        ]
    )

    card = json.loads((tmp_path / "model/card.json").read_text())
    assert code == 0
    assert card["training"]["data"]["kind"] == "given pairs"


def test_a_training_from_pairs_goes_on_with_those_that_it_began_with(
    photo_folder: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, model = tmp_path / "set", tmp_path / "model"
    forge(photo_folder, data, "--count", "6")
    forge(photo_folder, tmp_path / "more", "--count", "8", "--seed", "5")
    words = ["train", "--data", str(data), "--config", str(recipe), "--output", str(model)]
    assert main(words) == 0
    before = (model / "data.json").read_bytes()
    for part in ("images", "masks"):
        for path in (tmp_path / "more" / part).iterdir():
            path.rename(data / part / f"more{path.name}")

    assert main([*words, "--resume", "--steps", "4"]) == 0
    assert (model / "data.json").read_bytes() == before

    (data / "masks/000000.png").write_bytes((data / "masks/000001.png").read_bytes())
    assert main([*words, "--resume", "--steps", "5"]) == 2
    assert "000000.png: has changed since" in capsys.readouterr().err


def test_train_refuses_to_write_among_the_photographs_or_over_a_model(
    photo_folder: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--photos", str(photo_folder), "--config", str(recipe), "--output"]
    assert main([*words, str(photo_folder / "model")]) == 2
    assert not (photo_folder / "model").exists()
    assert main([*words, str(tmp_path / "model")]) == 0
    before = sha256_of_file(tmp_path / "model" / "state" / "state.json")
    assert main([*words, str(tmp_path / "model")]) == 2
    assert "--resume" in capsys.readouterr().err
    assert sha256_of_file(tmp_path / "model" / "state" / "state.json") == before
    assert main([*words, str(tmp_path / "model"), "--resume", "--steps", "4"]) == 0


@pytest.mark.parametrize("option", ["--photos", "--data"])
def test_train_writes_nothing_where_linked_pictures_really_are(
    option: str, photo_folder: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real, links = tmp_path / "evidence", tmp_path / "links"
    forge(photo_folder, real, "--count", "6", "--engines", "telea")
    for path in [*real.glob("images/*.png"), *real.glob("masks/*.png")]:
        place = links / path.relative_to(real)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)
    words = ["train", option, str(links), "--config", str(recipe)]

    assert main([*words, "--output", str(real / "images" / "model")]) == 2
    assert "which holds evidence" in capsys.readouterr().err
    assert not (real / "images" / "model").exists()


def test_the_card_tells_no_folders_however_the_options_are_written(
    photo_folder: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"--photos={photo_folder}", "--config", str(recipe), f"--output={tmp_path / 'model'}"]
    monkeypatch.setattr(sys, "argv", ["irlnet", "train", *words])

    assert main() == 0

    command = json.loads((tmp_path / "model/card.json").read_text())["training"]["command"]
    told = ["irlnet", "train", "--photos=photos", "--config", "recipe.toml", "--output=model"]
    assert shlex.split(command) == told


@pytest.mark.skipif(sys.platform == "win32", reason="its holder is killed otherwise")
def test_two_processes_never_train_in_one_folder_and_a_killed_one_leaves_it_free(
    photo_folder: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    words = ["train", "--photos", str(photo_folder), "--config", str(recipe), "--output", str(model)]
    assert main(words) == 0
    before = sha256_of_file(model / "state" / "state.json")

    with subprocess.Popen([sys.executable, "-c", HOLDER, str(model)], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            assert main([*words, "--resume", "--steps", "4"]) == 2
        finally:
            holder.kill()

    assert "another process trains there" in capsys.readouterr().err
    assert sha256_of_file(model / "state" / "state.json") == before
    assert main([*words, "--resume", "--steps", "4"]) == 0


def test_evaluate_refuses_to_write_its_figures_among_the_pictures(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(photo_folder, tmp_path / "set", "--count", "1", "--engines", "telea")
    assert (
        main(["evaluate", "--data", str(tmp_path / "set"), "--json", str(tmp_path / "set" / "f.json")]) == 2
    )
    assert "--json" in capsys.readouterr().err


def test_a_recipe_with_an_unknown_key_is_named(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[train]\nlearningrate = 1\n")

    code = main(
        ["train", "--photos", str(photo_folder), "--config", str(bad), "--output", str(tmp_path / "m")]
    )

    assert code == 64
    assert "learningrate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("[train]\nseed = -1\n", "seed = -1"),
        ("[train]\nworkers = -1\n", "workers = -1"),
        ("[train]\nthreads = -2\n", "threads = -2"),
        ("[train]\nweight_decay = -0.1\n", "weight_decay = -0.1"),
        ("[train]\nminutes = nan\n", "minutes = nan"),
        ("[train]\nema = 1.0\n", "ema = 1.0"),
        ("[forge]\nhistory = [0.5, 0.5]\n", "history"),
        ("[forge]\nhistory = [1, 1, 1]\n", "history"),
        ("[forge]\nhistory = ['a', 0, 0]\n", "history"),
        ("[forge.engines]\ntelea = 'much'\n", "engines"),
        ("[forge.engines]\ntelea = inf\n", "engines"),
        ("# K\udcfcste\n", "utf-8"),
    ],
)
def test_a_recipe_with_an_impossible_value_is_named(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str, named: str
) -> None:
    recipe = tmp_path / "bad.toml"
    recipe.write_bytes(bad.encode("utf-8", "surrogateescape"))

    code = main(
        ["train", "--photos", str(photo_folder), "--config", str(recipe), "--output", str(tmp_path / "m")]
    )

    assert code == 64
    told = capsys.readouterr().err
    assert told.startswith(f"irlnet: {recipe}: is not a usable recipe: ")
    assert named in told


@pytest.mark.parametrize(
    "words", [["--seed", "-1"], ["--engines", "telea=nan"], ["--engines", "telea=-1", "retouch=2"]]
)
def test_forge_names_an_impossible_seed_or_share(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert forge(photo_folder, tmp_path / "set", "--count", "1", *words) == 64

    assert words[0].strip("-") in capsys.readouterr().err
    assert not (tmp_path / "set").exists()


def test_an_unknown_variant_is_named(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--data", str(tmp_path), "--variants", "jpeg12"]) == 64
    assert "jpeg12" in capsys.readouterr().err
