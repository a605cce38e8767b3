"""``irlnet localize`` and names that nobody expects: broken, closed, endless, and such as speak."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.core.cli.localize_door import localize, make_picture, names_in, results_of


def test_a_file_that_is_no_picture_is_named_and_the_others_are_finished(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (evidence / "b.jpg").write_bytes(b"no picture")
    make_picture(evidence / "a.png")
    make_picture(evidence / "c.png", seed=1)
    assert (
        localize(model, evidence, tmp_path / "gone.png", "--output", tmp_path / "results" / "new", "--quiet")
        == 2
    )
    assert names_in(tmp_path / "results" / "new") == results_of("a", "c")
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[1] for line in err.splitlines()] == [
        str(tmp_path / "gone.png"),
        str(evidence / "b.jpg"),
    ]


def test_a_folder_without_pictures_is_an_error(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert localize(model, evidence, "--output", tmp_path / "out") == 2
    assert "holds no picture" in capsys.readouterr().err


def test_a_record_that_was_left_alone_is_not_written_over_by_a_namesake(
    model: Path, evidence: Path, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    assert localize(model, make_picture(evidence / "a.png"), "--output", out, "--record", "--quiet") == 0
    for name in results_of("a"):
        (out / name).unlink()
    before = (out / "a.record.zip").read_bytes()
    other.mkdir()
    assert localize(model, make_picture(other / "a.png", seed=1), "--output", out, "--record", "--quiet") == 0
    assert (out / "a.record.zip").read_bytes() == before
    assert len(list(out.glob("a-????????.record.zip"))) == 1


def test_a_name_outside_ascii_is_kept(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "größe 图片.png")
    assert localize(model, evidence, "--output", tmp_path / "out") == 0
    assert names_in(tmp_path / "out") == results_of("größe 图片")
    assert "größe 图片.png" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_a_name_that_is_not_even_text_does_not_stop_the_run(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "plain.png")
    shutil.copy(evidence / "plain.png", evidence / os.fsdecode(b"\xff\xfe.png"))
    assert localize(model, evidence, "--output", tmp_path / "out") == 0
    assert r"\udcff\udcfe.png" in capsys.readouterr().out
    assert localize(model, evidence, "--output", tmp_path / "out", "--events", "jsonl") == 0
    assert len(names_in(tmp_path / "out")) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_can_t_speak_for_the_program(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "plain.png").rename(evidence / "a\x1b[2J\nirlnet: all is well.png")
    (evidence / "b\nirlnet: so is this.png").write_bytes(b"")
    assert localize(model, evidence, "--output", tmp_path / "out") == 2
    out, err = capsys.readouterr()
    assert r"a\x1b[2J\nirlnet: all is well.png" in out.splitlines()[0]
    assert [line for line in err.splitlines() if line.startswith("irlnet: so")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_broken_links_and_endless_names_are_named_and_the_others_are_finished(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "good.png")
    (evidence / "gone.png").symlink_to("/gone")
    (evidence / "round.png").symlink_to("round.png")
    (evidence / "folder").symlink_to(evidence)
    long = evidence / ("n" * 300 + ".png")
    assert localize(model, evidence, long, "--output", tmp_path / "out") == 2
    err = capsys.readouterr().err
    assert all(
        f"{name}: cannot be read" in err for name in (evidence / "gone.png", evidence / "round.png", long)
    )
    assert names_in(tmp_path / "out") == results_of("good")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_is_named_and_the_others_are_finished(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "good.png")
    (evidence / "closed").mkdir(mode=0o000)
    assert localize(model, evidence, "--output", tmp_path / "out") == 2
    assert f"{evidence / 'closed'}: cannot be searched" in capsys.readouterr().err
    assert names_in(tmp_path / "out") == results_of("good")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_an_output_folder_that_links_to_itself_is_named(
    model: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_picture(evidence / "a.png")
    (tmp_path / "round").symlink_to("round")
    assert localize(model, evidence, "--output", tmp_path / "round" / "out") == 2
    assert "cannot be written" in capsys.readouterr().err
