"""``irlnet scan``: a folder into a case; what it says and returns, and that it goes on where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from irlnet_core.case.case_file import CaseFile
from irlnet_core.cli.main import main
from tests.core.cli.localize_door import ROOT, make_picture


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    return tmp_path / "cases" / "x.irlcase"


def words_of(model: Path, folder: Path, case: Path, *words: object) -> list[str]:
    return [
        "scan",
        str(folder),
        "--case",
        str(case),
        "--device",
        "cpu",
        "--model",
        str(model),
        *map(str, words),
    ]


def scan(*parts: Any) -> int:
    return main(words_of(*parts))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_case_that_cant_be_made_is_named_as_it_was_asked_for(evidence: Path, case_path: Path) -> None:
    """The limit stands for a full disk: not even the first page can be written."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "from irlnet_core.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "scan", str(evidence), "--case", str(case_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"irlnet: {case_path}: cannot be written")
    assert list(case_path.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.timeout(60)
def test_a_pipe_is_refused_instead_of_waited_for(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(evidence / "pipe.png")
    assert scan(model, evidence / "pipe.png", case_path) == 8
    (line,) = lines(capsys)
    assert (line["state"], line["reason"]) == ("failed", "is not a regular file.")


def test_every_picture_comes_into_the_case_with_one_line(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        make_picture(evidence / f"{number}.png", seed=number)
    assert scan(model, evidence, case_path) == 0
    told = lines(capsys)
    assert [(line["path"], line["state"]) for line in told] == [
        (str(evidence / f"{number}.png"), "analysed") for number in range(3)
    ]
    with CaseFile.open(case_path) as case:
        for item, line in zip(case.items(), told, strict=True):
            (analysed,) = case.analyses(item)
            assert (item.sha256, analysed.record.regions.count) == (line["sha256"], line["regions"])
            assert case.load_map(analysed).probability.shape == (70, 90)
        assert case.verify(case.head) == []


def test_a_second_scan_analyses_only_what_is_new(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = make_picture(evidence / "a.png")
    assert scan(model, evidence, case_path) == 0
    make_picture(evidence / "b.png", seed=1)
    (evidence / "copy of a.png").write_bytes(first.read_bytes())
    lines(capsys)
    assert scan(model, evidence, case_path) == 0
    assert [line["state"] for line in lines(capsys)] == ["kept", "analysed", "kept"]
    with CaseFile.open(case_path) as case:
        assert [len(case.analyses(item)) for item in case.items()] == [1, 1]
        assert len(case.items()[0].places) == 2


def test_20_where_a_region_was_found_and_8_wins(model: Path, evidence: Path, case_path: Path) -> None:
    make_picture(evidence / "a.png")  # the tiny model responds to noise
    assert scan(model, evidence, case_path) == 0
    assert scan(model, evidence, case_path, "--fail-on-region") == 20
    (evidence / "b.png").write_bytes(b"no picture")
    assert scan(model, evidence, case_path, "--fail-on-region") == 8


def test_a_picture_that_fails_is_told_and_the_others_go_on(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (evidence / "a.png").write_bytes(b"no picture")
    make_picture(evidence / "b.png")
    assert scan(model, evidence, case_path) == 8
    out, err = capsys.readouterr()
    failed, analysed = (json.loads(line) for line in out.splitlines())
    assert (failed["state"], analysed["state"]) == ("failed", "analysed")
    assert failed["reason"]
    assert str(evidence / "a.png") in err


def test_a_phone_s_pictures_that_are_not_read_are_told_and_not_passed_over(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (evidence / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert scan(model, evidence, case_path) == 8
    (told,) = lines(capsys)
    assert (Path(told["path"]).name, told["state"]) == ("IMG_1.HEIC", "failed")
    assert "HEIC" in told["reason"]


def test_a_missing_folder_is_incomplete_and_an_empty_one_is_not(
    model: Path, evidence: Path, case_path: Path, tmp_path: Path
) -> None:
    assert scan(model, evidence, case_path) == 0
    assert scan(model, tmp_path / "none", case_path) == 8


def test_workers_give_the_same_as_one(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(4):
        make_picture(evidence / f"{number}.png", seed=number)
    (evidence / "4.png").write_bytes((evidence / "3.png").read_bytes())
    assert scan(model, evidence, case_path) == 0
    one = {line["sha256"]: line["area_fraction"] for line in lines(capsys)}
    assert scan(model, evidence, case_path.with_name("y.irlcase"), "--workers", 3) == 0
    assert {line["sha256"]: line["area_fraction"] for line in lines(capsys)} == one
    with CaseFile.open(case_path.with_name("y.irlcase")) as case:
        assert [len(case.analyses(item)) for item in case.items()] == [1] * 4


def test_a_case_among_the_pictures_or_open_elsewhere_is_refused(
    model: Path, evidence: Path, case_path: Path
) -> None:
    make_picture(evidence / "a.png")
    before = sorted(evidence.iterdir())
    assert scan(model, evidence, evidence / "x.irlcase") == 64
    assert sorted(evidence.iterdir()) == before
    with CaseFile.create(case_path):
        assert scan(model, evidence, case_path) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_what_was_told_before_a_kill_is_in_the_case_and_the_scan_goes_on(
    model: Path, evidence: Path, case_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        make_picture(evidence / f"{number:02}.png", seed=number, size=(200, 160))
    with subprocess.Popen(
        [sys.executable, "-m", "irlnet_core.cli", *words_of(model, evidence, case_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        told = [json.loads(child.stdout.readline()) for _ in range(3)]
        child.send_signal(signal.SIGKILL)
    with CaseFile.open(case_path) as case:
        assert {line["sha256"] for line in told} <= {item.sha256 for item in case.items()}
        assert case.verify(case.head) == []
    assert scan(model, evidence, case_path) == 0
    states = [line["state"] for line in lines(capsys)]
    assert states[:3] == ["kept"] * 3
    assert len(states) == 12
