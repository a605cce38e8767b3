"""Killing a program that writes into a case, at any moment, and looking at what is left."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.case.case_file import CaseFile

WRITER = Path(__file__).with_name("killed_writer.py")
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Round:
    """What one killed program had told as saved, and what was wrong or lost afterwards."""

    told: int
    lost: tuple[str, ...]


def kill_rounds(case_path: Path, rounds: int, *, seed: int = 0, longest: float = 0.3) -> Iterator[Round]:
    """Start the writer, kill -9 it within ``longest`` seconds of its first word, and look at the case."""
    chance = random.Random(seed)
    for number in range(1, rounds + 1):
        told = _run_and_kill(case_path, number, chance.random() * longest)
        yield Round(len(told), tuple(_look(case_path, told)))


def _run_and_kill(case_path: Path, number: int, seconds: float) -> list[str]:
    command = [sys.executable, str(WRITER), str(case_path), str(number)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as writer:
        assert writer.stdout is not None
        if writer.stdout.readline() != "open\n":
            raise RuntimeError("the writer could not open the case")
        timer = threading.Timer(seconds, writer.kill)
        timer.start()
        lines = writer.stdout.readlines()
        timer.join()
    return [line for line in lines if line.endswith("\n")]


def _look(case_path: Path, told: list[str]) -> Iterator[str]:
    with CaseFile.open(case_path) as case:
        yield from case.verify()
        item = case.items()[0]
        kept = {"opinion": case.judgement(item).opinion, "notes": case.annotations(item).notes.split(" ")[0]}
    for kind, value in kept.items():
        last = [line.split()[1] for line in told if line.startswith(kind)]
        # What was written but not yet told when the program died may be there; nothing told may be missing.
        if last and int(value) < int(last[-1]):
            yield f"{kind} {last[-1]} was told as saved, {value} is there"
