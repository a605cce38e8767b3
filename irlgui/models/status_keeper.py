"""Keeps the analyst's digits on the disk, so that judging many pictures survives a restart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal, Slot

from irlgui.models.picture_list import PictureList
from irlgui.models.picture_list_entry import STATUSES
from irlnet_core import files
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.export import check_output

_WAIT_MS = 700
_NAME = "statuses.json"


class StatusKeeper(QObject):
    """Gives pictures their former digit when they come into the list, and writes each change soon after.

    A picture is known by its SHA-256, and by path, size and time as long as no hash is known: no file is
    read for this. Nothing is written in or under a folder that holds evidence; ``failed`` says so.
    """

    failed = Signal(str)

    def __init__(self, pictures: PictureList, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._path = folder / _NAME
        self._by_hash, self._by_file = _read(self._path)
        self._changed = False
        self._evidence: set[Path] = set()
        self._applying = False
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)
        pictures.rowsInserted.connect(self._take_rows)
        pictures.status_set.connect(self._take_status)

    def learn(self, path: Path, sha256: str) -> None:
        """A picture's hash is known now: its digit is kept under it, or comes from it."""
        picture = self._pictures.find(path)
        if picture is None:
            return
        picture.sha256 = sha256
        known = self._by_file.get(str(picture.path))
        if known and known[2] == picture.status and known[:2] == _size_and_time(picture.path):
            if self._by_hash.get(sha256, 0) != picture.status:
                self._keep(picture.path, picture.status)
        elif sha256 in self._by_hash:
            self._apply(picture.path, self._by_hash[sha256])

    @Slot()
    def flush(self) -> None:
        """Write now what has changed."""
        self._timer.stop()
        if not self._changed:
            return
        self._changed = False
        kept = {"version": 1, "by_hash": self._by_hash, "by_file": self._by_file}
        try:
            check_output(self._path.parent, sorted(self._evidence))
            files.write_bytes(self._path, json.dumps(kept, indent=0).encode("ascii"))
        except IrlnetError as error:
            self.failed.emit(self.tr("Your statuses were not saved: {error}").format(error=error))

    @Slot(QModelIndex, int, int)
    def _take_rows(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Only files whose path is known are asked for size and time."""
        for picture in self._pictures.pictures[first : last + 1]:
            known = self._by_file.get(str(picture.path))
            if known and known[:2] == _size_and_time(picture.path):
                self._apply(picture.path, known[2])

    @Slot(object, int)
    def _take_status(self, path: Path, status: int) -> None:
        if not self._applying:
            self._keep(path, status)

    def _apply(self, path: Path, status: int) -> None:
        self._applying = True
        self._pictures.set_status([path], status)
        self._applying = False

    def _keep(self, path: Path, status: int) -> None:
        picture, facts = self._pictures.find(path), _size_and_time(path)
        _put(self._by_file, str(path), [*facts, status] if facts else None)
        if picture and picture.sha256:
            _put(self._by_hash, picture.sha256, status or None)
        self._evidence.add(path)
        self._changed = True
        self._timer.start()


def _put(kept: dict[str, Any], key: str, value: object) -> None:
    kept.pop(key, None)
    if value is not None:
        kept[key] = value


def _size_and_time(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _read(path: Path) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Return what is kept; a damaged file is put aside, and damaged entries are dropped."""
    try:
        kept = json.loads(path.read_bytes())
        by_hash, by_file = dict(kept["by_hash"]), dict(kept["by_file"])
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError, KeyError, TypeError):
        _put_aside(path)
        return {}, {}
    good = {key: value for key, value in by_file.items() if _is_entry(value)}
    return {key: value for key, value in by_hash.items() if _are_digits([value])}, good


def _put_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".damaged.json"))
    except OSError:
        return  # it can't be read nor moved; the next write says what is wrong


def _is_entry(value: object) -> bool:
    whole = isinstance(value, list) and len(value) == 3 and all(type(part) is int for part in value)
    return whole and _are_digits(value[2:])  # type: ignore[index]


def _are_digits(values: Iterable[object]) -> bool:
    return all(type(value) is int and value in STATUSES for value in values)
