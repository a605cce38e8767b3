"""Many pictures, one worker: what waits, what runs, and what came of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, QRect, Signal, Slot

from irlgui.jobs import tasks
from irlgui.jobs.device import DeviceUsed, device_line
from irlgui.jobs.lane import Lane
from irlgui.jobs.partial_map import PartialMap
from irlgui.jobs.request import AnalysisRequest
from irlgui.session import Analysis
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.progress import Event, Note

_log = logging.getLogger(__name__)


class AnalysisQueue(QObject):
    """Analyses pictures one after the other on a thread of its own; the failure of one never stops others.

    Every slot returns at once. A picture's state is "queued", "running", and then "done", "failed", or "new"
    again when it was cancelled; the facts that go with it are what :meth:`PictureList.set_state` takes.
    """

    state_changed = Signal(object, str, object)  # Path, state, facts
    progress = Signal(object, object)  # Path, irlnet_core.progress.Event
    tile_ready = Signal(object, object)  # Path, PartialMap
    analysed = Signal(object, object)  # Path, session.Analysis
    failed = Signal(object, object)  # Path, Exception
    noted = Signal(object, str)  # Path, a sentence the analyst should read: a halved batch, an area only
    cancelling = Signal(object)  # Path: asked to stop, has not ended yet
    device_changed = Signal(str)  # device_line() of what is really used
    paused_changed = Signal(bool)
    emptied = Signal()  # nothing waits and nothing runs any more

    def __init__(self, store: ResultStore | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.paused = False
        self.device: DeviceUsed | None = None
        self._options: dict[str, Any] = {}
        self._waiting: dict[Path, AnalysisRequest] = {}
        self._running: AnalysisRequest | None = None
        self._ticket = 0
        self._ending = self._delivered = False
        self._stop = threading.Event()
        self._engine = tasks.Engine()
        self._lane = Lane(self)
        self._lane.reported.connect(self._take_report)
        self._lane.succeeded.connect(self._take_success)
        self._lane.failed.connect(self._take_failure)
        self._lane.stopped.connect(self._take_stop)

    @property
    def running(self) -> Path | None:
        """Return the picture that is being analysed."""
        return self._running.path if self._running else None

    @property
    def waiting(self) -> list[Path]:
        """Return the pictures that wait, in their order."""
        return list(self._waiting)

    @property
    def left(self) -> int:
        """Return how many pictures wait."""
        return len(self._waiting)

    def configure(
        self,
        *,
        device: str = "auto",
        precision: Literal["float32", "bfloat16"] = "float32",
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> None:
        """Set what holds for all pictures that are queued from now on."""
        self._options = {"device": device, "precision": precision, "max_pixels": max_pixels}

    def enqueue(
        self,
        paths: Iterable[Path],
        *,
        model: str | Path | None = None,
        area: Area | QRect | None = None,
        start: tuple[float, float] | None = None,
        fresh: bool = False,
        first: bool = False,
    ) -> None:
        """Queue pictures; one that waits gets the new parameters, one that runs with others is stopped first.

        ``model`` is a name or folder, ``area`` a part of the picture in its pixels, ``start`` = (y, x) the
        point whose tiles come first. ``fresh`` computes again what is kept; ``first`` goes before all that
        wait.
        """
        if isinstance(area, QRect):
            area = Area(area.x(), area.y(), area.width(), area.height())
        asked = {
            path: AnalysisRequest(path, model, area=area, start=start, fresh=fresh, **self._options)
            for path in map(Path, paths)
        }
        self._admit(asked, first=first)

    def change_model(self, model: str | Path) -> None:
        """Analyse what waits with another model, and what runs once more from its beginning."""
        over = self._ending or self._delivered
        asked = [*([self._running] if self._running and not over else []), *self._waiting.values()]
        self._admit({one.path: replace(one, model=model) for one in asked}, first=True)

    def pause(self) -> None:
        """Hold the running picture after its current tiles, and start no other."""
        self._set_paused(paused=True)

    def resume(self) -> None:
        """Go on where :meth:`pause` held."""
        self._set_paused(paused=False)
        self._start_next()

    def cancel(self, path: Path | None = None) -> None:
        """Take one picture off the queue, or all of them; what runs stops before its next layer."""
        wanted = list(self._waiting) if path is None else [Path(path)]
        gone = [one for one in wanted if self._waiting.pop(one, None)]
        for one in gone:
            self.state_changed.emit(one, "new", {})
        if path is None or self.running in wanted:
            self._stop_running()
        if path is None:
            self._set_paused(paused=False)
        self._tell_if_empty()

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Stop everything for good, waiting at most ``timeout`` seconds; tell whether the thread ended."""
        self._waiting.clear()
        self._running = None
        self._stop.set()
        return self._lane.shutdown(timeout)

    def _admit(self, asked: dict[Path, AnalysisRequest], *, first: bool) -> None:
        if self._running and self._running == asked.get(self._running.path) and not self._ending:
            del asked[self._running.path]
        elif self.running in asked:
            self._stop_running()
        rest = {path: request for path, request in self._waiting.items() if path not in asked}
        self._waiting = {**asked, **rest} if first else {**self._waiting, **asked}
        for path in asked:
            self.state_changed.emit(path, "queued", {})
        self._start_next()

    def _start_next(self) -> None:
        if self._running or self.paused or not self._waiting:
            return
        path = next(iter(self._waiting))
        request = self._running = self._waiting.pop(path)
        self._ending = self._delivered = False
        engine, store = self._engine, self.store
        stop = self._stop = threading.Event()
        self.state_changed.emit(path, "running", {})
        self._ticket = self._lane.submit(lambda: tasks.analyse(request, engine, store, stop.is_set))

    def _stop_running(self) -> None:
        if self._running and not self._delivered and not self._ending:
            self._ending = True
            self.cancelling.emit(self._running.path)
            self._stop.set()
            self._lane.stop()

    def _set_paused(self, *, paused: bool) -> None:
        if paused != self.paused:
            self.paused = paused
            self._lane.hold(held=paused)
            self.paused_changed.emit(paused)

    @Slot(int, object)
    def _take_report(self, ticket: int, event: object) -> None:
        if ticket != self._ticket or self._running is None or self._ending:
            return
        path = self._running.path
        if isinstance(event, PartialMap):
            self.tile_ready.emit(path, event)
        elif isinstance(event, Analysis):
            self._delivered = True
            self._deliver(path, event)
        elif isinstance(event, DeviceUsed):
            self.device = event
            self.device_changed.emit(device_line(event))
        elif isinstance(event, Event):
            if isinstance(event, Note):
                self.noted.emit(path, event.message)
            self.progress.emit(path, event)

    def _deliver(self, path: Path, analysis: Analysis) -> None:
        self.state_changed.emit(path, "done", facts_of(analysis))
        self.analysed.emit(path, analysis)

    @Slot(int, object)
    def _take_success(self, ticket: int, _result: object) -> None:
        self._end(ticket)

    @Slot(int)
    def _take_stop(self, ticket: int) -> None:
        self._end(ticket)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        if not isinstance(error, IrlnetError):
            _log.error("An analysis ended unexpectedly", exc_info=error)
        self._end(ticket, error)

    def _end(self, ticket: int, error: Exception | None = None) -> None:
        """The running picture is over: tell what became of it, then go on."""
        if ticket != self._ticket or self._running is None:
            return
        path, self._running = self._running.path, None
        if self._delivered and error:
            self.noted.emit(path, explain(error))
        elif self._ending and path not in self._waiting:
            self.state_changed.emit(path, "new", {})
        elif error and not self._ending:
            self.state_changed.emit(path, "failed", {"error": explain(error)})
            self.failed.emit(path, error)
        self._start_next()
        self._tell_if_empty()

    def _tell_if_empty(self) -> None:
        if not self._running and not self._waiting:
            self._set_paused(paused=False)  # else the next picture would wait for nobody
            self.emptied.emit()


def facts_of(analysis: Analysis) -> dict[str, Any]:
    """Return what the browser knows: response; regions and area at the record's threshold; the model."""
    regions = analysis.record.regions
    return {
        "response": float(analysis.localization.probability.max()),
        "regions": regions.count,
        "area": regions.listed_fraction,
        "model": analysis.model_name,
        "sha256": analysis.image_sha256,
    }


def explain(error: Exception) -> str:
    """Return an error's reason and cure without the path, for a place that names the picture itself."""
    if isinstance(error, IrlnetError):
        return f"{error.reason} {error.cure}".strip()
    return f"{type(error).__name__}: {error}"
