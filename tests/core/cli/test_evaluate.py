"""``irlnet evaluate --output``: rows, report, plots and contact sheet of a small model."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from irlnet_core.cli.main import main
from irlnet_core.config import ModelConfig
from irlnet_core.evidence.image import read_image
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config, folder = ModelConfig(width=0.0625), tmp_path_factory.mktemp("models") / "tiny"
    share = {"variant": "as-is", "alarms": 5, "groups": 100, "interval": [0.0164, 0.1128]}
    mark = {"threshold": 0.49, "source": "5 % false-alarm pictures on a set, n=100", "variants": [share]}
    card = ModelCard("tiny", config, 64, 16, 0.49, "a test", (mark,), limits=("It sees | little.",))
    save_model(folder, build(config), card)
    return folder


def make_set(folder: Path, names: dict[str, int], hole: int = 30) -> Path:
    """Write pictures (name → number of the photograph behind it) with a square hole and their originals."""
    for part in ("images", "masks", "originals"):
        (folder / part).mkdir(parents=True)
    for name, photograph in names.items():
        pixels = np.random.default_rng(photograph).integers(0, 256, (80, 96, 3), dtype=np.uint8)
        mask = np.zeros((80, 96), bool)
        mask[10 : 10 + hole, 20 : 20 + hole] = True
        forged = np.where(mask[..., None], 127, pixels).astype(np.uint8)
        for part, values in (("images", forged), ("masks", mask), ("originals", pixels)):
            Image.fromarray(values).save(folder / part / f"{name}.png")
    return folder


def evaluate(model: Path, *words: object) -> int:
    return main(["evaluate", "--device", "cpu", "--model", str(model), *map(str, words)])


def test_a_folder_gets_rows_report_plots_and_a_contact_sheet(model: Path, tmp_path: Path) -> None:
    one, two = make_set(tmp_path / "one", {"a": 1, "b": 2}), make_set(tmp_path / "two", {"c": 3})
    out = tmp_path / "out"

    assert evaluate(model, "--data", one, two, "--variants", "as-is", "jpeg80", "--output", out) == 0

    plots = ["contact-sheet.png", "f1-by-jpeg-quality.png", "false-alarms.png", "precision-recall.png"]
    assert sorted(path.name for path in out.iterdir()) == [*plots, "report.md", "rows.csv"]
    for name in plots:
        assert read_image(out / name).pixels.std() > 5
    rows = list(csv.DictReader(io.StringIO((out / "rows.csv").read_text("utf-8"))))
    assert len(rows) == 3 * 2 * 2
    assert all((row["f1"] == "") == (row["kind"] == "original") == (row["level"] != "") for row in rows)
    report = (out / "report.md").read_text("utf-8")
    assert [
        line.split("|")[1:3] for line in report.splitlines() if line.startswith(("| one", "| two", "| all"))
    ] == [[f" {name} ", f" {variant} "] for name in ("one", "two", "all") for variant in ("as-is", "jpeg80")]
    assert "Threshold 0.49 (the card's: a test)" in report
    assert "| 0.49 | 5 % false-alarm pictures on a set, n=100 | as-is | 5 of 100 | 1.6 to 11.3 % |" in report
    assert "- It sees | little." in report
    assert all(f"]({name})" in report for name in plots)


def test_without_jpeg_variants_and_originals_their_plots_are_left_out(model: Path, tmp_path: Path) -> None:
    one = make_set(tmp_path / "one", {"a": 1})
    for path in (one / "originals").iterdir():
        path.unlink()

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "false-alarms.png").write_bytes(b"of an earlier report")

    assert evaluate(model, "--data", one, "--output", tmp_path / "out", "--threshold", "0.4") == 0

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["contact-sheet.png", "precision-recall.png", "report.md", "rows.csv"]
    report = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "Threshold 0.4 (given for this evaluation, not the card's)" in report
    assert "false-alarms.png" not in report


def test_an_original_of_two_sets_stands_in_both_and_counts_once_in_all(model: Path, tmp_path: Path) -> None:
    one = make_set(tmp_path / "one", {"a": 1, "again": 1, "b": 2})
    two = make_set(tmp_path / "two", {"a": 1, "c": 3}, hole=20)

    assert evaluate(model, "--data", one, two, "--json", tmp_path / "f.json") == 0

    summary = {row["set"]: row for row in json.loads((tmp_path / "f.json").read_text())["summary"]}
    assert {name: row["originals"] for name, row in summary.items()} == {"one": 2, "two": 2, "all": 3}
    assert {name: row["pictures"] for name, row in summary.items()} == {"one": 3, "two": 2, "all": 5}


def test_nothing_is_written_among_the_pictures(model: Path, tmp_path: Path) -> None:
    one = make_set(tmp_path / "one", {"a": 1})

    assert evaluate(model, "--data", one, "--output", one / "report") == 2
    assert not (one / "report").exists()


def test_nothing_is_written_where_linked_pictures_really_are(model: Path, tmp_path: Path) -> None:
    real, one = make_set(tmp_path / "evidence", {"a": 1}), tmp_path / "one"
    for part in ("images", "masks"):
        (one / part).mkdir(parents=True)
        (one / part / "a.png").symlink_to(real / part / "a.png")

    assert evaluate(model, "--data", one, "--output", real / "images" / "report") == 2
    assert evaluate(model, "--data", one, "--json", real / "images" / "figures.json") == 2
    assert [path.name for path in (real / "images").iterdir()] == ["a.png"]


def test_sets_of_one_name_are_told_apart_everywhere(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / name for name in ("x/test", "y/test", "z")]
    for seed, folder in enumerate(folders):
        make_set(folder, {"a": seed})
    out, names = tmp_path / "out", ["x/test", "y/test", "z"]

    assert evaluate(model, "--data", *folders, "--output", out, "--json", tmp_path / "f.json") == 0

    table = capsys.readouterr().out
    assert all(f"| {name} " in table for name in names)
    figures = json.loads((tmp_path / "f.json").read_text())
    assert [row["set"] for row in figures["summary"]] == [*names, "all"]
    rows = list(csv.DictReader(io.StringIO((out / "rows.csv").read_text("utf-8"))))
    assert list(dict.fromkeys(row["set_name"] for row in rows)) == names
    assert evaluate(model, "--data", folders[0], folders[0] / ".") == 64
    assert "is named twice" in capsys.readouterr().err
