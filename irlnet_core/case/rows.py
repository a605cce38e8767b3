"""Reading and writing rows of a case: every change is one transaction together with its entry in the log."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from irlnet_core.case import tables
from irlnet_core.case.audit import START, AuditEntry, ChainHead, canonical, next_entry
from irlnet_core.case.connection import CaseWriteError, tell_errors
from irlnet_core.errors import DataError

_NEWEST = "SELECT * FROM audit ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True)
class Row:
    """One row to be written; ``extra`` are an analysis's request and map."""

    table: str
    key: str
    item: str | None
    data: Any
    extra: tuple[Any, ...] = field(default=(), repr=False)


class Rows:
    """The rows of one open case. ``actor`` is whom the log names."""

    def __init__(self, path: Path, connection: sqlite3.Connection, actor: str, *, read_only: bool) -> None:
        self.path = path
        self.connection = connection
        self.actor = actor
        self.read_only = read_only
        self._together = False

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: all of it is on the disk at the end, or nothing."""
        if self.read_only:
            raise CaseWriteError("was opened for reading only.", path=self.path)
        if self._together:
            yield
            return
        with tell_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes within this block one transaction: one flush of the disk instead of many."""
        with self.change():
            self._together = True
            try:
                yield
            finally:
                self._together = False

    def put(self, row: Row, action: str, **told: Any) -> None:
        """Write a row and its entry: which row, what it is now (hash), and what is worth telling."""
        values = (row.key, row.item, canonical(row.data), *row.extra)
        marks = ", ".join("?" * len(values))
        self.connection.execute(f"INSERT OR REPLACE INTO {row.table} VALUES ({marks})", values)  # noqa: S608
        place = {"table": row.table, "key": row.key, "item": row.item}
        self.log(action, {**place, "row": tables.row_hash(row.table, values), **told})

    def log(self, action: str, details: Mapping[str, Any]) -> AuditEntry:
        """Write an entry, within :meth:`change`."""
        entry = next_entry(next(iter(self.entries(_NEWEST)), None), self.actor, action, details)
        row = {**asdict(entry), "details": canonical(entry.details)}
        self.connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tuple(row.values()))
        return entry

    def head(self) -> ChainHead:
        """Return length and head hash of the log."""
        rows = self.select("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        return ChainHead(*rows[0]) if rows else ChainHead(0, START)

    def entries(self, query: str = "SELECT * FROM audit ORDER BY number") -> list[AuditEntry]:
        """Return the log. Raises :class:`DataError` where an entry's details can't be read."""
        try:
            return [entry_from(row) for row in self.select(query)]
        except (TypeError, ValueError) as error:
            reason = f"has an audit log that can't be read ({error})."
            raise DataError(reason, path=self.path, cure="Restore the case from a copy.") from error

    def data(self, table: str, key: str) -> Any:
        """Return the content of one row, None where there is none."""
        rows = self.select(f"SELECT data FROM {table} WHERE key = ?", key)  # noqa: S608 - a name of our own
        return json.loads(rows[0][0]) if rows else None

    def select(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query."""
        with tell_errors(self.path):
            return self.connection.execute(query, values).fetchall()


def entry_from(row: tuple[Any, ...]) -> AuditEntry:
    """Return the audit entry of a row. Raises TypeError or ValueError for details that are no JSON."""
    number, time, actor, action, details, details_sha256, previous, digest = row
    return AuditEntry(number, time, actor, action, json.loads(details), details_sha256, previous, digest)
