"""One process at a time in a run's folder: a lock of the operating system, gone when its holder dies."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from irlnet_core.errors import OutputError

LOCK = ".lock"
_PAUSE = 0.2


@contextlib.contextmanager
def hold(folder: Path, *, patience: float = 6.0) -> Iterator[None]:
    """Hold the folder's lock; wait ``patience`` seconds for a process that is just ending.

    Raises :class:`OutputError` when another process trains there.
    """
    path = Path(folder) / LOCK
    with path.open("a+b") as file:
        until = time.monotonic() + patience
        while not _try(file):
            if time.monotonic() > until:
                raise OutputError(
                    "is in use: another process trains there.",
                    path=folder,
                    cure="Wait for it, or stop it.",
                )
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            file.close()  # Windows removes no open file
            _tidy(path)


def _tidy(lock: Path) -> None:
    """Take the lock's file and the folder away when nothing else is left: a run that was cancelled."""
    with contextlib.suppress(OSError):
        if all(path.name == LOCK for path in lock.parent.iterdir()):
            lock.unlink(missing_ok=True)
            lock.parent.rmdir()


if sys.platform == "win32":
    import msvcrt

    def _try(file: BinaryIO) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
