"""``irlnet localize`` from the command line: what it writes, says and returns."""

from __future__ import annotations

import json
import math
import signal
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from irlnet_core.files import sha256_of_file
from tests.core.cli.localize_door import (
    ROOT,
    SUFFIXES,
    localize,
    make_picture,
    names_in,
    read_record,
    results_of,
    start,
)

SCHEMA = ROOT / "resources" / "analysis-record.schema.json"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif"])
def test_every_format_gives_four_results_on_the_stored_grid(
    model: Path, evidence: Path, tmp_path: Path, suffix: str
) -> None:
    picture = make_picture(evidence / f"photo{suffix}")
    output = tmp_path / "out"
    assert localize(model, picture, "--output", output) == 0
    assert names_in(output) == results_of("photo")
    with (
        Image.open(output / "photo.probability.png") as probability,
        Image.open(output / "photo.mask.png") as mask,
    ):
        assert probability.size == mask.size == (90, 70)
        assert mask.mode == "1"
        levels, marked = np.asarray(probability), np.asarray(mask)
    assert levels.dtype == np.uint16
    assert (marked == (levels >= math.ceil(0.49 * 65535))).all()
    assert levels.std() > 0


def test_the_record_holds_what_is_needed_to_repeat_the_analysis(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    picture = make_picture(evidence / "photo.png")
    assert localize(model, picture, "--output", tmp_path / "out") == 0
    record = read_record(tmp_path / "out", "photo")
    assert list(record) == [
        *("schema", "evidence", "model", "environment", "tiles", "threshold", "performance"),
        *("regions", "not_run", "times"),
    ]
    jsonschema.validate(record, json.loads(SCHEMA.read_text("utf-8")))
    assert record["evidence"]["sha256"] == sha256_of_file(picture)
    assert record["model"]["weights_sha256"] == sha256_of_file(model / "model.safetensors")
    assert record["tiles"]["deviations"] == []
    assert record["environment"]["precision"] == "float32"
    assert record["environment"]["device"].startswith("cpu")
    assert (record["tiles"]["tile"], record["tiles"]["overlap"], record["tiles"]["count"]) == (64, 16, 4)
    assert record["threshold"] == {"value": 0.49, "source": "model card: a test"}
    assert all(check["reason"] for check in record["not_run"])


def test_what_differs_from_the_model_s_card_is_stated_in_the_record(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    picture = make_picture(evidence / "photo.png")
    words = ("--tile", 72, "--precision", "bfloat16", "--threshold", "0.25", "--output", tmp_path / "out")
    assert localize(model, picture, *words) == 0
    record = read_record(tmp_path / "out", "photo")
    assert len(record["tiles"]["deviations"]) == 3  # the tile, the precision, and 70 rows are fewer than 72
    assert record["tiles"]["tile"] == 72
    assert record["threshold"] == {"value": 0.25, "source": "--threshold"}


def test_one_line_a_picture_and_the_sentence_are_printed(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = make_picture(evidence / "photo.png")
    assert localize(model, picture, "--output", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    line, sentence = out.splitlines()
    assert line.startswith("photo.png  ")
    assert "region" in line
    assert line.endswith(str(tmp_path / "out" / "photo.overlay.png"))
    assert sentence.startswith("The network's response exceeds the threshold 0.49 in ")
    assert sentence.endswith("This is a tool result, not a finding that the picture was manipulated.")
    assert err == ""


def test_an_output_folder_beside_the_evidence_is_refused(
    model: Path,
    evidence: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = make_picture(evidence / "photo.png")
    elsewhere = tmp_path / "links"
    elsewhere.mkdir()
    (elsewhere / "link.png").symlink_to(picture)
    monkeypatch.chdir(evidence)
    for words in (
        (picture, "--output", evidence / "out"),
        (evidence, "--output", evidence),
        (elsewhere, "--output", evidence / "out"),
        ("photo.png",),
    ):
        assert localize(model, *words) == 64
        assert "--output" in capsys.readouterr().err
    assert names_in(evidence) == ["photo.png"]


def test_the_same_picture_replaces_its_results_and_a_namesake_gets_its_own(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    first = make_picture(evidence / "photo.png")
    other = tmp_path / "other"
    other.mkdir()
    namesake = make_picture(other / "photo.jpg", seed=7)
    output = tmp_path / "results" / "out"
    for words in ((first,), (first, "--threshold", "0.9"), (namesake,), (namesake,)):
        assert localize(model, *words, "--output", output) == 0
    assert names_in(output) == results_of("photo", f"photo-{sha256_of_file(namesake)[:8]}")
    assert read_record(output, "photo")["threshold"]["value"] == 0.9


@pytest.mark.filterwarnings("default")
def test_quiet_prints_nothing_even_when_the_decoder_has_complaints(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    pages = [Image.new("RGB", (90, 70), colour) for colour in ("red", "green")]
    pages[0].save(evidence / "pages.tif", save_all=True, append_images=pages[1:])
    whole = (evidence / "pages.tif").read_bytes()
    (evidence / "pages.tif").write_bytes(whole[: int(len(whole) * 0.6)])
    process = start(model, tmp_path, evidence, "--output", tmp_path / "out", "--quiet")
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    assert read_record(tmp_path / "out", "pages")["evidence"]["not_analysed"]


def test_a_failed_picture_is_named_by_the_event_also_when_its_results_can_t_be_written(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = make_picture(evidence / "a.png")
    (tmp_path / "out" / "a.json").mkdir(parents=True)
    for digits in (8, 16, 64):
        (tmp_path / "out" / f"a-{sha256_of_file(picture)[:digits]}.json").mkdir()
    assert localize(model, picture, "--output", tmp_path / "out", "--events", "jsonl") == 2
    out, err = capsys.readouterr()
    failed = json.loads(out.splitlines()[-1])
    assert (failed["event"], failed["path"]) == ("PictureFailed", str(picture))
    assert str(tmp_path / "out") in failed["reason"]
    assert err.startswith(f"irlnet: {picture}: {tmp_path / 'out'}")


def test_events_are_json_lines_and_nothing_else(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = make_picture(evidence / "a.png")
    (evidence / "b.png").write_bytes(b"")
    assert localize(model, evidence, "--output", tmp_path / "out", "--events", "jsonl") == 2
    out, err = capsys.readouterr()
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == [
        *("PictureStarted", *["TileDone"] * 4, "PictureDone", "PictureStarted", "PictureFailed")
    ]
    done = events[5]
    assert done["path"] == str(picture)
    assert done["overlay"] == str(tmp_path / "out" / "a.overlay.png")
    assert done["regions"] == read_record(tmp_path / "out", "a")["regions"]["count"]
    assert events[-1]["path"] == str(evidence / "b.png")
    assert len(err.splitlines()) == 1


class MeddlingTerminal(StringIO):
    """A standard output whose reader replaces the evidence when the first tile is done."""

    def __init__(self, picture: Path) -> None:
        super().__init__()
        self.picture = picture

    def write(self, text: str) -> int:
        if '"TileDone"' in text and "TileDone" not in self.getvalue():
            make_picture(self.picture, seed=5)
        return super().write(text)


def test_evidence_that_changes_during_the_analysis_gets_no_results(
    model: Path,
    evidence: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed, kept = make_picture(evidence / "changed.png"), make_picture(evidence / "kept.png", seed=1)
    monkeypatch.setattr(sys, "stdout", MeddlingTerminal(changed))
    assert localize(model, changed, kept, "--output", tmp_path / "out", "--events", "jsonl") == 2
    assert "changed while it was analysed" in capsys.readouterr().err
    assert names_in(tmp_path / "out") == results_of("kept")


def test_ctrl_c_ends_with_130_and_keeps_what_is_finished(model: Path, evidence: Path, tmp_path: Path) -> None:
    for number in range(40):
        make_picture(evidence / f"p{number}.png", seed=number, size=(400, 300))
    process = start(model, tmp_path, evidence, "--output", tmp_path / "out", "--events", "jsonl")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "PictureDone":
            process.send_signal(signal.SIGINT)
            break
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    found = names_in(tmp_path / "out")
    assert set(results_of("p0")) <= set(found)
    assert len(found) % 4 == 0
    assert len(found) < 160
    assert all(name.endswith(tuple(SUFFIXES)) for name in found)


def test_a_reader_that_goes_away_ends_the_run_without_a_traceback(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    make_picture(evidence / "a.png")
    process = start(model, tmp_path, evidence, "--output", tmp_path / "out")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert err == ""
    assert names_in(tmp_path / "out") == results_of("a")


def test_an_output_that_can_t_be_written_is_named(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "a.png")
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert localize(model, evidence, "--output", tmp_path / "file", "--events", "jsonl") == 2
    out, err = capsys.readouterr()
    assert str(tmp_path / "file") in err
    assert out == ""  # found out before any picture was analysed


@pytest.mark.parametrize(
    "words",
    [
        ["--threshold", "1.5"],
        ["--threshold", "nan"],
        ["--tile", "100"],
        ["--tile", "1e300"],
        ["--device", "tpu"],
        ["--precision", "int8"],
        ["--max-pixels", "0"],
        ["--colour"],
    ],
)
def test_wrong_usage_ends_with_64(model: Path, evidence: Path, tmp_path: Path, words: Sequence[str]) -> None:
    assert localize(model, make_picture(evidence / "a.png"), "--output", tmp_path / "out", *words) == 64
    assert not (tmp_path / "out").exists()


def test_a_picture_over_the_limit_is_refused_with_the_cure(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = make_picture(evidence / "a.png")
    assert localize(model, picture, "--output", tmp_path / "out", "--max-pixels", "6299") == 2
    assert "--max-pixels" in capsys.readouterr().err
    assert localize(model, picture, "--output", tmp_path / "out", "--max-pixels", "6300") == 0


def test_a_model_that_is_not_there_is_an_error_with_a_cure(
    evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = make_picture(evidence / "a.png")
    assert localize(tmp_path / "no-model", picture, "--output", tmp_path / "out") == 2
    assert "no-model" in capsys.readouterr().err
