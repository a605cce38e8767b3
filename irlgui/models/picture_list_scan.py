"""Finding the pictures below folders without making the window wait."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.job import Job
from irlgui.models.picture_list_entry import absolute, natural_key
from irlnet_core.evidence.image import READ, UNREAD
from irlnet_core.progress import Event, Note

_WANTED = (*READ, *UNREAD)
_PORTION = 250
_PATIENCE = 0.1  # seconds after which a portion is handed on even if it is small or empty


@dataclass(frozen=True)
class PicturesFound(Event):
    """Some more pictures."""

    paths: tuple[Path, ...]


def scan_pictures(paths: Iterable[Path]) -> Generator[Event, None, int]:
    """Yield files as given and the pictures below folders in portions; return how many.

    The rules are those of the core's ``find_images`` among evidence: known extensions in any letter case,
    those of photographs that are not read too; nothing hidden; linked folders are not followed. A place that
    can't be searched becomes a :class:`Note`; the others go on.
    """
    portion: list[Path] = []
    count, told = 0, time.monotonic()
    for found in _walk(paths):
        if isinstance(found, Note):
            yield found
        elif found:
            portion.append(found)
        if len(portion) == _PORTION or time.monotonic() - told > _PATIENCE:
            count += len(portion)
            yield PicturesFound(tuple(portion))
            portion.clear()
            told = time.monotonic()
    yield PicturesFound(tuple(portion))
    return count + len(portion)


def _walk(paths: Iterable[Path]) -> Generator[Path | Note | None, None, None]:
    """Yield pictures, notes, and None after each folder: a search that finds nothing can be stopped too."""
    waiting = [absolute(path) for path in reversed(list(paths))]
    named = set(waiting)
    while waiting:
        place = waiting.pop()
        if place in named and not os.path.isdir(place):  # noqa: PTH112 - Path's raises for closed folders
            yield _name(place)
            continue
        try:
            with os.scandir(place) as entries:
                folders = yield from _sort(entries)
        except OSError as error:
            yield Note(f"{place}: cannot be searched ({error.strerror}).")
        else:
            waiting += sorted(folders, reverse=True)
        yield None


def _name(place: str) -> Path | Note:
    """Return a file that was named, or why there is none."""
    try:
        os.stat(place)  # noqa: PTH116 - its error tells a closed folder from a missing file
    except (FileNotFoundError, NotADirectoryError):
        return Note(f"{place}: does not exist.")
    except OSError as error:
        return Note(f"{place}: cannot be read ({error.strerror}).")
    return Path(place)


def _sort(entries: Iterable[os.DirEntry[str]]) -> Generator[Path, None, list[str]]:
    """Yield the pictures among a folder's entries by name; return the folders below it."""
    folders = []
    for entry in sorted(entries, key=lambda entry: natural_key(entry.name)):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
        elif entry.name.lower().endswith(_WANTED) and _may_be_a_picture(entry):
            yield Path(entry.path)
    return folders


class FolderScan(QObject):
    """Searches files and folders one order after the other, on a thread of its own."""

    found = Signal(object)  # tuple of Path
    noted = Signal(str)  # a place that can't be searched
    ended = Signal()  # all orders are done, or the search was stopped

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._waiting: list[Path] = []
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Tell whether a search is under way."""
        return self._job is not None

    def scan(self, paths: Iterable[Path]) -> None:
        """Search these files and folders too."""
        self._waiting += paths
        self._start()

    def stop(self) -> None:
        """Stop searching; what was told stays, and no more comes."""
        self._waiting.clear()
        self._stopped = True
        if self._job:
            self._job.cancel()

    def shutdown(self, timeout_ms: int = 10_000) -> bool:
        """Stop, and return whether the thread has ended in time."""
        self.stop()
        return self._job is None or self._job.wait(timeout_ms)

    def _start(self) -> None:
        if self._job or not self._waiting:
            return
        paths, self._waiting, self._stopped = self._waiting, [], False
        self._job = Job(lambda: scan_pictures(paths), self)
        self._job.reported.connect(self._on_reported)
        self._job.failed.connect(self._on_failed)
        self._job.finished.connect(self._on_finished)
        self._job.start()

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if self._stopped:
            return
        if isinstance(event, PicturesFound):
            self.found.emit(event.paths)
        elif isinstance(event, Note):
            self.noted.emit(event.message)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        """Let a fault of ours be seen where the program shows such faults."""
        raise error

    @Slot()
    def _on_finished(self) -> None:
        if self._job:
            self._job.deleteLater()
        self._job = None
        self._start()
        if self._job is None:
            self.ended.emit()


def _may_be_a_picture(entry: os.DirEntry[str]) -> bool:
    """Keep files, and links that lead nowhere or into a closed folder: none is left out in silence."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))  # noqa: PTH110
    except OSError:
        return True
