"""A model's photos.csv: every picture that its weights learned from. No torch here."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from irlnet_core.model.card import PHOTOS_NAME

_COLUMNS = ("file", "group", "licence", "author", "source", "sha256")


def read_photos(model: Path) -> str:
    """Return the text of the list in the folder ``model``; "" when it has none."""
    listing = Path(model) / PHOTOS_NAME
    return listing.read_text("utf-8") if listing.is_file() else ""


def photos_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Return the list of ``rows`` as text: public source, author, licence and SHA-256 of every picture."""
    return _write(_COLUMNS, rows)


def given_photos(sha256: Iterable[str], *, source: str) -> list[dict[str, str]]:
    """Return rows for pictures that are told by their hashes only: their names are nobody else's business."""
    rows = []
    for number, known in enumerate(dict.fromkeys(sha256), 1):
        name = f"case picture {number}"
        rows.append({"file": name, "group": name, "source": source, "sha256": known})
    return rows


def merge_photos(*texts: str) -> str:
    """Return the one list of all ``texts`` ("" = none): each picture once, by its SHA-256, as first told."""
    columns: dict[str, None] = {}
    rows: dict[str, dict[str, str]] = {}
    for text in texts:
        reader = csv.DictReader(io.StringIO(text))
        columns |= dict.fromkeys(reader.fieldnames or ())
        for row in reader:
            rows.setdefault(row.get("sha256") or str(row), row)
    return _write(columns, rows.values()) if columns else ""


def _write(columns: Collection[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(
        text, columns, lineterminator="\n", extrasaction="ignore", restval=""
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
