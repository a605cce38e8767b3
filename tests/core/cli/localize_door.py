"""The real door of ``irlnet localize``, and what its tests make and look up beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from irlnet_core.cli.main import main

SUFFIXES = [".json", ".mask.png", ".overlay.png", ".probability.png"]
ROOT = Path(__file__).resolve().parents[3]


def make_picture(path: Path, seed: int = 0, size: tuple[int, int] = (90, 70)) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def localize(model: Path, *words: object) -> int:
    return main(["localize", "--device", "cpu", "--model", str(model), *map(str, words)])


def hear_ctrl_c() -> None:
    """Undo, in a child, that a suite which runs in the background ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(model: Path, cwd: Path, *words: object) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "irlnet_core.cli",
        "localize",
        "--device",
        "cpu",
        "--model",
        model,
        *words,
    ]
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=None if sys.platform == "win32" else hear_ctrl_c,  # noqa: PLW1509
    )


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def results_of(*stems: str) -> list[str]:
    return sorted(stem + suffix for stem in stems for suffix in SUFFIXES)


def read_record(output: Path, stem: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((output / f"{stem}.json").read_text("utf-8"))
    return record
