"""One training at a time for all windows of a user: a lock file that dies with the process that holds it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLockFile

from irlgui.wizard.plan import runs_folder

LOCK_NAME = "training.lock"


class TrainingLock:
    """Held from the start of a training to its end; a crashed window's lock counts as free."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._file: QLockFile | None = None

    @property
    def held(self) -> bool:
        """Tell whether this window holds the lock."""
        return self._file is not None

    def take(self) -> str:
        """Take the lock; return nothing, or why it can't be had."""
        if self._file is not None:
            return ""
        home = self._home or runs_folder()
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return _tr("The folder for trainings can't be made: {} ({}).").format(
                home, error.strerror or error
            )
        file = QLockFile(str(home / LOCK_NAME))
        file.setStaleLockTime(0)  # by its process only, never by age: a training may take days
        if file.tryLock(0):
            self._file = file
            return ""
        if file.error() == QLockFile.LockError.LockFailedError:
            return _tr("Another window is training right now. Wait for its end, or stop it there.")
        return _tr("The folder for trainings can't be written to: {}.").format(home)

    def release(self) -> None:
        """Let other windows train."""
        if self._file is not None:
            self._file.unlock()
            self._file = None

    def is_free(self) -> bool:
        """Tell whether no other window is training."""
        if self._file is not None:
            return True
        home = self._home or runs_folder()
        if not home.is_dir():
            return True
        file = QLockFile(str(home / LOCK_NAME))
        file.setStaleLockTime(0)
        free = file.tryLock(0)
        if free:
            file.unlock()
        return free or file.error() != QLockFile.LockError.LockFailedError


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingLock", text)
