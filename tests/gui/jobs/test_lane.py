"""One thread, the newest job wins, every job ends with exactly one word."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from irlgui.jobs.lane import Lane


class Ends(QObject):
    """Writes down what a lane told."""

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self.told: list[tuple[str, int, object]] = []
        lane.reported.connect(self.report)
        lane.succeeded.connect(self.succeed)
        lane.failed.connect(self.fail)
        lane.stopped.connect(self.stop)

    @Slot(int, object)
    def report(self, ticket: int, event: object) -> None:
        self.told.append(("reported", ticket, event))

    @Slot(int, object)
    def succeed(self, ticket: int, result: object) -> None:
        assert QThread.currentThread() is self.thread()
        self.told.append(("succeeded", ticket, result))

    @Slot(int, object)
    def fail(self, ticket: int, error: object) -> None:
        self.told.append(("failed", ticket, str(error)))

    @Slot(int)
    def stop(self, ticket: int) -> None:
        self.told.append(("stopped", ticket, None))


@pytest.fixture
def lane(qapp: object) -> Iterator[Lane]:
    lane = Lane()
    yield lane
    assert lane.shutdown()
    lane.deleteLater()


@pytest.fixture
def ends(lane: Lane) -> Ends:
    return Ends(lane)


class Blocked:
    """A job that stands still inside its second step until ``go`` is set."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.go = threading.Event()
        self.closed_on: QThread | None = None
        self.ran_on: QThread | None = None

    def job(self) -> Generator[str, None, str]:
        self.ran_on = QThread.currentThread()
        try:
            yield "begun"
            self.inside.set()
            self.go.wait(20)
            yield "gone on"
            return "result"
        finally:
            self.closed_on = QThread.currentThread()


def count(n: int) -> Generator[int, None, str]:
    yield from range(n)
    return f"{n} counted"


def test_yields_are_reported_and_the_result_follows(qtbot: QtBot, lane: Lane, ends: Ends) -> None:
    with qtbot.waitSignal(lane.succeeded):
        ticket = lane.submit(lambda: count(2))
    assert ends.told == [
        ("reported", ticket, 0),
        ("reported", ticket, 1),
        ("succeeded", ticket, "2 counted"),
    ]


def test_an_error_is_handed_on_and_the_next_job_runs(qtbot: QtBot, lane: Lane, ends: Ends) -> None:
    def broken() -> Generator[int, None, None]:
        yield 1
        raise ValueError("broken")

    with qtbot.waitSignal(lane.failed):
        lane.submit(broken)
    with qtbot.waitSignal(lane.succeeded):
        lane.submit(lambda: count(0))
    assert [word for word, _, _ in ends.told] == ["reported", "failed", "succeeded"]


def test_the_newest_job_stops_the_running_one_and_replaces_the_waiting_one(
    qtbot: QtBot, lane: Lane, ends: Ends
) -> None:
    blocked = Blocked()
    with qtbot.waitSignal(lane.reported):
        first = lane.submit(blocked.job)
    second = lane.submit(lambda: count(1))
    third = lane.submit(lambda: count(0))
    assert ("stopped", second, None) in ends.told
    with qtbot.waitSignal(lane.succeeded):
        blocked.go.set()
    assert [told for told in ends.told if told[0] != "reported"] == [
        ("stopped", second, None),
        ("stopped", first, None),
        ("succeeded", third, "0 counted"),
    ]
    assert blocked.closed_on is blocked.ran_on is not None
    assert lane.is_newest(third)
    assert not lane.is_newest(first)


def test_a_held_job_goes_no_further_until_it_is_let_go(qtbot: QtBot, lane: Lane, ends: Ends) -> None:
    blocked = Blocked()
    with qtbot.waitSignal(lane.reported):
        ticket = lane.submit(blocked.job)
    assert blocked.inside.wait(20)
    lane.hold(held=True)
    with qtbot.waitSignal(lane.reported, check_params_cb=lambda _, event: event == "gone on"):
        blocked.go.set()
    with qtbot.assertNotEmitted(lane.succeeded, wait=20):
        pass
    with qtbot.waitSignal(lane.succeeded):
        lane.hold(held=False)
    assert ends.told[-1] == ("succeeded", ticket, "result")


def test_shutting_down_is_bounded_even_in_the_middle_of_a_step(qtbot: QtBot, qapp: object) -> None:
    lane = Lane()
    blocked = Blocked()
    with qtbot.waitSignal(lane.reported):
        lane.submit(blocked.job)
    assert blocked.inside.wait(20)
    assert not lane.shutdown(timeout=0.02)
    blocked.go.set()
    assert lane.wait(10_000)
    assert blocked.closed_on is blocked.ran_on


def test_nothing_runs_after_the_end(qtbot: QtBot, qapp: object) -> None:
    lane = Lane()
    assert lane.shutdown()
    lane.submit(lambda: count(1))
    assert not lane.isRunning()
    lane.deleteLater()
