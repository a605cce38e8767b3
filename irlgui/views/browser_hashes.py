"""Hashes of files for the clipboard, computed off the GUI thread."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

from irlnet_core.files import sha256_of_file
from irlnet_core.progress import Event, Progress


def hash_files(paths: Iterable[Path]) -> Generator[Event, None, str]:
    """Hash files and return the text for the clipboard: one bare hash, or lines as ``sha256sum`` writes them.

    A file that can't be read has its reason in the place of the hash, so that no line is missing.
    """
    paths = list(paths)
    lines = []
    for done, path in enumerate(paths, start=1):
        try:
            lines.append((sha256_of_file(path), path))
        except OSError as error:
            lines.append((f"({error.strerror or error})", path))
        yield Progress("hash", done, len(paths))
    if len(lines) == 1:
        return lines[0][0]
    return "".join(f"{digest}  {path}\n" for digest, path in lines)
