"""Base against new through the real command: recalibrated, measured, judged, and the verdict on the card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from irlnet_core.cli.main import main
from irlnet_core.evidence.image import read_image
from irlnet_core.files import sha256_of_file
from irlnet_core.model.card import read_card
from irlnet_core.model.checkpoint import load_model, save_model
from tests.core.training.conftest import make_base, make_case


@pytest.fixture
def new(base: Path, tmp_path: Path) -> Path:
    """A model that differs from its base."""
    return make_base(tmp_path / "new", seed=2)


def compare(new: Path, base: Path, case: Path, *more: str) -> int:
    return main(["compare", str(new), "--base", str(base), "--data", str(case), "--device", "cpu", *more])


def test_the_comparison_lists_every_measure_and_marks_the_card(
    base: Path, new: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(new, base, case, "--json", str(tmp_path / "out/c.json"), "--events", "jsonl") == 0

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = json.loads((new / "compare.json").read_text())
    assert told == json.loads((tmp_path / "out/c.json").read_text())
    assert events[0] == {"event": "Progress", "phase": "loading", "done": 0, "total": 0}
    assert events[-1]["event"] == "ComparisonDone"
    assert events[-1]["verdict"] == told["verdict"] == read_card(new).verdict["verdict"]
    measured = {(row["what"], row["variant"], row["measure"]) for row in told["rows"]}
    for variant in ("as they are", "JPEG 90", "JPEG 75"):
        assert {("held-out pairs", variant, m) for m in ("F1", "IoU", "AUC")} <= measured
    assert ("clean pictures", "as they are", "false alarms") in measured
    assert told["new"]["sha256"] == read_card(new).hashes["model.safetensors"]
    assert read_image(new / told["maps"][0]["file"]).facts.width == 4 * 96 + 3 * 4


def test_with_few_clean_pictures_authentic_parts_join_in_and_are_counted(
    base: Path, new: Path, case: Path
) -> None:
    compare(new, base, case)

    notes = " ".join(json.loads((new / "compare.json").read_text())["notes"])
    assert "calibrated on 6 authentic parts" in notes
    assert "6 authentic parts" in read_card(new).threshold_source or "no measured threshold" in notes


def test_originals_of_the_pairs_are_clean_pictures(base: Path, new: Path, tmp_path: Path) -> None:
    compare(new, base, make_case(tmp_path / "twins", count=4, originals=True))

    assert "4 clean pictures" in " ".join(json.loads((new / "compare.json").read_text())["notes"])


def test_false_alarms_are_a_share_of_scenes_as_they_are_counted(
    base: Path, new: Path, case: Path, tmp_path: Path
) -> None:
    clean = make_case(tmp_path / "clean", count=5) / "images"
    rows = "".join(f"picture{number}.png,one scene\n" for number in range(5))
    (clean / "manifest.csv").write_text("file,group\n" + rows)

    compare(new, base, case, "--clean", str(clean))

    alarms = json.loads((new / "compare.json").read_text())["rows"][-1]
    assert alarms["measure"] == "false alarms"
    assert alarms["count"] == 1 + 6  # the scene, and a part of each of the case's six pictures


def test_an_original_that_two_pictures_share_is_one_clean_picture(
    base: Path, new: Path, tmp_path: Path
) -> None:
    twins = make_case(tmp_path / "twins", count=4, originals=True)
    rows = "".join(f"images/picture{n}.png,masks/picture{n}.png,originals/picture0.png\n" for n in range(4))
    (twins / "pairs.csv").write_text("image,mask,original\n" + rows)

    compare(new, base, twins)

    told = json.loads((new / "compare.json").read_text())
    assert "calibrated on 1 clean pictures" in " ".join(told["notes"])


def test_intervals_draw_whole_sources_and_not_each_of_their_variants(
    base: Path, new: Path, tmp_path: Path
) -> None:
    one = make_case(tmp_path / "one", count=1)
    for part in ("images", "masks"):
        for number in range(1, 4):
            shutil.copy(one / part / "picture0.png", one / part / f"picture0_v{number}.png")
            with (one / part / f"picture0_v{number}.png").open("ab") as file:
                file.write(bytes(number))  # else it is left out as an exact copy

    compare(new, base, one)

    told = json.loads((new / "compare.json").read_text())["rows"]
    assert [row["count"] for row in told if row["measure"] == "F1"] == [4, 4, 4]
    assert [row["interval"] for row in told if row["measure"] == "F1"] == [None, None, None]


def test_the_base_against_itself_is_not_better(base: Path, case: Path, tmp_path: Path) -> None:
    same = tmp_path / "same"
    shutil.copytree(base, same)

    compare(same, base, case)

    told = json.loads((same / "compare.json").read_text())
    assert all(row["base"] == row["new"] for row in told["rows"] if row["measure"] == "AUC")
    assert told["verdict"] != "better"


def test_a_model_that_answers_noise_is_worse_than_one_that_finds_the_hole(
    base: Path, case: Path, tmp_path: Path
) -> None:
    loaded = load_model(base)
    with torch.no_grad():
        loaded.net.decoder.head.weight.mul_(0)  # type: ignore[union-attr, operator]
    worse = tmp_path / "blind"
    save_model(worse, loaded.net, read_card(base))

    compare(worse, base, case)

    rows = json.loads((worse / "compare.json").read_text())["rows"]
    auc = next(row for row in rows if row["measure"] == "AUC" and row["variant"] == "as they are")
    assert auc["new"] == 0.5


def test_a_folder_that_tells_no_base_is_wrong_usage(base: Path, case: Path, tmp_path: Path) -> None:
    assert main(["compare", str(base), "--data", str(case)]) == 64


def test_two_models_are_compared_as_they_are_and_neither_is_changed(
    base: Path, new: Path, case: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for folder in (base, new) for path in folder.rglob("*.*")}
    output = tmp_path / "out"

    assert compare(new, base, case, "--output", str(output)) == 0

    told = json.loads((output / "compare.json").read_text())
    assert {row["what"] for row in told["rows"]} == {"given pairs", "clean pictures"}
    assert "base has no measured threshold; 0.5 is used." in told["notes"]
    assert (output / told["maps"][0]["file"]).is_file()
    assert {path: path.read_bytes() for folder in (base, new) for path in folder.rglob("*.*")} == before


def test_pictures_that_a_model_learned_from_are_counted_and_told(
    base: Path, new: Path, case: Path, tmp_path: Path
) -> None:
    learned = sorted((case / "images").iterdir())[:2]
    rows = "".join(f"case picture,g,,,,{sha256_of_file(path)}\n" for path in learned)
    save_model(
        new, load_model(new).net, read_card(new), photos="file,group,licence,author,source,sha256\n" + rows
    )

    compare(new, base, case, "--output", str(tmp_path / "out"))

    notes = json.loads((tmp_path / "out" / "compare.json").read_text())["notes"]
    assert "new learned from 2 of these pictures, which flatters it." in notes


def test_nothing_is_written_where_linked_clean_pictures_really_are(
    base: Path, new: Path, case: Path, photo_folder: Path, tmp_path: Path
) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    for path in photo_folder.iterdir():
        (clean / path.name).symlink_to(path)

    assert compare(new, base, case, "--clean", str(clean), "--output", str(photo_folder / "out")) == 2
    assert compare(new, base, case, "--clean", str(clean), "--json", str(photo_folder / "c.json")) == 2

    assert all(path.suffix == ".jpg" for path in photo_folder.iterdir())
