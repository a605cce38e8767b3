"""The models at hand as a table: name, whose it is, what it was made from, the verdict on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from irlgui.plain_text import plain_text
from irlgui.views import theme
from irlnet_core.model.model_library import ModelEntry

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


@dataclass(frozen=True)
class Column:
    """One column: its title and its text."""

    title: str
    text: Callable[[ModelEntry], str]


def origin(entry: ModelEntry) -> str:
    """Return the name of the model that this one was taught from, or nothing."""
    base = entry.card.training.get("base") if entry.card else None
    return str(base.get("name", "")) if isinstance(base, dict) else ""


def verdict(entry: ModelEntry) -> str:
    """Return what the comparison with the base said, or the reason why the model can't be used."""
    return "can't be used" if entry.problem else entry.verdict


COLUMNS = (
    Column("Model", lambda e: e.name),
    Column("Default", lambda e: "default" if e.default else ""),
    Column("Whose", lambda e: "shipped" if e.shipped else "own"),
    Column("Taught from", origin),
    Column("Against it", verdict),
)


class ModelTable(QAbstractTableModel):
    """One row a model, in the library's order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[ModelEntry] = []

    def set_entries(self, entries: Sequence[ModelEntry]) -> None:
        """Show other models."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def row_of(self, name: str) -> int | None:
        """Return the row of a model, or None."""
        return next((row for row, entry in enumerate(self.entries) if entry.name == name), None)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry, column = self.entries[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_text(entry.problem or str(entry.folder))
        if role == Qt.ItemDataRole.FontRole and entry.default and index.column() == 0:
            return theme.font("body", bold=True)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.tr(column.title)}: {column.text(entry)}"
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(COLUMNS[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
