"""What a case holds, at a glance: enough for a list of pictures, without a map and without a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from irlnet_core.case.audit import START, ChainHead
from irlnet_core.case.exhibit import CaseFacts, Judgement, case_facts_from, judgement_from
from irlnet_core.case.marks import Mark, read_marks
from irlnet_core.case.rows import Rows
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import Annotations, annotations_from

_ITEMS = """SELECT key, json_extract(data, '$.facts.file_name'), json_extract(data, '$.facts.size_bytes'),
    json_extract(data, '$.facts.modified') FROM items ORDER BY rowid"""
# An analysis of the whole picture goes before one of an area, and the last row of an item counts.
_ANALYSES = """SELECT item, json_extract(data, '$.record.regions.count'),
    (SELECT total(json_extract(value, '$.area_fraction')) FROM json_each(data, '$.record.regions.listed')),
    coalesce(json_extract(data, '$.largest_response'),
        (SELECT max(json_extract(value, '$.max_response')) FROM json_each(data, '$.record.regions.listed'))),
    json_extract(data, '$.record.model.name')
    FROM analyses ORDER BY json_extract(data, '$.record.tiles.area') IS NULL, rowid"""


@dataclass(frozen=True)
class Finding:
    """The analysis that counts (:meth:`CaseFile.newest`): listed regions and the share (0..1) they cover.

    The largest response is None where an older program kept no such number and no region is listed.
    """

    regions: int
    area: float
    response: float | None
    model: str


@dataclass(frozen=True)
class Glimpse:
    """An item of a case: its hash, name, size, time of change (UTC), and where it was seen, oldest first.

    ``relative`` are the same places from the case's folder, "" where there is no such way.
    """

    sha256: str
    name: str
    size_bytes: int
    modified: str
    places: tuple[Path, ...] = ()
    relative: tuple[str, ...] = ()

    def fits(self, size_bytes: int, modified_ns: int) -> bool:
        """Tell whether a file looks like the item's, as far as that can be told without reading it."""
        if size_bytes != self.size_bytes:
            return False
        return abs(datetime.fromisoformat(self.modified).timestamp() - modified_ns / 1e9) < 0.002


@dataclass(frozen=True)
class Overview:
    """Everything of a case but maps, metadata and opinions' former versions; dictionaries go by SHA-256."""

    facts: CaseFacts = field(default_factory=lambda: CaseFacts(""))
    head: ChainHead = field(default_factory=lambda: ChainHead(0, START))
    items: dict[str, Glimpse] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    annotations: dict[str, Annotations] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    marks: dict[Path, Mark] = field(default_factory=dict)


def read_overview(rows: Rows) -> Overview:
    """Return what an open case holds. Raises :class:`DataError` for rows that can't be read."""
    try:
        return Overview(
            facts=case_facts_from(rows.data("facts", "case") or {"id": ""}),
            head=rows.head(),
            items=_items(rows),
            judgements={key: judgement_from(json.loads(data)) for key, data in _all(rows, "judgements")},
            annotations={key: annotations_from(json.loads(data)) for key, data in _all(rows, "annotations")},
            findings={item: Finding(*told) for item, *told in rows.select(_ANALYSES)},
            marks=read_marks(rows),
        )
    except (ValueError, TypeError, KeyError) as error:
        cure = "Look at it with Verify; restore it from a copy."
        raise DataError(f"can't be read ({error!r}).", path=rows.path, cure=cure) from error


def _items(rows: Rows) -> dict[str, Glimpse]:
    places: dict[str, list[dict[str, str]]] = {}
    for sha256, data in rows.select("SELECT item, data FROM places ORDER BY rowid"):
        places.setdefault(sha256, []).append(json.loads(data))
    return {
        sha256: _glimpse(sha256, name, size, modified, places.get(sha256, []))
        for sha256, name, size, modified in rows.select(_ITEMS)
    }


def _glimpse(sha256: str, name: str, size: int, modified: str, seen: Sequence[dict[str, str]]) -> Glimpse:
    absolute = tuple(Path(place["absolute"]) for place in seen)
    return Glimpse(sha256, name, size, modified, absolute, tuple(place["relative"] for place in seen))


def _all(rows: Rows, table: str) -> list[tuple[str, str]]:
    return rows.select(f"SELECT key, data FROM {table} ORDER BY rowid")  # noqa: S608 - a name of our own
