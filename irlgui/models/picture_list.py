"""The pictures that are open, one a row, in the order in which they were added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from irlgui.models.picture_list_entry import (
    STATES,
    STATUSES,
    Picture,
    State,
    absolute,
    describe,
    state_words,
    status_name,
    why_unreadable,
)
from irlgui.plain_text import plain_text

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

PictureRole = Qt.ItemDataRole.UserRole + 1  # the row's Picture
StatusRole = Qt.ItemDataRole.UserRole + 2  # the analyst's digit; the only role that can be set


class PictureList(QAbstractListModel):
    """Rows of :class:`Picture`. No file is ever touched; removing a row forgets the picture and no more."""

    status_set = Signal(object, int)  # Path, digit: set by the analyst

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[Picture] = []
        self._by_path: dict[str, Picture] = {}
        self._added = 0

    @property
    def pictures(self) -> Sequence[Picture]:
        """Return all rows, in their order; not to be changed."""
        return self._pictures

    def find(self, path: Path) -> Picture | None:
        """Return the row of a path, or None."""
        return self._by_path.get(absolute(path))

    def index_of(self, path: Path) -> QModelIndex:
        """Return the index of a path; invalid where it is not in the list."""
        picture = self.find(path)
        return self.index(picture.row) if picture else QModelIndex()

    def add_paths(self, paths: Iterable[Path]) -> int:
        """Append the pictures that are not yet in the list; return how many. Links are not followed."""
        names = dict.fromkeys(map(absolute, paths))
        fresh = [name for name in names if name not in self._by_path]
        if not fresh:
            return 0
        first = len(self._pictures)
        self.beginInsertRows(_ROOT, first, first + len(fresh) - 1)
        for row, name in enumerate(fresh, start=first):
            self._by_path[name] = picture = Picture(Path(name), self._added, row)
            self._pictures.append(picture)
            self._added += 1
        self.endInsertRows()
        return len(fresh)

    def remove_paths(self, paths: Iterable[Path]) -> int:
        """Take pictures off the list; return how many. No file is touched."""
        doomed = {picture for path in paths if (picture := self.find(path))}
        if not doomed:
            return 0
        # One block at the end: thousands of single ranges would each cost a pass over all rows.
        kept = [picture for picture in self._pictures if picture not in doomed]
        self._rearrange(kept + [picture for picture in self._pictures if picture in doomed])
        self.beginRemoveRows(_ROOT, len(kept), len(self._pictures) - 1)
        for picture in doomed:
            del self._by_path[str(picture.path)]
        self._pictures = kept
        self.endRemoveRows()
        return len(doomed)

    def clear(self) -> None:
        """Take all pictures off the list."""
        self.beginResetModel()
        self._pictures, self._by_path = [], {}
        self.endResetModel()

    def set_state(
        self,
        path: Path,
        state: State,
        *,
        response: float | None = None,
        regions: int | None = None,
        area: float | None = None,
        model: str = "",
        error: str = "",
        sha256: str = "",
    ) -> None:
        """Say what the tool did with a picture. Facts not given become unknown: they belong to the state.

        A picture no longer in the list is passed over: the answer came too late. A hash once known stays.
        """
        if state not in STATES:
            raise ValueError(f"{state!r} is not one of {', '.join(STATES)}.")
        picture = self.find(path)
        if picture is None:
            return
        picture.state, picture.error, picture.model = state, error, model
        picture.response, picture.regions, picture.area = response, regions, area
        picture.sha256 = sha256 or picture.sha256
        self._tell(picture)

    def set_unreadable(self, path: Path, reason: str) -> None:
        """Say why a picture can't be shown; an empty reason takes that back."""
        picture = self.find(path)
        if picture and picture.unreadable != reason:
            picture.unreadable = reason
            self._tell(picture)

    def set_status(self, paths: Iterable[Path], status: int) -> None:
        """Set the analyst's digit 0..5 on pictures."""
        if status not in STATUSES:
            raise ValueError(f"{status} is not a status from 0 to 5.")
        for path in paths:
            picture = self.find(path)
            if picture and picture.status != status:
                picture.status = status
                self._tell(picture)
                self.status_set.emit(picture.path, status)

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._pictures):
            return None
        return value_of(self._pictures[index.row()], role)

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if not index.isValid() or role != StatusRole or value not in STATUSES:
            return False
        self.set_status([self._pictures[index.row()].path], int(value))
        return True

    def _tell(self, picture: Picture) -> None:
        index = self.index(picture.row)
        self.dataChanged.emit(index, index)

    def _rearrange(self, order: list[Picture]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        pictures = [self._pictures[index.row()] for index in before]
        self._pictures = order
        for row, picture in enumerate(order):
            picture.row = row
        self.changePersistentIndexList(before, [self.index(picture.row) for picture in pictures])
        self.layoutChanged.emit()


def value_of(picture: Picture, role: int) -> Any:
    """Return what a view may ask about a picture."""
    if role == PictureRole:
        return picture
    if role == Qt.ItemDataRole.DisplayRole:
        return picture.name
    if role == StatusRole:
        return picture.status
    if role == Qt.ItemDataRole.ToolTipRole:
        return _tool_tip(picture)
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return describe(picture)
    return None


def _tool_tip(picture: Picture) -> str:
    lines = [str(picture.path), why_unreadable(picture), state_words(picture)]
    if picture.status:
        lines.append(f"{picture.status} · {status_name(picture.status)}")
    return plain_text("\n".join(line for line in lines if line))
