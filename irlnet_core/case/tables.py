"""The tables of a case file, and how an older file is brought up to date.

Every table that can change has a ``key`` and the row's content as JSON in ``data``; the audit log holds the
hash of each row as it was last written (:func:`row_hash`), so that a row changed behind its back shows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from irlnet_core.case.audit import sha256_of
from irlnet_core.errors import DataError
from irlnet_core.files import sha256_of_bytes

APPLICATION_ID = 0x49524C43  # "IRLC": tells a case from any other SQLite file
TABLES = ("facts", "items", "places", "analyses", "judgements", "annotations", "marks")

Migration = Sequence[str]

_ROW = "key TEXT NOT NULL PRIMARY KEY, item TEXT, data TEXT NOT NULL"
_AUDIT = """CREATE TABLE audit (
    number INTEGER PRIMARY KEY, time TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    details TEXT NOT NULL, details_sha256 TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)"""
# A slip of this program is stopped here; an altered file is told by the chain.
_GUARD = """CREATE TRIGGER audit_refuses_{0} BEFORE {0} ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""

MIGRATIONS: tuple[Migration, ...] = (
    (
        f"CREATE TABLE facts ({_ROW})",
        f"CREATE TABLE items ({_ROW})",
        f"CREATE TABLE places ({_ROW})",
        # request: the digest of what was asked for; map: the response as a 16-bit PNG
        f"CREATE TABLE analyses ({_ROW}, request TEXT, map BLOB NOT NULL)",
        f"CREATE TABLE judgements ({_ROW})",
        f"CREATE TABLE annotations ({_ROW})",
        "CREATE INDEX places_of ON places (item)",
        "CREATE INDEX analyses_of ON analyses (item)",
        "CREATE INDEX analyses_for ON analyses (request)",
        _AUDIT,
        _GUARD.format("UPDATE"),
        _GUARD.format("DELETE"),
    ),
    (f"CREATE TABLE marks ({_ROW})",),
)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[int, int]:
    """Bring a file to the newest version, within the caller's transaction; return (version before, after).

    Raises :class:`DataError` for a file of a newer program.
    """
    before = version_of(connection)
    check_version(before, len(migrations))
    for migration in migrations[before:]:
        for statement in migration:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
    return before, len(migrations)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a case file's tables, 0 = none yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def check_version(version: int, newest: int = len(MIGRATIONS)) -> None:
    """Refuse a file of a newer program. Raises :class:`DataError`."""
    if version > newest:
        raise DataError(
            f"is of version {version}, this program reads up to {newest}.", cure="Use a newer program."
        )


def row_hash(table: str, row: Sequence[object]) -> str:
    """Return the SHA-256 of a row (key, item, data, and of an analysis request and map)."""
    plain = [sha256_of_bytes(value) if isinstance(value, bytes) else value for value in row]
    return sha256_of([table, *plain])
