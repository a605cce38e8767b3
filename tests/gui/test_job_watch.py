"""The time that is left, as the status line tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.job_watch import JobWatch
from irlgui.jobs.analysis_queue import AnalysisQueue
from irlgui.views.status_line import describe_job
from irlnet_core.progress import TileDone

PATH = Path("/evidence/a.jpg")


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


class OneRunning(AnalysisQueue):
    @property
    def running(self) -> Path | None:
        return PATH


def test_a_pause_does_not_count_into_the_time_that_is_left(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, queue = Clock(), OneRunning()
    monkeypatch.setattr("irlgui.job_watch.time", clock)
    watch = JobWatch(queue)
    queue.state_changed.emit(PATH, "running", {})

    def tile(number: int) -> None:
        clock.now += 1
        queue.progress.emit(PATH, TileDone(number, 50, 0, 0, 1, 1))

    for number in range(1, 11):
        tile(number)
    assert watch.state
    assert describe_job(watch.state).endswith("tile 10 / 50   0:36 left")
    queue.paused_changed.emit(True)
    clock.now += 600
    queue.paused_changed.emit(False)
    tile(11)
    assert describe_job(watch.state).endswith("tile 11 / 50   0:35 left")


def test_a_long_queue_that_is_stopped_is_told_in_a_few_words(qtbot: QtBot) -> None:
    told: list[object] = []
    queue = OneRunning()
    watch = JobWatch(queue)
    queue.state_changed.emit(PATH, "running", {})
    queue.pause()
    watch.changed.connect(told.append)
    queue.enqueue(Path(f"/evidence/{number}.jpg") for number in range(500))
    assert watch.state
    assert watch.state.waiting == 500
    queue.cancel()
    assert len(told) < 10
