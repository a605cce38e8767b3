"""Digits for files that nobody has read yet: many can be set at once, and no picture is opened for it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.case.audit import sha256_of
from irlnet_core.case.exhibit import STATUSES
from irlnet_core.case.rows import Row, Rows
from irlnet_core.errors import DataError


@dataclass(frozen=True)
class Mark:
    """The analyst's digit (0 = taken back) for a file that is known by path, size and time of change only.

    As soon as its hash is known, the digit belongs into the item's judgement. Raises :class:`DataError`.
    """

    path: Path
    size_bytes: int
    modified_ns: int
    status: int

    def __post_init__(self) -> None:
        if type(self.status) is not int or self.status not in STATUSES:
            raise DataError(f"{self.status!r} is no status.", cure="Choose a digit from 0 to 5.")

    def fits(self, size_bytes: int, modified_ns: int) -> bool:
        """Tell whether a file of this size and time is still the one that was meant."""
        return (self.size_bytes, self.modified_ns) == (size_bytes, modified_ns)


def put_mark(rows: Rows, mark: Mark) -> None:
    """Write a mark, within the caller's transaction."""
    path = os.path.abspath(mark.path)  # noqa: PTH100 - resolve() asks the disk about every part
    data = {"path": path, "size_bytes": mark.size_bytes, "modified_ns": mark.modified_ns}
    row = Row("marks", sha256_of(path), None, {**data, "status": mark.status})
    rows.put(row, "unread file marked", status=mark.status)


def read_marks(rows: Rows) -> dict[Path, Mark]:
    """Return all marks by path. Raises :class:`DataError`."""
    marks = (mark_from(data) for (data,) in rows.select("SELECT data FROM marks ORDER BY rowid"))
    return {mark.path: mark for mark in marks}


def mark_from(data: str) -> Mark:
    """Return the mark of a case's row. Raises :class:`DataError`."""
    try:
        told = json.loads(data)
        return Mark(
            Path(told["path"]), int(told["size_bytes"]), int(told["modified_ns"]), int(told["status"])
        )
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"a mark of the case can't be read ({error!r}).") from error
