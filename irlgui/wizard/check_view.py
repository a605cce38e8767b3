"""The check's table on the screen: rows of one height; names and remarks share the room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from irlgui.wizard.check_delegate import ROW_HEIGHT, CheckDelegate
from irlgui.wizard.check_table import PICTURE, REMARK, CheckTable

_WIDTHS = (184, 96, 236, 112, 68, 88, 110, 130)
_SHARE_OF_NAME = 0.4  # of the room that is to spare; the rest is the remark's


class CheckView(QTableView):
    """Shows a :class:`CheckTable`; whole rows are chosen."""

    def __init__(self, table: CheckTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(table)
        self.setItemDelegate(CheckDelegate(self))
        self.setAccessibleName(self.tr("Pictures and their masks"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setHighlightSections(False)
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        spare = max(0, self.viewport().width() - sum(_WIDTHS))
        name = round(_SHARE_OF_NAME * spare)
        self.setColumnWidth(PICTURE, _WIDTHS[PICTURE] + name)
        self.setColumnWidth(REMARK, _WIDTHS[REMARK] + spare - name)
