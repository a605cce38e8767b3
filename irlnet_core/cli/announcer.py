"""What ``irlnet localize`` says while it works: lines and a bar for people, or events for programs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.cli.progress_bar import ProgressBar, printable
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.export import Results
from irlnet_core.evidence.regions import Regions
from irlnet_core.inference.analysis import summarize
from irlnet_core.progress import Event, Note, TileDone


@dataclass(frozen=True)
class PictureStarted(Event):
    """Picture ``number`` of ``total`` is being analysed; the events after it belong to it."""

    path: str
    number: int
    total: int


@dataclass(frozen=True)
class PictureDone(Event):
    """The results of one picture are on the disk; ``area_fraction`` (0..1) is of the listed regions."""

    path: str
    regions: int
    area_fraction: float
    threshold: float
    probability: str
    mask: str
    overlay: str
    record: str


@dataclass(frozen=True)
class PictureFailed(Event):
    """The picture at ``path`` has no results, because …; a place that gave no picture, likewise."""

    path: str
    reason: str
    cure: str


class Announcer:
    """Speaks on stdout (results, or ``events`` as JSON lines) and stderr (bar, notes, errors).

    ``quiet`` mutes everything but errors and events.
    """

    def __init__(self, *, events: bool, quiet: bool) -> None:
        self._events = events
        self._plain = not events and not quiet
        self._bar = ProgressBar(sys.stderr, quiet=not self._plain)
        self._finished: list[Regions] = []
        self._name = ""

    def start(self, path: Path, number: int, total: int) -> None:
        """Say which picture comes now."""
        self._name = path.name
        self._bar.start(path.name)
        self._emit(PictureStarted(str(path), number, total))

    def listen(self, event: Event) -> None:
        """Pass on an event of the localizer."""
        self._emit(event)
        if isinstance(event, TileDone):
            self._bar.update(event.done, event.total)
        elif isinstance(event, Note) and self._plain:
            self._bar.clear()
            print(printable(f"note: {self._name}: {event.message}"), file=sys.stderr)

    def done(self, path: Path, regions: Regions, results: Results) -> None:
        """Say what was found in a picture and where it is written."""
        self._bar.clear()
        self._finished.append(regions)
        area = regions.listed_fraction
        places = {name: str(place) for name, place in vars(results).items()}
        self._emit(PictureDone(str(path), regions.count, area, regions.threshold, **places))
        if self._plain:
            noun = "region" if regions.count == 1 else "regions"
            found = f"{regions.count} {noun}  {100 * area:.2f} %"
            print(printable(f"{path.name}  {found}  {results.overlay}"), flush=True)

    def fail(self, path: Path | None, error: IrlnetError) -> None:
        """Say why a picture has no results: always, on stderr."""
        self._bar.clear()
        place = f"{path}: " if path not in (None, error.path) else ""
        print(printable(f"irlnet: {place}{error}"), file=sys.stderr, flush=True)
        where = f"{error.path}: " if error.path not in (None, path) else ""
        self._emit(PictureFailed(str(path or error.path or ""), where + error.reason, error.cure))

    def close(self) -> None:
        """Take the bar away and say what the results are not."""
        self._bar.clear()
        if not self._plain or not self._finished:
            return
        if len(self._finished) == 1:
            print(summarize(self._finished[0]))
        else:
            print("Regions are tool results, not a finding that a picture was manipulated.")

    def _emit(self, event: Event) -> None:
        if self._events:
            print(json.dumps(event.as_dict()), flush=True)
