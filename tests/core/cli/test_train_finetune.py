"""``irlnet train --finetune`` as a child process: told to stop, cancelled, killed and gone on with."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from irlnet_core.cli.main import main
from irlnet_core.files import sha256_of_file
from irlnet_core.model.checkpoint import load_model
from irlnet_core.training.finetune_run_folder import RunFolder
from tests.core.training.conftest import make_base, make_case

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_base(tmp_path / "models" / "base")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return make_case(tmp_path / "case")


def words(base: Path, case: Path, run: Path, *more: str) -> list[str]:
    places = ["--data", str(case), "--init", str(base), "--output", str(run)]
    settings = "--steps 4000 --validate-every 2 --validation-count 4 --batch 2 --workers 0 --patience 0"
    machine = "--threads 1 --device cpu --events jsonl"
    return ["train", "--finetune", *places, *settings.split(), *machine.split(), *more]


@contextmanager
def child(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "irlnet_core.cli", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], event: str, step: int = 0) -> dict[str, Any]:
    """Read the child's lines until that event of at least that step."""
    assert process.stdout is not None
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line)
        if told["event"] == event and told.get("step", 0) >= step:
            return told
    raise AssertionError(process.communicate()[1])


def end(process: subprocess.Popen[str], word: str = "") -> tuple[int, dict[str, Any]]:
    """Give the child a word, let it end, and return its exit code and its last event."""
    out, _ = process.communicate(f"{word}\n" if word else None, timeout=60)
    return process.returncode, json.loads(out.splitlines()[-1])


def test_stop_on_standard_input_keeps_the_best(base: Path, case: Path, tmp_path: Path) -> None:
    with child(words(base, case, tmp_path / "run", "--control", "stdin")) as process:
        read_until(process, "StepDone", 3)
        code, last = end(process, "stop")

    assert (code, last["event"], last["reason"]) == (0, "RunEnded", "stopped")
    assert load_model(tmp_path / "run").card.name == "run"


def test_cancel_on_standard_input_leaves_nothing(base: Path, case: Path, tmp_path: Path) -> None:
    with child(words(base, case, tmp_path / "run", "--control", "stdin")) as process:
        read_until(process, "StepDone", 3)
        code, last = end(process, "cancel")

    assert (code, last["reason"]) == (130, "cancelled")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_run_goes_on_where_it_was_saved_and_pauses_when_its_parent_dies(
    base: Path, case: Path, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "run"
    with child(words(base, case, run)) as process:
        read_until(process, "CheckpointSaved")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert RunFolder(run).is_unfinished()

    resume = [
        "train",
        "--finetune",
        "--resume",
        "--output",
        str(run),
        "--events",
        "jsonl",
        "--control",
        "stdin",
    ]
    with child(resume) as process:
        started = read_until(process, "RunStarted")
        read_until(process, "StepDone", 1)
        code, last = end(process)  # the end of its standard input: the parent is gone

    assert started["resumed"] is True
    assert (code, last["reason"]) == (130, "paused")
    assert RunFolder(run).is_unfinished()


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise")
def test_a_run_whose_parent_was_killed_is_paused_at_the_step_it_had_reached(
    base: Path, case: Path, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    with child(words(base, case, run.path, "--control", "stdin")) as process:
        reached = read_until(process, "StepDone", 3)["step"]
        for stream in (process.stdout, process.stdin):
            assert stream is not None
            stream.close()
        assert process.wait(60) == 130
        process.stdin = process.stdout = None

    assert run.describe()["ended"] == "paused"
    assert json.loads((run.path / "state/state.json").read_text())["info"]["run"]["step"] >= reached


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for a child")
def test_ctrl_c_stops_and_keeps(base: Path, case: Path, tmp_path: Path) -> None:
    with child(words(base, case, tmp_path / "run")) as process:
        read_until(process, "StepDone", 1)
        process.send_signal(signal.SIGINT)
        code, last = end(process)

    assert (code, last["reason"]) == (0, "stopped")


def test_a_stop_file_stops_before_the_training_begins_and_nothing_is_left(
    base: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stop").touch()

    code = main(words(base, case, tmp_path / "run", "--stop-file", str(tmp_path / "stop")))

    assert code == 130
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["reason"] == "cancelled"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("word", "code", "reason"),
    [("stop", 0, "stopped"), ("pause", 130, "paused"), ("cancel", 130, "cancelled")],
)
def test_a_wish_while_a_run_is_taken_up_again_keeps_what_was_learned_unless_it_is_to_cancel(
    base: Path,
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    word: str,
    code: int,
    reason: str,
) -> None:
    run = RunFolder(tmp_path / "run")
    assert main(words(base, case, run.path, "--steps", "2")) == 0
    run.end("paused")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{word}\n"))

    resume = ["train", "--resume", "--output", str(run.path), "--events", "jsonl", "--control", "stdin"]
    assert main(resume) == code

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["reason"] == reason
    if word == "cancel":
        assert not run.path.exists()
    else:
        assert last["step"] == 2
        assert "kept" in last["detail"]
        assert (run.describe()["ended"], load_model(run.path).card.name) == (reason, "run")


def test_a_run_does_not_go_on_with_pictures_that_have_changed(
    base: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "run")
    assert main(words(base, case, run.path, "--steps", "2")) == 0
    run.end("paused")
    (case / "masks/picture0.png").write_bytes((case / "masks/picture1.png").read_bytes())

    assert main(["train", "--resume", "--output", str(run.path)]) == 2

    assert "picture0.png: has changed since the data were checked" in capsys.readouterr().err
    assert run.is_unfinished()


def test_one_timed_step_tells_the_whole_run_and_writes_nothing(
    base: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(base, case, tmp_path / "run", "--time-step", "--minutes", "0.5")) == 0

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["event"] == "StepTimed"
    assert 0 < told["seconds_per_step"] < 30
    assert 1 <= told["steps"] <= 4000
    assert told["minutes"] <= 0.51
    assert told["peak_memory_bytes"] > 1e7
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("place", ["a file", "among the data", "a model", "own files"])
def test_a_place_that_cant_be_written_is_told_as_an_event_and_left_alone(
    place: str, base: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    own = tmp_path / "own"  # what a cancelled training would take away
    (own / "compare").mkdir(parents=True)
    (own / "compare" / "mine.txt").write_text("mine")
    places = {"a file": tmp_path / "file", "among the data": case / "run", "a model": base, "own files": own}
    run = places[place]
    before = sorted(path.name for path in tmp_path.rglob("*"))

    assert main(words(base, case, run)) == 2

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["event"] == "Failed"
    assert last["path"].startswith(str(run))
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


RIVAL = """
import sys, time
from pathlib import Path
from irlnet_core.training.finetune_run_folder import RunFolder
from irlnet_core.training.run_lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(2)
    RunFolder(Path(sys.argv[1])).begin({"rival": True})
    time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize(("seconds", "reason"), [(0, "holds a model or a training"), (60, "is in use")])
def test_a_run_that_another_process_began_first_is_left_alone(
    seconds: int, reason: str, base: Path, case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    rival = [sys.executable, "-c", RIVAL, str(run.path), str(seconds)]
    with subprocess.Popen(rival, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            assert main(words(base, case, run.path, "--steps", "2")) == 2
        finally:
            process.kill()

    assert reason in json.loads(capsys.readouterr().out.splitlines()[-1])["reason"]
    assert run.describe()["rival"] is True


@pytest.mark.parametrize("place", ["images", "photos"])
def test_nothing_is_written_where_linked_pictures_really_are(
    place: str, base: Path, case: Path, photo_folder: Path, tmp_path: Path
) -> None:
    links, real = tmp_path / "links", case / "images" if place == "images" else photo_folder
    for path in [*case.rglob("*.png"), *photo_folder.iterdir()]:
        link = links / path.relative_to(tmp_path)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    order = words(base, links / "case", real / "run", "--steps", "2", "--photos", str(links / "photos"))

    assert main(order) == 2
    assert not (real / "run").exists()


def test_data_that_hold_nothing_usable_leave_no_folder(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()

    assert main(words(base, tmp_path / "empty", tmp_path / "run")) == 2

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == "Failed"
    assert not (tmp_path / "run").exists()


def test_clean_pictures_only_are_forged(
    base: Path, photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = words(base, tmp_path, tmp_path / "run", "--steps", "2", "--photos", str(photo_folder))
    del order[2:4]  # without --data

    assert main(order) == 0

    card = load_model(tmp_path / "run").card
    assert card.training["data"]["kind"] == "fine-tuned on forged pictures"
    assert "scene1.jpg" in (tmp_path / "run/photos.csv").read_text()

    sums = tmp_path / "sums.txt"
    sums.write_text(f"{sha256_of_file(photo_folder / 'scene1.jpg')}  scene1.jpg\n")
    order[order.index("--output") + 1] = str(tmp_path / "again")
    assert main([*order, "--evidence", str(sums)]) == 0
    told = (tmp_path / "again/photos.csv").read_text()
    assert "scene1.jpg" not in told
    assert "scene2.jpg" in told


def test_what_is_missing_is_wrong_usage(base: Path, tmp_path: Path) -> None:
    assert main(["train", "--finetune", "--output", str(tmp_path / "run")]) == 64
    assert main(["train", "--finetune", "--data", str(tmp_path)]) == 64
