"""The analyst's outlines as rows: name, kind, area; a name is edited in place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from irlgui.models.outlines import OutlineLayer
from irlgui.plain_text import plain_text
from irlnet_core.evidence.annotations import Outline

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_TITLES = ("Name", "Shape", "Pixels")
_FLAGS = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled


class OutlinesList(QAbstractTableModel):
    """Follows an :class:`OutlineLayer`; renaming goes through its undo stack."""

    def __init__(self, layer: OutlineLayer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layer = layer
        self._rows = layer.outlines
        layer.outlines_changed.connect(self._follow)

    def outline_at(self, row: int) -> Outline:
        """Return the outline of a row."""
        return self._rows[row]

    def row_of(self, number: str | None) -> int | None:
        """Return the row of the outline with this id, or None."""
        return next((row for row, outline in enumerate(self._rows) if outline.id == number), None)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(_TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _FLAGS | Qt.ItemFlag.ItemIsEditable if index.column() == 0 else _FLAGS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        outline = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return (outline.label, self._kind(outline), f"{outline.area:,.0f}")[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_text(f"{outline.label}\n{outline.author or '—'}, {outline.created}")
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or index.column() != 0:
            return False
        self._layer.rename(self._rows[index.row()].id, str(value))
        return True

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(_TITLES[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 2 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _kind(self, outline: Outline) -> str:
        words = {
            "polygon": self.tr("polygon"),
            "rectangle": self.tr("rectangle"),
            "freehand": self.tr("freehand"),
        }
        return words[outline.kind]

    def _follow(self, _outlines: object) -> None:
        """Change rows in place where only contents changed, so that an open editor and the choice survive."""
        new = self._layer.outlines
        if [outline.id for outline in new] == [outline.id for outline in self._rows]:
            self._rows = new
            if new:
                self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(_TITLES) - 1))
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()
