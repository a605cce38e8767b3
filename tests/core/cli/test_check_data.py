"""``irlnet train --data DIR --check`` shows what can be learned and trains nothing; training uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from irlnet_core.cli.main import main
from irlnet_core.files import sha256_of_file
from tests.core.data.trees import BOX, Tree, make_mask, make_picture


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "data")


def check(tree: Tree, *words: object) -> tuple[int, dict[str, Any]]:
    out = tree.folder.parent / "out.json"
    code = main(["train", "--data", str(tree.folder), "--check", "--json", str(out), *map(str, words)])
    return code, json.loads(out.read_text("utf-8"))


def save_mixture(tree: Tree) -> None:
    """One usable pair of every kind of mask, and three files that pair with nothing."""
    tree.picture("inpainted/a.jpg", 1)
    tree.mask("mask/a.png")
    tree.picture("b.png", 2)
    tree.mask("b_mask.png", 1)
    changed = make_picture(3).copy()
    changed[BOX] = make_picture(4)[BOX]
    tree.picture("twins/original/c.png", 3)
    tree.save("twins/inpainted/c.png", changed)
    tree.picture("lab/d.jpg", 5)
    tree.write("lab/d.json", {"shapes": [{"points": [[20, 10], [50, 10], [50, 30]]}], "imagePath": "d.jpg"})
    tree.picture("coco/e.jpg", 6)
    entry = {"id": 1, "file_name": "e.jpg"}
    drawn = {"image_id": 1, "segmentation": [[20, 10, 50, 10, 50, 30]]}
    tree.write("coco/coco.json", {"images": [entry], "annotations": [drawn]})
    tree.picture("inpainted/lonely.jpg", 7)
    tree.mask("mask/widow.png")
    tree.write("broken.json", "{")


def test_pairs_and_problems_are_told_and_written(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    save_mixture(tree)

    code, report = check(tree)

    assert code == 0
    assert list(report) == ["pairs", "problems"]
    assert {(pair["image"], pair["mask"]) for pair in report["pairs"]} == {
        ("inpainted/a.jpg", "mask/a.png"),
        ("b.png", "b_mask.png"),
        ("twins/inpainted/c.png", "twins/original/c.png"),
        ("lab/d.jpg", "lab/d.json"),
        ("coco/e.jpg", "coco/coco.json"),
    }
    assert all(pair["convention"] for pair in report["pairs"])
    assert [set(problem) for problem in report["problems"]] == [{"file", "reason"}] * 3
    assert {p["file"] for p in report["problems"]} == {
        "inpainted/lonely.jpg",
        "mask/widow.png",
        "broken.json",
    }
    shown = capsys.readouterr().out
    assert "5 usable of 5 pairs" in shown
    assert "mask/widow.png: is a mask" in shown


def test_without_a_usable_pair_the_exit_code_is_2_and_the_reasons_are_written(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png", 0)

    code, report = check(tree)

    assert code == 2
    assert report["pairs"] == []
    assert "empty" in {p["file"]: p["reason"] for p in report["problems"]}["masks/a.png"]


def test_an_empty_and_a_missing_folder_end_with_2(tree: Tree, tmp_path: Path) -> None:
    tree.folder.mkdir()

    assert check(tree) == (2, {"pairs": [], "problems": []})
    assert main(["train", "--data", str(tmp_path / "nowhere"), "--check"]) == 2


def test_fixes_authentic_pictures_and_evidence_change_what_is_usable(tree: Tree, tmp_path: Path) -> None:
    tree.picture("images/a.png", 1)
    tree.save("masks/a.png", 255 - make_mask())
    tree.picture("images/b.png", 2)
    case = tree.picture("images/c.png", 3)
    tree.mask("masks/c.png")
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{sha256_of_file(case).upper()}  somewhere/else.png\n")

    assert check(tree, "--evidence", sums)[0] == 2
    code, report = check(tree, "--evidence", sums, "--fix", "invert", "--authentic")

    assert code == 0
    assert {(pair["image"], pair["mask"]) for pair in report["pairs"]} == {
        ("images/a.png", "masks/a.png"),
        ("images/b.png", None),
    }


def test_nothing_is_trained_and_nothing_is_written_among_the_pictures(tree: Tree, tmp_path: Path) -> None:
    save_mixture(tree)
    before = tree.files()

    assert main(["train", "--data", str(tree.folder), "--check"]) == 0
    assert main(["train", "--data", str(tree.folder), "--check", "--json", str(tree.folder / "o.json")]) == 2

    assert tree.files() == before
    assert list(tmp_path.iterdir()) == [tree.folder]


@pytest.mark.parametrize(
    "words",
    [["--check", "--photos", "."], ["--data", ".", "--json", "o.json"], ["--check"],
     ["--data", ".", "--check", "--fix", "invert", "keep"], ["--data", ".", "..", "--check"]],
)  # fmt: skip
def test_options_that_cannot_go_together_are_wrong_usage(words: list[str]) -> None:
    assert main(["train", *words]) == 64


def test_training_learns_from_the_usable_pairs_and_binds_the_model_to_them(
    tree: Tree, tmp_path: Path
) -> None:
    save_mixture(tree)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        "[model]\nwidth = 0.0625\n"
        "[train]\ncrop = 64\nbatch = 2\nsteps = 2\nvalidate_every = 2\nvalidation_count = 2\n"
    )
    words = ["train", "--data", str(tree.folder), "--config", str(recipe), "--output"]

    assert main([*words, str(tmp_path / "model")]) == 0

    card = json.loads((tmp_path / "model/card.json").read_text("utf-8"))
    data = card["training"]["data"]
    frozen = tmp_path / "model/data.json"
    assert data["pictures"] + data["validation_pictures"] == 5
    assert data["sets"][0]["sha256"] == sha256_of_file(frozen)
    assert main([*words, str(tmp_path / "again"), "--frozen", str(frozen)]) == 0
    assert sha256_of_file(tmp_path / "again/data.json") == sha256_of_file(frozen)
    tree.picture("b.png", 77)
    assert main([*words, str(tmp_path / "third"), "--frozen", str(frozen)]) == 2
