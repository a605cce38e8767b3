"""The child process as the window sees it: events, wishes, ends; the child is a script of a few lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from irlgui.jobs import training_process
from irlgui.jobs.training_process import Ending, TrainingProcess, parse_event
from irlgui.jobs.training_process_arguments import (
    TrainingOrder,
    compare_arguments,
    resume_arguments,
    train_arguments,
)
from irlnet_core.training.finetune_policy import FinetunePolicy

CHILD = """
import json, os, sys, time
def tell(name, **facts): print(json.dumps({"event": name, **facts}), flush=True)
way = sys.argv[-1]
tell("RunStarted", run="x")
if way == "fail":
    tell("Failed", reason="is not writable.", cure="Choose another.", path="/there"); sys.exit(2)
if way == "die": print("half a li", end="", flush=True); os.kill(os.getpid(), 9)
if way == "traceback": print("Traceback", file=sys.stderr); sys.exit("KeyError: 'x'")
if way == "wait":
    wish = sys.stdin.readline().strip() or "pause"
    reason = {"stop": "stopped", "cancel": "cancelled", "pause": "paused"}[wish]
    tell("RunEnded", reason=reason); sys.exit(0 if wish == "stop" else 130)
if way == "deaf": time.sleep(60)
print("no event"); print("{broken", flush=True)
tell("RunEnded", reason="finished")
"""


class Listener(QObject):
    """Keeps what the process tells."""

    def __init__(self, process: TrainingProcess) -> None:
        super().__init__()
        self.events: list[str] = []
        self.words: list[str] = []
        self.endings: list[Ending] = []
        process.reported.connect(self.take_event)
        process.said.connect(self.take_word)
        process.ended.connect(self.take_end)

    @Slot(object)
    def take_event(self, event: dict[str, object]) -> None:
        self.events.append(str(event["event"]))

    @Slot(str)
    def take_word(self, line: str) -> None:
        self.words.append(line)

    @Slot(object)
    def take_end(self, ending: Ending) -> None:
        self.endings.append(ending)


@pytest.fixture
def process(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainingProcess]:
    script = tmp_path / "child"
    (tmp_path / "child.py").write_text(CHILD)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path / "child.py"}" "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    child = TrainingProcess()
    yield child
    assert child.shutdown(100)
    child.deleteLater()


def test_events_come_one_by_one_and_other_lines_are_told_as_words(
    process: TrainingProcess, qtbot: QtBot
) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.ended):
        process.start(["plain"])
    assert listener.events == ["RunStarted", "RunEnded"]
    assert listener.words == ["no event", "{broken"]
    assert listener.endings == [Ending("done", code=0)]
    assert not process.running


@pytest.mark.parametrize(
    ("wish", "outcome"), [("stop", "stopped"), ("cancel", "cancelled"), ("pause", "paused")]
)
def test_a_wish_reaches_the_child_and_tells_how_it_ended(
    process: TrainingProcess, qtbot: QtBot, wish: str, outcome: str
) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.reported):
        process.start(["wait"])
    with qtbot.waitSignal(process.ended):
        getattr(process, wish)()
    assert [ending.outcome for ending in listener.endings] == [outcome]


def test_the_words_of_a_failed_child_are_handed_on(process: TrainingProcess, qtbot: QtBot) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.ended):
        process.start(["fail"])
    assert listener.endings == [Ending("failed", "/there: is not writable.", "Choose another.", 2)]


def test_a_traceback_ends_as_its_last_line(process: TrainingProcess, qtbot: QtBot) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.ended):
        process.start(["traceback"])
    assert listener.endings == [Ending("failed", "KeyError: 'x'", "", 1)]


def test_a_killed_child_is_lost_not_failed(process: TrainingProcess, qtbot: QtBot) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.ended):
        process.start(["die"])
    assert [ending.outcome for ending in listener.endings] == ["lost"]


def test_a_child_that_does_not_answer_a_cancel_is_ended(
    process: TrainingProcess, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(training_process.GRACE_MS, "cancel", 100)
    listener = Listener(process)
    with qtbot.waitSignal(process.reported):
        process.start(["deaf"])
    with qtbot.waitSignal(process.ended):
        process.cancel()
    assert [ending.outcome for ending in listener.endings] == ["cancelled"]


def test_a_shutdown_pauses_the_child_and_waits_for_it(process: TrainingProcess, qtbot: QtBot) -> None:
    listener = Listener(process)
    with qtbot.waitSignal(process.reported):
        process.start(["wait"])
    assert process.shutdown(3000)
    assert [ending.outcome for ending in listener.endings] == ["paused"]


def test_a_program_that_is_not_there_is_told(
    process: TrainingProcess, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    listener = Listener(process)
    with qtbot.waitSignal(process.ended):
        process.start(["plain"])
    assert listener.endings[0].outcome == "failed"
    assert "could not be started" in listener.endings[0].reason


@pytest.mark.parametrize("line", [b"", b"[1]", b'{"a": 1}', b'{"event": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_event_is_none(line: bytes) -> None:
    assert parse_event(line) is None


def test_the_orders_say_everything_the_child_needs() -> None:
    policy = FinetunePolicy(minutes=2.5, freeze="encoder", crop=64)
    order = TrainingOrder(Path("/m/base"), Path("/r/run"), policy, Path("/d"), Path("/r/d.json"))
    words = train_arguments(order)
    assert words[words.index("--minutes") + 1] == "2.5"
    assert words[words.index("--freeze") + 1] == "encoder"
    assert words[words.index("--frozen") + 1] == "/r/d.json"
    assert "--photos" not in words
    assert train_arguments(order, timed_step=True)[-1] == "--time-step"
    assert resume_arguments(Path("/r/run"))[-1] == "/r/run"
    assert "--batch" not in words
    assert compare_arguments(Path("/r/run"))[:2] == ["compare", "/r/run"]
    assert "--clean" not in compare_arguments(Path("/r/run"))
    assert compare_arguments(Path("/r/run"), Path("/c"), "cpu")[-4:] == ["--device", "cpu", "--clean", "/c"]
