"""The check as a table: filtered and sorted here, because 10,000 rows are too many for a proxy in Python."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from irlgui.plain_text import plain_text
from irlgui.wizard.check_row import CheckRow
from irlnet_core.data.pairs import Pair

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_KEPT_THUMBNAILS = 600


@dataclass(frozen=True)
class Column:
    """One column: its title, its text, and what it is sorted by."""

    title: str
    text: Callable[[CheckRow], str]
    key: Callable[[CheckRow], Any]
    number: bool = False


def _mask_name(row: CheckRow) -> str:
    mask = row.checked.pair.mask if row.checked else None
    return mask.name if mask else ("authentic" if row.checked else "")


def _marked(row: CheckRow) -> str:
    return f"{100 * row.checked.marked:.1f} %" if row.checked and row.checked.levels else ""


def _size(row: CheckRow) -> str:
    return f"{row.checked.width} × {row.checked.height}" if row.checked and row.checked.width else ""


def _levels(row: CheckRow) -> str:
    return row.checked.levels if row.checked else ""


COLUMNS = (
    Column("Picture", lambda r: r.path.name, lambda r: r.path.name.casefold()),
    Column("Use", lambda r: r.use, lambda r: r.use),
    Column("Remark", lambda r: r.remark, lambda r: (not r.bad, not r.remark, r.remark)),
    Column("Mask", _mask_name, lambda r: _mask_name(r).casefold()),
    Column("Marked", _marked, lambda r: r.checked.marked if r.checked else -1.0, number=True),
    Column("Size", _size, lambda r: r.checked.width * r.checked.height if r.checked else 0, number=True),
    Column("Mask's values", _levels, _levels),
    Column("Found by", lambda r: r.pair.convention, lambda r: r.pair.convention),
)
PICTURE, USE, REMARK, MASK = range(4)


class CheckTable(QAbstractTableModel):
    """All rows, of which those are shown that the filter lets through, in the order of one column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[CheckRow] = []
        self._shown: list[CheckRow] = []
        self._only_problems = False
        self._sorting = (-1, Qt.SortOrder.AscendingOrder)
        self._thumbnails: OrderedDict[Pair, QImage | None] = OrderedDict()
        self._places: dict[Path, int] = {}

    def set_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self._arrange()
        self.endResetModel()

    def append_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show further rows below all others; they are put in order when the table is sorted again."""
        self.rows += rows
        shown = [row for row in rows if row.bad or not self._only_problems]
        if not shown:
            return
        first = len(self._shown)
        self.beginInsertRows(_NO_PARENT, first, first + len(shown) - 1)
        self._shown += shown
        self._places |= {row.path: first + place for place, row in enumerate(shown)}
        self.endInsertRows()

    def sort_again(self) -> None:
        """Put appended rows in order, if the table is sorted."""
        if self._sorting[0] >= 0:
            self.sort(*self._sorting)

    def set_only_problems(self, only: bool) -> None:
        """Show rows with a problem only, or all."""
        self.beginResetModel()
        self._only_problems = only
        self._arrange()
        self.endResetModel()

    def replace_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show new facts of the same rows; what no longer passes the filter stays until it is set again."""
        by_path = {(row.path, row.checked is None): row for row in rows}
        self.rows = list(rows)
        self._shown = [by_path.get((row.path, row.checked is None), row) for row in self._shown]
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(COLUMNS) - 1))

    def row_at(self, place: int) -> CheckRow:
        """Return what a line of the table shows."""
        return self._shown[place]

    def place_of(self, path: Path) -> int | None:
        """Return the line that shows a picture."""
        return self._places.get(path)

    def set_thumbnail(self, pair: Pair, image: QImage | None) -> None:
        """Show a pair's small picture; None tells that there is none."""
        self._thumbnails[pair] = image
        self._thumbnails.move_to_end(pair)
        while len(self._thumbnails) > _KEPT_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        place = self._places.get(pair.image)
        if place is not None and place < len(self._shown):
            self.dataChanged.emit(self.index(place, PICTURE), self.index(place, PICTURE))

    def lacking(self, first: int, last: int) -> list[Pair]:
        """Return the pairs of these lines whose small picture was not made yet."""
        shown = [row.pair for row in self._shown[first : last + 1]]
        return [pair for pair in shown if pair not in self._thumbnails]

    def thumbnail(self, pair: Pair) -> QImage | None:
        """Return a pair's small picture, if it was made."""
        return self._thumbnails.get(pair)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        row, column = self._shown[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_text(self._tip(row, index.column()))
        if role == Qt.ItemDataRole.TextAlignmentRole and column.number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.tr(column.title)}: {column.text(row)}"
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(COLUMNS[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section].number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorting = (column, order)
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()  # of rows that are selected: they stay so in their new places
        rows = [self._shown[index.row()] for index in held]
        self._order()
        places = {id(row): place for place, row in enumerate(self._shown)}
        new = [self.index(places[id(row)], index.column()) for row, index in zip(rows, held, strict=True)]
        self.changePersistentIndexList(held, new)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        self._shown = [row for row in self.rows if row.bad] if self._only_problems else list(self.rows)
        self._order()

    def _order(self) -> None:
        column, order = self._sorting
        if 0 <= column < len(COLUMNS):
            self._shown.sort(key=COLUMNS[column].key, reverse=order == Qt.SortOrder.DescendingOrder)
        self._places = {row.path: place for place, row in enumerate(self._shown)}

    def _tip(self, row: CheckRow, column: int) -> str:
        if column == REMARK:
            return f"{row.remark} {row.cure}".strip()
        mask = row.checked.pair.mask if row.checked else None
        return str(mask) if column == MASK and mask else str(row.path)
