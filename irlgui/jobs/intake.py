"""Reading pictures only to know them: hashes and facts, for a case that takes them in."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.record import describe_evidence
from irlnet_core.progress import Event, Note


@dataclass(frozen=True)
class Read(Event):
    """The facts of one picture, as a record tells them; ``done`` of ``total`` are read."""

    path: Path
    facts: dict[str, Any]
    done: int
    total: int


def read_facts(paths: Sequence[Path]) -> Generator[Event, None, None]:
    """Yield :class:`Read` for each picture, and a note for one that can't be read."""
    for done, path in enumerate(paths, start=1):
        try:
            yield Read(path, describe_evidence(read_image(path)), done, len(paths))
        except IrlnetError as error:
            yield Note(str(error))
