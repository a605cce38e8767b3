"""Thumbnails made in the background: what is on the screen comes first, what scrolled away is forgotten."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from irlgui.jobs.job import Job
from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.models.thumbnail_reader import decode, encode, read_thumbnail
from irlnet_core.errors import ImageReadError
from irlnet_core.progress import Event, Progress

SIDE = 256  # pixels of the longer side: a tile of 120 points on a screen of twice the density
_THREADS = 2


@dataclass(frozen=True)
class ThumbnailMade(Event):
    """The thumbnail of ``path``, or the reason why there is none."""

    path: Path
    image: QImage | None
    reason: str = ""


class Thumbnails(QObject):
    """Makes the thumbnails that :meth:`want` asks for, on a few threads that end when all is done."""

    made = Signal(object, object)  # Path, QImage
    refused = Signal(object, str)  # Path, reason
    cleared = Signal()  # the cache on the disk is empty

    def __init__(self, cache: ThumbnailCache | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = cache
        self._wishes = _Wishes()
        self._jobs: list[Job] = []
        self._clearing: Job | None = None
        self._trimming: Job | None = None
        self._closed = False

    @property
    def busy(self) -> bool:
        """Tell whether a thread is at work."""
        return bool(self._jobs)

    def want(self, paths: Iterable[Path]) -> None:
        """Make these thumbnails, in this order, and forget all former wishes that were not begun."""
        if self._closed:
            return
        self._wishes.replace(paths)
        self._employ()

    def clear_cache(self) -> None:
        """Empty the cache on the disk, off the GUI thread: there may be tens of thousands of files."""
        cache = self.cache
        if cache is None or self._clearing is not None or self._closed:
            return
        self._clearing = Job(lambda: _clear(cache), self)
        self._clearing.failed.connect(self._on_failed)
        self._clearing.finished.connect(self._on_cleared)
        self._clearing.start()

    def limit_cache(self, cap_bytes: int) -> None:
        """Give the cache on the disk another size; what is too much goes at once, off the GUI thread."""
        cache = self.cache
        if cache is None or self._closed:
            return
        cache.cap_bytes = cap_bytes
        if self._trimming is None:
            self._trimming = Job(lambda: _trim(cache), self)
            self._trimming.failed.connect(self._on_failed)
            self._trimming.finished.connect(self._on_trimmed)
            self._trimming.start()

    def shutdown(self, timeout_ms: int = 10_000) -> bool:
        """Stop after the pictures that are being decoded; return whether all threads have ended in time."""
        self._closed = True
        self._wishes.replace(())
        for job in self._jobs:
            job.cancel()
        return all(job.wait(timeout_ms) for job in (*self._jobs, self._clearing, self._trimming) if job)

    def _employ(self) -> None:
        while len(self._wishes) and len(self._jobs) < _THREADS:
            # The thread holds no reference to this object: the last one must go on the GUI thread.
            job = Job(partial(_make_wished, self._wishes, self.cache), self)
            job.reported.connect(self._on_reported)
            job.failed.connect(self._on_failed)
            job.finished.connect(self._on_finished)
            self._jobs.append(job)
            job.start()

    @Slot(object)
    def _on_reported(self, event: ThumbnailMade) -> None:
        if self._closed:
            return
        if event.image is None:
            self.refused.emit(event.path, event.reason)
        else:
            self.made.emit(event.path, event.image)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        """Let a fault of ours be seen where the program shows such faults."""
        raise error

    @Slot()
    def _on_cleared(self) -> None:
        if self._clearing:
            self._clearing.deleteLater()
        self._clearing = None
        self.cleared.emit()

    @Slot()
    def _on_trimmed(self) -> None:
        if self._trimming:
            self._trimming.deleteLater()
        self._trimming = None

    @Slot()
    def _on_finished(self) -> None:
        ended = [job for job in self._jobs if job.isFinished()]
        self._jobs = [job for job in self._jobs if job not in ended]
        for job in ended:
            job.deleteLater()
        if not self._closed:
            self._employ()  # a wish may have come just when the last thread left


def make_thumbnail(path: Path, cache: ThumbnailCache | None = None, side: int = SIDE) -> Image.Image:
    """Return a picture's thumbnail from the cache, or make it and keep it there. Raises ImageReadError."""
    if cache is None:
        return read_thumbnail(path, side)
    try:
        key = cache.key(path, side)
    except (OSError, ValueError):
        return read_thumbnail(path, side)  # which says why it can't be read
    kept = _from_cache(cache, key)
    if kept is None:
        kept = read_thumbnail(path, side)
        cache.put(key, encode(kept), evidence=path)
    return kept


def _from_cache(cache: ThumbnailCache, key: str) -> Image.Image | None:
    data = cache.get(key)
    if data is None:
        return None
    try:
        return decode(data)
    except (OSError, ValueError):
        cache.drop(key)
        return None


def _make_wished(wishes: _Wishes, cache: ThumbnailCache | None) -> Generator[Event, None, None]:
    while (path := wishes.take()) is not None:
        try:
            made = _make(path, cache)
        finally:
            wishes.release(path)  # before it is told: who hears of it may wish for it again at once
        yield made


def _make(path: Path, cache: ThumbnailCache | None) -> ThumbnailMade:
    try:
        return ThumbnailMade(path, _to_qimage(make_thumbnail(path, cache)))
    except ImageReadError as error:
        return ThumbnailMade(path, None, f"{error.reason} {error.cure}".strip())


def _clear(cache: ThumbnailCache) -> Generator[Event, None, None]:
    cache.clear()
    yield Progress("clear", 1, 1)


def _trim(cache: ThumbnailCache) -> Generator[Event, None, None]:
    """Trim until the limit holds still: the analyst may still be turning it."""
    cap = None
    while cap != cache.cap_bytes:
        cap = cache.cap_bytes
        cache.trim()
        yield Progress("trim", 1, 1)


def _to_qimage(picture: Image.Image) -> QImage:
    data = picture.tobytes()
    shared = QImage(data, picture.width, picture.height, picture.width * 3, QImage.Format.Format_RGB888)
    return shared.convertToFormat(QImage.Format.Format_RGB32)  # bytes of its own, in the format drawn fastest


class _Wishes:
    """The pictures still to be done, shared by the threads; none is taken twice at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Path] = deque()
        self._taken: set[Path] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def replace(self, paths: Iterable[Path]) -> None:
        with self._lock:
            self._waiting = deque(path for path in paths if path not in self._taken)

    def take(self) -> Path | None:
        with self._lock:
            if not self._waiting:
                return None
            path = self._waiting.popleft()
            self._taken.add(path)
            return path

    def release(self, path: Path) -> None:
        with self._lock:
            self._taken.discard(path)
