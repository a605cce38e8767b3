"""The command ``irlnet`` itself: help, version, wrong usage, and a start without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from irlnet_core import __version__
from irlnet_core.case.case_file import CaseFile
from irlnet_core.cli.main import COMMANDS, main
from irlnet_core.cli.progress_bar import ProgressBar, format_seconds
from irlnet_core.config import ModelConfig
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_help_names_every_sub_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in (*COMMANDS, "64", "70", "130"))
    assert "the others were finished" not in text  # true of some commands only


@pytest.mark.parametrize("command", COMMANDS)
def test_every_sub_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"irlnet {command}" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"irlnet {__version__}\n"


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["localize"], ["--nonsense"], ["bench", "--megapixels", "-1"]]
)
def test_wrong_usage_ends_with_64_and_says_why(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert "error:" in err


def test_a_failure_of_the_program_itself_has_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's own code is 1, by which ``irlnet verify`` tells that a record was altered."""
    monkeypatch.setitem(COMMANDS, "bench", (f"{__name__.rpartition('.')[0]}.broken_command", "break"))
    assert main(["bench"]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_below_the_output_is_told_and_no_verdict(tmp_path: Path) -> None:
    CaseFile.create(tmp_path / "x.irlcase").close()
    command = [sys.executable, "-m", "irlnet_core.cli", "verify", str(tmp_path / "x.irlcase")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("irlnet: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import irlnet_core.cli",
        "from irlnet_core.cli.main import main; main(['--help'])",
        "from irlnet_core.cli.main import main; main(['localize', '--help'])",
    ],
)
def test_neither_torch_nor_qt_is_loaded_before_it_is_needed(code: str) -> None:
    check = "; import sys; assert not {'torch', 'PySide6'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code + check], check=True, stdout=subprocess.DEVNULL)


def test_bench_measures_and_writes_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = ModelConfig(width=0.0625)
    save_model(tmp_path / "tiny", build(config), ModelCard("tiny", config, tile=64, overlap=16))
    words = ["--model", str(tmp_path / "tiny"), "--megapixels", "0.05", "--device", "cpu"]
    assert main(["bench", *words, "--json", str(tmp_path / "bench.json")]) == 0
    figures = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert figures["megapixels"] == pytest.approx(0.05, rel=0.02)
    assert figures["seconds"] > 0
    assert figures["tiles"] == 24
    assert figures["model"] == "tiny"
    assert all(name.replace("_", " ") in capsys.readouterr().out for name in ("seconds",))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's memory can't be limited")
def test_bench_tells_that_a_picture_is_too_large_for_the_memory(tmp_path: Path) -> None:
    config = ModelConfig(width=0.0625)
    save_model(tmp_path / "tiny", build(config), ModelCard("tiny", config, tile=64, overlap=16))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.RLIM_INFINITY));"
        "from irlnet_core.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["bench", "--model", str(tmp_path / "tiny"), "--megapixels", "9000", "--device", "cpu"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)

    assert "9000 megapixels" in done.stderr
    assert done.returncode == 2


def test_the_bar_is_drawn_on_a_terminal_only_and_can_be_taken_away() -> None:
    terminal, file = Terminal(), StringIO()
    for stream in (terminal, file):
        bar = ProgressBar(stream)
        bar.start("photo.jpg")
        bar.update(1, 4)
        bar.update(4, 4)
        bar.clear()
    assert "tile 1/4" in terminal.getvalue()
    assert "tile 4/4  0:00 left" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert file.getvalue() == ""


def test_a_quiet_bar_draws_nothing() -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal, quiet=True)
    bar.start("photo.jpg")
    bar.update(1, 1)
    bar.clear()
    assert terminal.getvalue() == ""


def test_times_are_written_as_people_write_them() -> None:
    assert [format_seconds(s) for s in (0, 7.4, 61, 3725)] == ["0:00", "0:07", "1:01", "1:02:05"]
