"""Statuses, outlines and notes as earlier versions kept them, in JSON files: read once, then put away."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from irlnet_core.case.exhibit import OUTCOME_OF, STATUSES, Judgement
from irlnet_core.case.marks import Mark
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import Annotations, read_annotations
from irlnet_core.evidence.record import format_utc

_log = logging.getLogger(__name__)
_STATUSES = "statuses.json"
_SHA256 = "[0-9a-f]" * 64


@dataclass
class Former:
    """What was found; ``problems`` names each file that could not be read."""

    judgements: dict[str, Judgement] = field(default_factory=dict)
    annotations: list[Annotations] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_former(folder: Path) -> Former | None:
    """Return what earlier versions kept in ``folder``, None where there is none."""
    if not folder.is_dir():
        return None
    found = Former()
    for path in sorted(folder.glob(f"{_SHA256}.json")):
        try:
            found.annotations.append(read_annotations(path))
        except DataError as error:
            found.problems.append(str(error))
    _read_statuses(folder / _STATUSES, found)
    return found


def put_former_away(folder: Path) -> None:
    """Rename the folder, so that it is not read again; nothing in it is deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    try:
        folder.rename(folder.with_name(f"{folder.name}.taken-over-{stamp}"))
    except OSError as error:  # it is read again next time, and changes nothing that is in the case
        _log.warning("%s could not be renamed: %s", folder, error)


def _read_statuses(path: Path, found: Former) -> None:
    try:
        kept = json.loads(path.read_bytes())
        by_hash, by_file = dict(kept["by_hash"]), dict(kept["by_file"])
        time = format_utc(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.problems.append(f"{path}: {error}")
        return
    for sha256, status in by_hash.items():
        if _are_digits([status]) and status:
            found.judgements[sha256] = Judgement(status, OUTCOME_OF.get(status, ""), changed=time)
    for name, entry in by_file.items():
        if _is_entry(entry):
            found.marks.append(Mark(Path(name), *entry))


def _is_entry(value: Any) -> bool:
    whole = isinstance(value, list) and len(value) == 3 and all(type(part) is int for part in value)
    return whole and _are_digits(value[2:])


def _are_digits(values: Iterable[object]) -> bool:
    return all(type(value) is int and value in STATUSES for value in values)
