"""Makes other views off the GUI thread and keeps them for the open picture; late answers are dropped."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from irlgui.jobs.lane import Lane
from irlgui.views.other_views_words import say
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.view import View, not_run
from irlnet_core.progress import Event, Progress

Make = Callable[[SuspectImage], Generator[Event, None, View]]
_MOST_KEPT_BYTES = 400_000_000


@dataclass(frozen=True)
class _Awaited:
    ticket: int
    name: str


class ViewMaker(QObject):
    """One view at a time; asking for another stops the former. ``made`` comes for the last one asked for."""

    progressed = Signal(float)  # 0..1
    made = Signal(object)  # View

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = Lane(self)
        self._kept: dict[str, View] = {}
        self._awaited: _Awaited | None = None
        self._lane.reported.connect(self._take_event)
        self._lane.succeeded.connect(self._take_view)
        self._lane.failed.connect(self._take_error)

    @property
    def busy(self) -> bool:
        """Whether a view is being made."""
        return self._awaited is not None

    def kept(self, name: str) -> View | None:
        """Return the view of this name, if it was made for the open picture."""
        return self._kept.get(name)

    def make(self, name: str, make: Make, image: SuspectImage) -> None:
        """Begin to make a view in place of the former one."""
        self._awaited = _Awaited(self._lane.submit(lambda: make(image)), name)

    def stop(self) -> None:
        """Stop what is being made; its answer is dropped."""
        if self._awaited is not None:
            self._awaited = None
            self._lane.stop()

    def forget(self) -> None:
        """Forget all views: there is another picture."""
        self.stop()
        self._kept.clear()

    def shutdown(self, timeout: float = 3.0) -> bool:
        """End the thread; tell whether it has ended."""
        self._awaited = None
        return self._lane.shutdown(timeout)

    def _take_event(self, ticket: int, event: object) -> None:
        if self._is_awaited(ticket) and isinstance(event, Progress) and event.total:
            self.progressed.emit(event.done / event.total)

    def _take_view(self, ticket: int, view: View) -> None:
        if self._awaited is not None and self._is_awaited(ticket):
            self._keep(self._awaited.name, view)
            self._awaited = None
            self.made.emit(view)

    def _take_error(self, ticket: int, error: Exception) -> None:
        """A view that failed did not run; it is not kept, so that looking again tries again."""
        if self._is_awaited(ticket):
            self._awaited = None
            memory = isinstance(error, MemoryError)
            words = say("there is not enough memory.") if memory else say("it failed: {error}")
            self.made.emit(not_run(words.format(error=error)))

    def _is_awaited(self, ticket: int) -> bool:
        return self._awaited is not None and self._awaited.ticket == ticket

    def _keep(self, name: str, view: View) -> None:
        """Keep a view as long as all together stay small; the oldest go first."""
        self._kept[name] = view
        while len(self._kept) > 1 and sum(map(_bytes_of, self._kept.values())) > _MOST_KEPT_BYTES:
            del self._kept[next(iter(self._kept))]


def _bytes_of(view: View) -> int:
    return sum(layer.pixels.nbytes for layer in view.layers)
