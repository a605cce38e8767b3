"""The list as a table for a spreadsheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from irlgui.jobs.output import check_place
from irlgui.models.picture_list_entry import Picture, status_name
from irlnet_core.files import write_atomically

COLUMNS = (
    "file", "folder", "state", "largest_response", "regions", "area_percent", "analyst_status",
    "analyst_status_name", "sha256", "error",
)  # fmt: skip

# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), in full width too.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def write_batch_table(path: Path, rows: Iterable[Picture]) -> None:
    """Write one line a picture as CSV (RFC 4180; UTF-8 with the mark that spreadsheets look for), atomically.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; an empty cell means *not
    run* or *unknown*, never zero. Raises :class:`OutputError`, also for a place in or under a folder that
    holds evidence. It asks the disk about every folder and link: call it off the GUI thread.
    """
    path, rows = Path(path), list(rows)
    check_place(path.parent, [picture.path for picture in rows], path=path)
    with write_atomically(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([quote_formula(cell) for cell in _cells(picture)] for picture in rows)


def quote_formula(text: str) -> str:
    """Return the text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _cells(picture: Picture) -> tuple[str, ...]:
    return (
        _text(picture.name),
        _text(str(picture.path.parent)),
        picture.state,
        "" if picture.response is None else f"{picture.response:.4f}",
        "" if picture.regions is None else str(picture.regions),
        "" if picture.area is None else f"{picture.area * 100:.3f}",
        str(picture.status),
        status_name(picture.status),
        picture.sha256,
        _text(picture.error or picture.unreadable),
    )


def _text(value: str) -> str:
    """Return text in UTF-8: bytes of a file name that are not UTF-8 become backslash escapes."""
    return os.fsencode(value).decode("utf-8", "backslashreplace")
