"""Thumbnails kept on the disk between sessions, in the program's own cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from irlgui.models.picture_list_entry import absolute
from irlnet_core.files import is_inside

_MAGIC = b"IRLT1\n"
_HEAD = len(_MAGIC) + 4  # and a CRC-32
_SUFFIX = ".thumb"
_ROOM = 0.9  # an eviction makes room for more than one entry, so that the next one does not evict again


class ThumbnailCache:
    """Entries of bytes in ``folder``, at most ``cap_bytes`` together; the longest unused go first.

    Safe to use from several threads and by several windows at once. A damaged entry counts as missing. What
    can't be written is not kept, without an error: a cache is never the reason why something fails.
    """

    def __init__(self, folder: Path, cap_bytes: int) -> None:
        self.folder = Path(folder)
        self.cap_bytes = cap_bytes
        self._lock = threading.Lock()
        self._total: int | None = None  # counted when first needed, on the thread that needs it

    def key(self, path: Path, side: int) -> str:
        """Return the name under which a file's thumbnail is kept: it changes with path, size and time.

        Raises :class:`OSError` where the file is not there.
        """
        status = Path(path).stat()
        text = f"{absolute(path)}\0{status.st_size}\0{status.st_mtime_ns}\0{side}"
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def get(self, key: str) -> bytes | None:
        """Return an entry and note that it was used, or None where there is none or it is damaged."""
        place = self._place(key)
        try:
            data = place.read_bytes()
            os.utime(place)
        except OSError:
            return None
        payload = data[_HEAD:]
        if data[:_HEAD] != _head_of(payload):
            self.drop(key)
            return None
        return payload

    def put(self, key: str, data: bytes, *, evidence: Path) -> None:
        """Keep an entry, unless the cache's folder lies in or under the folder that holds the evidence."""
        if is_inside(self.folder, evidence.parent) or is_inside(self.folder, evidence.resolve().parent):
            return
        entry = _head_of(data) + data
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # they show what the evidence shows
            _write(self._place(key), entry)
            with self._lock:
                self._total = None if self._total is None else self._total + len(entry)
                if self._count() > self.cap_bytes:
                    self._evict()

    def drop(self, key: str) -> None:
        """Forget an entry."""
        with self._lock:
            self._remove(self._place(key))
            self._total = None

    def clear(self) -> None:
        """Forget all entries. Nothing else that may lie in the folder is touched."""
        with self._lock:
            for path, _ in self._entries():
                self._remove(path)
            self._total = 0

    def trim(self) -> None:
        """Remove the longest unused entries until the rest is within ``cap_bytes``."""
        with self._lock:
            self._total = None
            if self._count() > self.cap_bytes:
                self._evict()

    def size_bytes(self) -> int:
        """Return how much the entries take together, counted anew."""
        with self._lock:
            self._total = None
            return self._count()

    def _place(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{_SUFFIX}"

    def _count(self) -> int:
        if self._total is None:
            self._total = sum(status.st_size for _, status in self._entries())
        return self._total

    def _evict(self) -> None:
        """Remove the longest unused entries; counted again, because another window may write here too."""
        found = sorted(self._entries(), key=lambda entry: entry[1].st_mtime_ns)
        total = sum(status.st_size for _, status in found)
        for path, status in found:
            if total <= self.cap_bytes * _ROOM:
                break
            self._remove(path)
            total -= status.st_size
        self._total = total

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.glob(f"??/*{_SUFFIX}"):
            with contextlib.suppress(OSError):  # another window has just removed it
                yield path, path.stat()

    def _remove(self, place: Path) -> None:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)


def _write(place: Path, entry: bytes) -> None:
    """Put an entry in its place at once, but without waiting for the disk as ``files.write_atomically`` does.

    That wait is longer than making the thumbnail; an entry torn by a power cut is told by its checksum.
    """
    place.parent.mkdir(exist_ok=True)
    temporary = place.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        temporary.write_bytes(entry)
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)


def _head_of(data: bytes) -> bytes:
    return _MAGIC + zlib.crc32(data).to_bytes(4, "big")
