"""Leaving out what is nobody's business: the folders in which the evidence lay, wherever they are named."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

_Tree = TypeVar("_Tree")
_GONE = "…"


def leave_out_folders(tree: _Tree, places: Iterable[str]) -> _Tree:
    """Return a tree of frozen data in which no text names a folder of ``places`` (absolute file paths)."""
    folders = sorted({folder for place in places for folder in _folders(place)}, key=len, reverse=True)
    return _clean(tree, folders)  # type: ignore[no-any-return]


def _folders(place: str) -> list[str]:
    """Return the file's own folder and those above it but for the root and its first steps."""
    kind = PureWindowsPath if "\\" in place or place[1:2] == ":" else PurePosixPath
    parents = [str(folder) for folder in kind(place).parents if len(folder.parts) > 2]
    return parents or [str(folder) for folder in kind(place).parents if len(folder.parts) == 2]


def _clean(value: Any, folders: list[str]) -> Any:
    if isinstance(value, str):
        for folder in folders:
            value = value.replace(folder, _GONE)
        return value
    if isinstance(value, tuple):
        return tuple(_clean(item, folders) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return dataclasses.replace(value, **{f.name: _clean(getattr(value, f.name), folders) for f in fields})
    return value
