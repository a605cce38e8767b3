"""The case that is open: opened and closed here, its changes counted until they are on the disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.case_doors import Carried, door_to, door_to_automatic, door_to_new, is_automatic
from irlgui.jobs.case_thread import CaseThread, Change, Door, Opened, Saving
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import CaseFacts
from irlnet_core.case.overview import Overview
from irlnet_core.errors import IrlnetError

Key = tuple[str, str]


@dataclass(frozen=True)
class CaseState:
    """What the window says about the case: its file, and whether all is on the disk.

    ``waiting`` counts the changes that are not; ``problem`` says why they can't be written now. ``refused``
    counts those that never will be.
    """

    path: Path | None = None
    facts: CaseFacts | None = None
    automatic: bool = True
    read_only: bool = False
    waiting: int = 0
    problem: str = ""
    refused: int = 0


class OpenCase(QObject):
    """Owns the thread of the open case; another case is opened beside it, and takes its place if that works.

    Nothing here waits for the disk, but for the moment in which one case is left for another. What is shown
    as saved is on the disk: a change counts until it is.
    """

    opened = Signal(object)  # Opened: another case is open from now on
    changed = Signal(object)  # CaseState
    flush_asked = Signal()  # put what is held back: another case is about to be opened
    noted = Signal(str)

    def __init__(self, folder: Path, former: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._former = folder, former
        self.ready = False
        self.head: ChainHead | None = None
        self.state = CaseState()
        self._thread: CaseThread | None = None
        self._next: CaseThread | None = None
        self._held: set[Key] = set()
        self._first_head: ChainHead | None = None

    @property
    def name(self) -> str:
        """Return what the case is called: its number and title, or its file."""
        facts, path = self.state.facts, self.state.path
        if self.state.automatic or facts is None or path is None:
            return self.tr("Automatic case")
        return " ".join(part for part in (facts.number, facts.title) if part) or path.stem

    def start(self) -> None:
        """Open the automatic case."""
        self._thread = self._connect(CaseThread(door_to_automatic(self._folder, self._former), self))
        self._thread.start()

    def open(self, path: Path) -> None:
        """Open another case; the present one stays open unless that works."""
        if self.state.path and is_same_file(path, self.state.path):
            self.noted.emit(self.tr("{} is the case that is open.").format(path))
            return
        self._begin(door_to(path))

    def open_automatic(self) -> None:
        """Go back to the automatic case."""
        if not (self.ready and self.state.automatic):
            self._begin(replace(door_to_automatic(self._folder, self._former), patient=False))

    def create(self, path: Path, facts: Mapping[str, str], carried: Carried | None = None) -> None:
        """Make a new case and open it, with what was said elsewhere about some pictures."""
        self._begin(door_to_new(path, facts, carried))

    def try_again(self) -> None:
        """Try now what could not be written."""
        if self._thread:
            self._thread.try_again()

    def shutdown(self, timeout: float = 5.0) -> bool:
        """Save and end; tell whether all is on the disk and the threads have ended."""
        threads = [thread for thread in (self._next, self._thread) if thread]
        return min([thread.shutdown(timeout) for thread in threads], default=True)

    def settle(self, seconds: float) -> bool:
        """Wait until everything is on the disk, at most so long; tell whether it is."""
        return self._thread is None or self._thread.settle(seconds)

    def ask(self, do: Callable[[CaseFile], Any]) -> Future[Any] | None:
        """Read from the case on its thread; None without a case."""
        return self._thread.ask(do) if self._thread else None

    def hold(self, key: Key) -> None:
        """Something was changed that is put a moment later: it counts as not saved from now on."""
        if key not in self._held:
            self._held.add(key)
            self._tell()

    def release(self, key: Key) -> None:
        """What was held is put now, or was taken back."""
        if key in self._held:
            self._held.discard(key)
            self._tell()

    def _forget(self) -> None:
        """Another case is open: nothing of the former one is known any more."""

    def _take_contents(self, overview: Overview) -> None:
        """Take what the case on the disk holds."""

    def _begin(self, door: Door) -> None:
        if self._next:
            self.noted.emit(self.tr("Another case is just being opened. Try again when that has ended."))
            return
        self._next = self._connect(CaseThread(door, self))
        self._next.start()

    def _connect(self, thread: CaseThread) -> CaseThread:
        thread.opened.connect(self._take_opened)
        thread.not_opened.connect(self._take_not_opened)
        thread.saving.connect(self._take_saving)
        thread.refused.connect(self._take_refusal)
        return thread

    @Slot(object)
    def _take_opened(self, opened: Opened) -> None:
        if self._next and self.sender() is self._next:
            if not self._leave():
                self._drop_next()
                return
            self._thread, self._next, self._held = self._next, None, set()
            self._forget()
        elif self.sender() is not self._thread:
            return  # it was left before it had come so far
        self.ready, self._first_head = True, opened.overview.head
        self._take_contents(opened.overview)
        self._tell(
            path=opened.path,
            facts=opened.overview.facts,
            automatic=is_automatic(opened.path, self._folder),
            read_only=opened.read_only,
            problem="",
            refused=0,
        )
        self.opened.emit(opened)
        for note in opened.notes:
            self.noted.emit(note)

    def _leave(self) -> bool:
        """Close the present case once all of it is on the disk; tell whether it is."""
        self.flush_asked.emit()
        former = self._thread
        if former is None:
            return True
        if former.settle(10.0):
            former.shutdown(10.0)
            former.deleteLater()
            return True
        text = self.tr("The other case was not opened: {} changes of this one are not saved. {}")
        self.noted.emit(text.format(former.waiting, self.state.problem))
        return False

    def _drop_next(self) -> None:
        thread, self._next = self._next, None
        if thread:
            thread.shutdown()
            thread.deleteLater()

    @Slot(object)
    def _take_not_opened(self, error: IrlnetError) -> None:
        if self._next and self.sender() is self._next:
            self._drop_next()
            self.noted.emit(self.tr("The case was not opened. {}").format(error))
        else:
            text = self.tr("The automatic case can't be opened yet, so nothing is saved. {}")
            self.noted.emit(text.format(error))

    @Slot(object)
    def _take_saving(self, saving: Saving) -> None:
        if self.sender() is not self._thread:
            return
        self.head = saving.head or self.head
        if saving.problem and not self.state.problem:
            text = self.tr("Not saved: {} Your work is kept in memory, and saving is tried again.")
            self.noted.emit(text.format(saving.problem))
        elif self.state.problem and not saving.problem:
            self.noted.emit(self.tr("Your work is saved again."))
        written = saving.head is not None and saving.head != self._first_head
        self._tell(problem=saving.problem, read_only=self.state.read_only and not written)

    @Slot(str, object)
    def _take_refusal(self, what: str, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        self._tell(refused=self.state.refused + 1)
        self.noted.emit(self.tr("Not saved: {}. {}").format(what, error))
        if not isinstance(error, IrlnetError):
            raise error

    def _put(self, key: Key, what: str, do: Callable[[CaseFile], object]) -> None:
        if self._thread:
            self._thread.put(Change(key, what, do))
            self._tell()

    def _tell(self, **changes: Any) -> None:
        waiting = len(self._held) + (self._thread.waiting if self._thread else 0)
        state = replace(self.state, waiting=waiting, **changes)
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, without opening it."""
    try:
        return one.samefile(other)
    except OSError:
        return False
