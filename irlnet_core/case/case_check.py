"""Is a case what its log says? The chain, and every row against the entry that last wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields

from irlnet_core.case.audit import AuditEntry, ChainHead, verify_chain
from irlnet_core.case.rows import entry_from
from irlnet_core.case.tables import TABLES, row_hash

_COLUMNS = [(field.name,) for field in fields(AuditEntry)]
_Place = tuple[str, str]  # table, key


def check_case(connection: sqlite3.Connection, printed: ChainHead | None) -> list[str]:
    """Return what is wrong with a case, each in a sentence. Raises sqlite3.Error for a damaged file."""
    damage = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
    problems = [f"The database is damaged: {sentence}." for sentence in damage]
    if connection.execute("SELECT name FROM pragma_table_info('audit')").fetchall() != _COLUMNS:
        return [*problems, "The audit log has other columns than this program gives it."]
    entries = list(_entries(connection))
    problems += verify_chain(entries, printed)
    if not entries:
        problems.append("The audit log is empty.")
    return problems + _check_rows(connection, entries)


def _entries(connection: sqlite3.Connection) -> Iterator[AuditEntry]:
    for row in connection.execute("SELECT * FROM audit ORDER BY number"):
        try:
            yield entry_from(row)
        except (TypeError, ValueError, RecursionError):
            yield entry_from((*row[:4], "{}", *row[5:]))  # has another hash than the chain tells


def _check_rows(connection: sqlite3.Connection, entries: list[AuditEntry]) -> list[str]:
    told: dict[_Place, str] = {}
    written: dict[str, int] = {}  # key of an analysis → place in the log
    for number, entry in enumerate(entries):
        details = entry.details if isinstance(entry.details, dict) else {}
        if details.get("table") in TABLES:
            told[str(details["table"]), str(details.get("key"))] = str(details.get("row"))
        if details.get("table") == "analyses":
            written[str(details.get("key"))] = number
    problems = _check_order(connection, written)
    for (table, key), found in _rows(connection):
        expected = told.pop((table, key), None)
        if expected is None:
            problems.append(f"The row {_short(key)} of {table} is not in the audit log.")
        elif expected != found:
            problems.append(f"The row {_short(key)} of {table} was altered behind the audit log's back.")
    return problems + [f"The row {_short(key)} of {table} is missing." for table, key in told]


def _check_order(connection: sqlite3.Connection, written: Mapping[str, int]) -> list[str]:
    """The newest analysis counts: the rows lie in the order in which the log tells of them."""
    keys = [str(row[0]) for row in connection.execute("SELECT key FROM analyses ORDER BY rowid")]
    places = [written[key] for key in keys if key in written]
    if places == sorted(places):
        return []
    return ["The analyses lie in another order than they were logged in: another one would count."]


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[_Place, str]]:
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - a name of our own
            yield (table, str(row[0])), row_hash(table, row)


def _short(key: str) -> str:
    return f"{key[:12]}…" if len(key) > 12 else key
