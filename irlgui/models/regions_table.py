"""The tool's regions as a table: what is shown, what is sorted, what is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from irlnet_core.evidence.regions import Region, Regions

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
_NO_PARENT = QModelIndex()


@dataclass(frozen=True)
class Column:
    """One column: its title, its full name, its text, and what it is sorted by."""

    title: str
    name: str
    text: Callable[[Region], str]
    key: Callable[[Region], float]


COLUMNS = (
    Column("#", "Number", lambda r: str(r.id), lambda r: r.id),
    Column(
        "Area",
        "Area in per cent of the picture",
        lambda r: f"{100 * r.area_fraction:.2f} %",
        lambda r: r.area,
    ),
    Column("Mean", "Mean response", lambda r: f"{r.mean_response:.3f}", lambda r: r.mean_response),
    Column("Max", "Highest response", lambda r: f"{r.max_response:.3f}", lambda r: r.max_response),
    Column("Pixels", "Area in pixels", lambda r: f"{r.area:,}", lambda r: r.area),
    Column(
        "Box",
        "Bounding box: left, top, width × height in pixels",
        lambda r: f"{r.x}, {r.y}, {r.width} × {r.height}",
        lambda r: r.x,
    ),
    Column(
        "Centroid",
        "Mean of the pixels' column and row",
        lambda r: f"{r.centroid_x:.1f}, {r.centroid_y:.1f}",
        lambda r: r.centroid_x,
    ),
)


class RegionsTable(QAbstractTableModel):
    """One row per listed region, largest first; read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._regions: tuple[Region, ...] = ()

    def set_regions(self, regions: Regions | None) -> None:
        """Show other regions."""
        self.beginResetModel()
        self._regions = regions.listed if regions else ()
        self.endResetModel()

    def region_at(self, row: int) -> Region:
        """Return the region of a row."""
        return self._regions[row]

    def row_of(self, number: int | None) -> int | None:
        """Return the row of the region with this id, or None."""
        return next((row for row, region in enumerate(self._regions) if region.id == number), None)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._regions)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, region = COLUMNS[index.column()], self._regions[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(region)
        if role == SORT_ROLE:
            return column.key(region)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.tr(column.name)}: {column.text(region)}"
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(COLUMNS[section].title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr(COLUMNS[section].name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def to_text(regions: list[Region]) -> str:
    """Return regions as text with tabs between columns, as it is pasted into a document or a sheet."""
    head = "\t".join(column.title for column in COLUMNS)
    return "\n".join([head, *("\t".join(column.text(region) for column in COLUMNS) for region in regions)])
