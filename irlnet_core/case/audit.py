"""An append-only log in which every entry carries the hash of the one before it.

``hash`` is the SHA-256 of the canonical JSON (:func:`canonical`) of ``[number, time, actor, action,
details_sha256, previous]``; ``details_sha256`` is that of the details' canonical JSON, so that an entry's
details can be withheld from a reader and the chain still be checked. A nonce in the details keeps withheld
ones from being guessed.
"""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from irlnet_core.errors import DataError
from irlnet_core.evidence.record import format_utc
from irlnet_core.files import sha256_of_bytes

START = "0" * 64
LIMIT = (
    "Entries cut off the end of a log leave a chain that is whole in itself: that they are gone shows only "
    "against a length and head hash that were printed after they were made. Whoever can write the whole log "
    "can also make a new one; a signature, or a printed head in other hands, shows that."
)


@dataclass(frozen=True)
class ChainHead:
    """How many entries a log had, and the hash of the last one: what is printed in records and reports."""

    length: int
    head: str

    @property
    def text(self) -> str:
        """Return ``LENGTH:HASH``, which :meth:`parse` reads."""
        return f"{self.length}:{self.head}"

    @classmethod
    def parse(cls, text: str) -> ChainHead:
        """Read ``LENGTH:HASH``. Raises :class:`DataError`."""
        length, _, head = text.strip().partition(":")
        if not length.isascii() or not length.isdecimal() or not _is_sha256(head):
            raise DataError(f"{text!r} is no LENGTH:HASH of an audit log.", cure="Copy it from the report.")
        return cls(int(length), head)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class AuditEntry:
    """One thing that was done: when (UTC), by whom, what, and its place in the chain.

    ``details`` is None where they were withheld from this copy of the log.
    """

    number: int
    time: str
    actor: str
    action: str
    details: dict[str, Any] | None
    details_sha256: str
    previous: str
    hash: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AuditEntry:
        """Return the entry of ``asdict``; what is missing or null is told by :func:`verify_chain`."""
        return cls(**{field.name: data.get(field.name) for field in fields(cls)})  # type: ignore[arg-type]

    def withheld(self) -> AuditEntry:
        return replace(self, details=None)


class Log(Protocol):
    """Whatever keeps a log: a case file, or :class:`AuditLog` where there is no case."""

    def log(self, action: str, **details: Any) -> AuditEntry:
        """Append an entry and return it."""

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return all entries, oldest first."""


class AuditLog:
    """A log in memory: of a record that is written without a case."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self._entries: list[AuditEntry] = []

    def log(self, action: str, **details: Any) -> AuditEntry:
        last = self._entries[-1] if self._entries else None
        self._entries.append(next_entry(last, self.actor, action, details))
        return self._entries[-1]

    def audit(self) -> tuple[AuditEntry, ...]:
        return tuple(self._entries)


def canonical(value: Any) -> str:
    """Return JSON with sorted keys, no spaces, ASCII only: one text for one value. Refuses NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256_of_bytes(canonical(value).encode("ascii"))


def next_entry(
    last: AuditEntry | None, actor: str, action: str, details: Mapping[str, Any], now: datetime | None = None
) -> AuditEntry:
    """Return the entry that follows ``last`` (None = the first one), with a nonce in its details."""
    details = {**details, "nonce": secrets.token_hex(16)}
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        time=format_utc(now or datetime.now(UTC)),
        actor=actor,
        action=action,
        details=details,
        details_sha256=sha256_of(details),
        previous=last.hash if last else START,
        hash="",
    )
    return replace(entry, hash=_hash(entry))


def head_of(entries: Sequence[AuditEntry]) -> ChainHead:
    """Return length and head hash of a log."""
    return ChainHead(len(entries), entries[-1].hash if entries else START)


def verify_chain(entries: Iterable[AuditEntry], printed: ChainHead | None = None) -> list[str]:
    """Return what is wrong with a log, each in a sentence; empty = whole, and it holds ``printed``.

    ``printed`` comes from a record or report of any age: the log may have grown since.
    """
    entries = list(entries)
    problems: list[str] = []
    previous = START
    for number, entry in enumerate(entries, start=1):
        problems += [f"Audit entry {number} {problem}." for problem in _check(entry, number, previous)]
        previous = entry.hash
    return problems + (_check_printed(entries, printed) if printed else [])


def user_name() -> str:
    """Return whom a log names: the user of this machine's account."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's tables
        return "unknown user"


def _check(entry: AuditEntry, number: int, previous: str) -> list[str]:
    texts = (entry.time, entry.actor, entry.action, entry.details_sha256, entry.previous, entry.hash)
    if type(entry.number) is not int or not all(isinstance(text, str) and text for text in texts):
        return ["lacks a value"]
    if entry.number != number:
        return [f"is numbered {entry.number}: entries are missing, doubled or out of order"]
    found = []
    if entry.previous != previous:
        found.append("does not follow the one before it")
    if entry.details is not None and not _fits(entry.details, entry.details_sha256):
        found.append("has altered details")
    if _hash(entry) != entry.hash:
        found.append("was altered")
    return found


def _check_printed(entries: list[AuditEntry], printed: ChainHead) -> list[str]:
    if printed.length > len(entries):
        cut = printed.length - len(entries)
        return [f"The audit log has {len(entries)} entries, {cut} fewer than were printed: its end was cut."]
    if not printed.length or entries[printed.length - 1].hash != printed.head:
        return [f"Audit entry {printed.length} does not have the hash that was printed."]
    return []


def _fits(details: object, sha256: str) -> bool:
    try:
        return isinstance(details, dict) and sha256_of(details) == sha256
    except (TypeError, ValueError, RecursionError):
        return False


def _hash(entry: AuditEntry) -> str:
    return sha256_of(
        [entry.number, entry.time, entry.actor, entry.action, entry.details_sha256, entry.previous]
    )


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
