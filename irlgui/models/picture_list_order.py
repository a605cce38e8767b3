"""Which pictures the browser shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QAbstractProxyModel, QModelIndex, QObject, Qt, QTimer

from irlgui.models.picture_list import AnyIndex, PictureList, value_of
from irlgui.models.picture_list_entry import Picture

SortKey = Literal["name", "response", "regions", "status", "added"]
Chip = Literal["regions", "failed", "not analysed"]

_ROOT = QModelIndex()
_REFRESH_MS = 100  # a batch may answer many times a second; the order follows at this pace

_VALUES: dict[SortKey, Callable[[Picture], float | None]] = {
    "response": lambda picture: picture.response,
    "regions": lambda picture: picture.regions,
    "status": lambda picture: picture.status,
    "added": lambda picture: picture.number,
}
_CHIPS: dict[Chip, Callable[[Picture], bool]] = {
    "regions": lambda picture: bool(picture.regions),
    "failed": lambda picture: picture.state == "failed" or bool(picture.unreadable),
    "not analysed": lambda picture: picture.state not in ("done", "failed"),
}


@dataclass(frozen=True)
class Criteria:
    """What is shown and how it is sorted.

    ``text``: every word occurs in the file's or its folder's name. ``statuses`` and ``chips``: any of those
    that are named; empty = all. The three must hold together.
    """

    text: str = ""
    statuses: frozenset[int] = frozenset()
    chips: frozenset[Chip] = frozenset()
    sort: SortKey = "name"
    descending: bool = False

    @property
    def filters(self) -> bool:
        return bool(self.text.strip() or self.statuses or self.chips)


def accepts(criteria: Criteria, picture: Picture) -> bool:
    """Tell whether a picture is shown."""
    if criteria.statuses and picture.status not in criteria.statuses:
        return False
    if criteria.chips and not any(_CHIPS[chip](picture) for chip in criteria.chips):
        return False
    return all(word in picture.haystack for word in criteria.text.casefold().split())


def order_pictures(criteria: Criteria, pictures: Iterable[Picture]) -> list[Picture]:
    """Return the shown pictures in order: equals by name, and what has no value last in either direction."""
    shown = [picture for picture in pictures if accepts(criteria, picture)]
    by_name = criteria.sort == "name"
    shown.sort(key=attrgetter("sort_key"), reverse=by_name and criteria.descending)
    if by_name:
        return shown
    value = _VALUES[criteria.sort]
    known = [picture for picture in shown if value(picture) is not None]
    known.sort(key=lambda picture: value(picture) or 0.0, reverse=criteria.descending)
    return known + [picture for picture in shown if value(picture) is None]


class PictureOrder(QAbstractProxyModel):
    """A :class:`PictureList` sorted and filtered.

    Not a QSortFilterProxyModel: that one compares rows through Python calls, and 10,000 of them would stall
    the window. The selection survives every change of the order.
    """

    def __init__(self, pictures: PictureList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.criteria = Criteria()
        self._source = pictures
        self._shown: list[Picture] = []
        self._places: dict[Picture, int] = {}
        self._later = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._later.timeout.connect(self.refresh)
        self.setSourceModel(pictures)
        pictures.rowsInserted.connect(self._on_inserted)
        pictures.rowsAboutToBeRemoved.connect(self._on_removing)
        pictures.dataChanged.connect(self._on_changed)
        pictures.modelAboutToBeReset.connect(self._on_resetting)
        pictures.modelReset.connect(self._on_reset)
        self.refresh()

    @property
    def shown(self) -> Sequence[Picture]:
        """Return the shown pictures in their order; not to be changed."""
        return self._shown

    def set_criteria(self, **changes: Any) -> None:
        """Change fields of :class:`Criteria`."""
        self.criteria = replace(self.criteria, **changes)
        self.refresh()

    def refresh(self) -> None:
        """Bring the order up to date now."""
        self._later.stop()
        self._become(order_pictures(self.criteria, self._source.pictures))

    def index_of(self, path: Path) -> QModelIndex:
        """Return the index of a path; invalid where it is not shown."""
        picture = self._source.find(path)
        return self.index(self._places[picture], 0) if picture in self._places else QModelIndex()

    def picture_at(self, index: AnyIndex) -> Picture | None:
        """Return the picture of an index, or None."""
        return self._shown[index.row()] if index.isValid() and index.row() < len(self._shown) else None

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else 1

    def index(self, row: int, column: int = 0, parent: AnyIndex = _ROOT) -> QModelIndex:
        return self.createIndex(row, column) if self.hasIndex(row, column, parent) else QModelIndex()

    def parent(self, index: AnyIndex = _ROOT) -> QModelIndex:  # type: ignore[override]
        return QModelIndex()

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        picture = self.picture_at(index)
        return value_of(picture, role) if picture else None

    def mapToSource(self, index: AnyIndex) -> QModelIndex:  # noqa: N802 - Qt's name
        picture = self.picture_at(index)
        return self._source.index(picture.row) if picture else QModelIndex()

    def mapFromSource(self, index: AnyIndex) -> QModelIndex:  # noqa: N802 - Qt's name
        rows = self._source.pictures
        place = self._places.get(rows[index.row()]) if index.isValid() and index.row() < len(rows) else None
        return QModelIndex() if place is None else self.index(place, 0)

    def _on_inserted(self) -> None:
        """Show the first pictures at once; sorting anew after each portion of a search would stall."""
        if not self._shown:
            self.refresh()
        elif not self._later.isActive():
            self._later.start()

    def _on_removing(self, _parent: QModelIndex, first: int, last: int) -> None:
        doomed = set(self._source.pictures[first : last + 1])
        self._become([picture for picture in self._shown if picture not in doomed])

    def _on_changed(self, top: QModelIndex, bottom: QModelIndex) -> None:
        for picture in self._source.pictures[top.row() : bottom.row() + 1]:
            if picture in self._places:
                index = self.index(self._places[picture], 0)
                self.dataChanged.emit(index, index)
        if not self._later.isActive():
            self._later.start()

    def _on_resetting(self) -> None:
        self._later.stop()
        self.beginResetModel()

    def _on_reset(self) -> None:
        self._set(order_pictures(self.criteria, self._source.pictures))
        self.endResetModel()

    def _become(self, wanted: list[Picture]) -> None:
        """Turn what is shown into ``wanted`` in at most four steps, however many rows come, go or move."""
        if wanted == self._shown:
            return
        stays = set(wanted)
        survivors = [picture for picture in self._shown if picture in stays]
        self._cut(survivors, [picture for picture in self._shown if picture not in stays])
        self._append([picture for picture in wanted if picture not in self._places])
        self._rearrange(wanted)

    def _cut(self, survivors: list[Picture], doomed: list[Picture]) -> None:
        if doomed:
            self._rearrange(survivors + doomed)
            self.beginRemoveRows(_ROOT, len(survivors), len(self._shown) - 1)
            self._set(survivors)
            self.endRemoveRows()

    def _append(self, fresh: list[Picture]) -> None:
        if fresh:
            self.beginInsertRows(_ROOT, len(self._shown), len(self._shown) + len(fresh) - 1)
            self._set(self._shown + fresh)
            self.endInsertRows()

    def _rearrange(self, order: list[Picture]) -> None:
        if order == self._shown:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        pictures = [self._shown[index.row()] for index in before]
        self._set(order)
        self.changePersistentIndexList(before, [self.index(self._places[picture], 0) for picture in pictures])
        self.layoutChanged.emit()

    def _set(self, order: list[Picture]) -> None:
        self._shown = order
        self._places = {picture: place for place, picture in enumerate(order)}
