"""Two people and one record: one analyses a picture, the other checks it on a machine that never saw it.

Each works in a process of its own with a data folder of its own, through the command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# Loaded by the interpreter itself before the program: no socket of the internet may be made at all.
NO_SOCKETS = """
import socket, sys
def refuse(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        raise PermissionError("a socket of the internet was opened")
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError("the network was used")
sys.addaudithook(refuse)
"""


class Person:
    """Someone with a home of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "site").mkdir(parents=True)
        (home / "site" / "sitecustomize.py").write_text(NO_SOCKETS)

    def irlnet(self, *words: object) -> tuple[int, str]:
        environment = {
            **os.environ,
            "HOME": str(self.home),
            **{f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("DATA", "CACHE", "CONFIG")},
            "PYTHONPATH": os.pathsep.join([str(self.home / "site"), str(ROOT)]),
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "irlnet_core.cli", *map(str, words)]
        done = subprocess.run(
            command, cwd=self.home, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


def look(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return everything about a folder that working with it could change."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "photo.jpg", quality=90)
    return folder


@pytest.mark.timeout(400)  # it starts the program six times
def test_one_makes_a_record_and_another_checks_it(tmp_path: Path, evidence: Path, tiny_model: Path) -> None:
    first, second = Person(tmp_path / "first"), Person(tmp_path / "second")
    picture, before = evidence / "photo.jpg", look(evidence)
    model = ["--model", tiny_model, "--device", "cpu"]

    code, told = first.irlnet("localize", picture, "--output", tmp_path / "out", "--record", "--sign", *model)
    assert code == 0, told
    code, told = first.irlnet("scan", evidence, "--case", tmp_path / "cases" / "x.irlcase", *model)
    assert code == 0, told
    assert json.loads(told.splitlines()[-1])["state"] == "analysed"
    assert look(evidence) == before

    # The second one gets the record, the picture and the model, and nothing else.
    package = shutil.copy(tmp_path / "out" / "photo.record.zip", second.home / "got.zip")
    copied = shutil.copytree(evidence, second.home / "evidence") / "photo.jpg"
    given = shutil.copytree(tiny_model, second.home / "model")
    before = look(copied.parent)
    code, told = second.irlnet("verify", package, "--evidence", copied, "--rerun", "--model", given)
    assert code == 0, told
    assert "mask IoU 1.000000" in told
    assert "Signed with the key" in told
    code, told = second.irlnet("report", package, "--evidence", copied, "--output", second.home / "report")
    assert code == 0, told
    assert sorted(path.suffix for path in (second.home / "report").iterdir()) == [".html", ".pdf"]
    assert look(copied.parent) == before

    copied.write_bytes(copied.read_bytes() + b"\0")
    code, told = second.irlnet("verify", package, "--evidence", copied)
    assert (code, "is not the file of the record" in told) == (1, True)
    code, told = second.irlnet("verify", tmp_path / "cases" / "x.irlcase")
    assert code == 0, told


def test_the_guard_against_sockets_works(tmp_path: Path) -> None:
    person = Person(tmp_path / "home")
    (person.home / "site" / "irlnet_core").mkdir()
    (person.home / "site" / "irlnet_core" / "__init__.py").write_text("")
    (person.home / "site" / "irlnet_core" / "cli.py").write_text("import socket; socket.socket()")
    code, told = person.irlnet()
    assert code != 0
    assert "socket of the internet was opened" in told
