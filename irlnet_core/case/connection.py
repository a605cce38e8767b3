"""Opening a case file: SQLite with a rollback journal, every commit on the disk, and locked for others."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from irlnet_core.case.tables import APPLICATION_ID
from irlnet_core.errors import DataError, OutputError

SUFFIX = ".irlcase"
_MAGIC = b"SQLite format 3\0"
_REFUSED = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
)  # fmt: skip


class NoCaseError(DataError):
    """The file is missing, no case, or one of another age: this program can't tell whether it is whole."""


class CaseWriteError(OutputError):
    """A case can't be written now: a full disk, a file or folder that is read-only. Try again later."""


class CaseBusyError(OutputError):
    """A case is open in another program."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a case file and lock it until it is closed.

    The lock is the system's and goes with the process, however that ends. Raises :class:`OutputError` when
    it is open elsewhere, :class:`DataError` when it is missing, damaged or no case.
    """
    if not is_case(path):
        reason = "is no case file." if os.path.lexists(path) else "does not exist."
        raise NoCaseError(reason, path=path, cure=f"Name a file of this program ({SUFFIX}).")
    with tell_errors(path):
        connection = open_database(path, "ro" if read_only else "rw")
        try:
            _lock(connection, read_only=read_only)
            _check_application(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_database(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection without the lock; ``mode`` is SQLite's: ro, rw or rwc."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)
    # EXTRA would sync the folder as well, which only a power cut between two commits can tell apart.
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = DELETE", "synchronous = FULL"):
        if mode != "ro" or not pragma.startswith("journal"):
            connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA trusted_schema = OFF")  # a file from outside may hold triggers and views
    return connection


def is_case(path: Path) -> bool:
    """Tell whether a file begins like a SQLite database."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


@contextlib.contextmanager
def tell_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, which name the file, the reason and the cure."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the extended codes add bits above
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            cure = "Close the case there, or wait until that program has ended."
            raise CaseBusyError("is open in another program.", path=path, cure=cure) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            cure = "Restore the case from a copy."
            raise DataError(f"is damaged ({error}).", path=path, cure=cure) from error
        if code in _REFUSED:
            cure = "Free some space, or check the file's permissions; what was saved before is there."
            raise CaseWriteError(f"cannot be written ({error}).", path=path, cure=cure) from error
        raise DataError(
            f"is damaged or no case ({error}).", path=path, cure="Restore it from a copy."
        ) from error


def _lock(connection: sqlite3.Connection, *, read_only: bool) -> None:
    """Take the lock now, and roll back what a killed program left half done."""
    connection.execute("BEGIN" if read_only else "BEGIN EXCLUSIVE")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("COMMIT")


def _check_application(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise NoCaseError("is a database of another program.", path=path, cure="Name a case file.")
