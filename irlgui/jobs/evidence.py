"""What no net may learn, as data: the pictures of the window and of its case."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Evidence:
    """Pictures that no net may learn: the SHA-256 of those that were read, and files that were not yet."""

    hashes: frozenset[str] = frozenset()
    unread: tuple[Path, ...] = ()
