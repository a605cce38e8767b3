"""Events that long jobs yield: small, frozen, and the same for a script, the command line and a window.

A long job of the core is a generator: it yields these events and returns its result.
:func:`finish` runs such a generator to its end and hands the result back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Event:
    """Base of every event; :meth:`as_dict` is its JSON form with the class name under ``event``."""

    def as_dict(self) -> dict[str, Any]:
        return {"event": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class Progress(Event):
    """``done`` of ``total`` units of ``phase`` are finished (``total`` 0 = unknown)."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True)
class Note(Event):
    """Something the user should know although the job goes on (a smaller batch, a skipped file)."""

    message: str


@dataclass(frozen=True)
class TileDone(Event):
    """Tile number ``done`` of ``total`` has been blended in; its place is rows y0:y1, columns x0:x1."""

    done: int
    total: int
    y0: int
    x0: int
    y1: int
    x1: int


@dataclass(frozen=True)
class StepDone(Event):
    """One optimizer step: its number, its loss, the learning rate and seconds since the start."""

    step: int
    loss: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class EpochDone(Event):
    """One validation: scores per image, averaged (paper, section IV.C), and whether it is the best so far."""

    step: int
    scores: dict[str, float]
    best: bool
    seconds: float


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """The state from which training can resume is on disk."""

    step: int
    path: str


def finish(job: Generator[Event, None, R], listen: Callable[[Event], None] | None = None) -> R:
    """Run a generator job to its end, hand each event to ``listen``, and return the job's result."""
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                result: R = stop.value
                return result
            if listen is not None:
                listen(event)
    finally:
        job.close()
