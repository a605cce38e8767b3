"""The table of the tool's regions: choose one here and the viewer follows, and the other way round.

It has as many columns as fit, so that nothing scrolls sideways; the line below it tells the rest of the
chosen region.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.models.regions_table import COLUMNS, SORT_ROLE, RegionsTable, to_text
from irlgui.views import theme
from irlnet_core.evidence.regions import Region, Regions

FORMATS = ("csv", "coco", "labelme")
_ROWS_SEEN = 5
# Titles stand at the right, over their numbers; the arrow would lie upon them.
_ARROW_LEFT = (
    "QHeaderView::up-arrow, QHeaderView::down-arrow"
    " { subcontrol-position: center left; left: 4px; width: 8px; }"
)


class RegionsSection(QWidget):
    """Table, copy and export. The table is sorted by any column; the ids stay.

    ``detail`` tells what the columns that found no room say of the chosen region.
    """

    region_chosen = Signal(object)  # int | None
    zoom_asked = Signal(object)  # Region
    export_asked = Signal(str)  # csv, coco, labelme

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RegionsTable(self)
        self.sorted = QSortFilterProxyModel(self)
        self.sorted.setSourceModel(self.model)
        self.sorted.setSortRole(SORT_ROLE)
        self.table = QTableView()
        self.empty, self.detail = QLabel(), QLabel()
        self.copy_button = QPushButton(assets.icon("copy"), self.tr("Copy"))
        self.export_button = QPushButton(assets.icon("export"), self.tr("Export"))
        self._silent = False
        self._widths: list[int] = []
        self._prepare_table()
        self._prepare_buttons()
        self._build()
        self.set_regions(None, self.tr("No analysis yet."))

    def set_regions(self, regions: Regions | None, words: str = "") -> None:
        """Show the regions; with none, ``words`` say why."""
        self._silent = True
        self.model.set_regions(regions)
        self._silent = False
        filled = regions is not None and regions.count > 0
        self.empty.setText(words or self.tr("No region is large enough to be listed at this threshold."))
        self._stack.setCurrentWidget(self.table if filled else self.empty)
        # Its height stays while the threshold moves, so that nothing below jumps.
        self._holder.setFixedHeight(self._table_height if regions else self.empty.sizeHint().height())
        self.copy_button.setEnabled(filled)
        if filled and not self._widths:
            self._measure_columns()
        self.detail.setVisible(filled and self.table.isColumnHidden(len(COLUMNS) - 1))
        self._tell_detail()

    def choose(self, number: int | None) -> None:
        """Select the row of a region, or none, without telling of it."""
        row = self.model.row_of(number)
        self._silent = True
        if row is None:
            self.table.clearSelection()
        else:
            self.table.selectRow(self.sorted.mapFromSource(self.model.index(row, 0)).row())
        self._silent = False
        self._tell_detail()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show as many columns as there is room for; called by Qt."""
        super().resizeEvent(event)
        self._fit_columns()

    def copy(self) -> None:
        """Copy the selected rows as text, or all of them, in the order in which they are shown."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        regions = [self._region(self.sorted.index(row, 0)) for row in rows or range(self.sorted.rowCount())]
        QGuiApplication.clipboard().setText(to_text(regions))

    def _region(self, shown: QModelIndex) -> Region:
        return self.model.region_at(self.sorted.mapToSource(shown).row())

    def _tell(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._silent:
            return
        rows = self.table.selectionModel().selectedRows()
        self._tell_detail()
        self.region_chosen.emit(self._region(rows[0]).id if len(rows) == 1 else None)

    def _measure_columns(self) -> None:
        table = self.table
        table.resizeColumnsToContents()
        table.setColumnWidth(0, table.columnWidth(0) + theme.SPACE)  # the sorting's arrow
        self._widths = [table.columnWidth(column) for column in range(len(COLUMNS))]
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Hide the last columns that would have to be scrolled to; the first two are always there."""
        if not self._widths:
            return
        bar = self.table.verticalScrollBar().sizeHint().width()
        room = self.width() - bar - 2 * self.table.frameWidth()
        for column in range(2, len(COLUMNS)):
            self.table.setColumnHidden(column, sum(self._widths[: column + 1]) > room)
        self.detail.setVisible(self.table.isColumnHidden(len(COLUMNS) - 1) and self.model.rowCount() > 0)
        self._tell_detail()

    def _tell_detail(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        hidden = [i for i in range(len(COLUMNS)) if self.table.isColumnHidden(i)]
        if len(rows) == 1:
            region = self._region(rows[0])
            said = (f"{self.tr(COLUMNS[i].title)}\u00a0{COLUMNS[i].text(region)}" for i in hidden)
            self.detail.setText(" · ".join(text.replace(" ", "\u00a0") for text in said))
        else:
            self.detail.setText(self.tr("Choose a region to see its box and centroid."))

    def _zoom(self, index: QModelIndex) -> None:
        self.zoom_asked.emit(self._region(index))

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.sorted)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setFont(theme.font("small"))
        table.horizontalHeader().setFont(theme.font("small"))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setAlternatingRowColors(True)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 2 * theme.SPACE)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStyleSheet(_ARROW_LEFT)
        table.horizontalHeader().setStretchLastSection(True)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName(self.tr("Regions above the threshold"))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        table.selectionModel().selectionChanged.connect(self._tell)
        table.activated.connect(self._zoom)

    def _prepare_buttons(self) -> None:
        self.copy_action = QAction(self.tr("Copy as text"), self)
        self.copy_action.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.copy_action.triggered.connect(self.copy)
        self.table.addAction(self.copy_action)
        self.copy_button.clicked.connect(self.copy)
        self.copy_button.setToolTip(self.tr("Copy the selected rows, or all, as text"))
        menu = QMenu(self.export_button)
        words = {
            "csv": self.tr("Table (CSV)…"),
            "coco": self.tr("COCO JSON…"),
            "labelme": self.tr("labelme JSON…"),
        }
        for kind in FORMATS:
            action = menu.addAction(words[kind])
            action.setData(kind)
        menu.triggered.connect(self._ask_export)
        self.export_button.setMenu(menu)
        self.export_button.setToolTip(
            self.tr("Write regions and outlines to a file, told apart by their source")
        )

    def _ask_export(self, action: QAction) -> None:
        self.export_asked.emit(action.data())

    def _show_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        menu = QMenu(self.table)
        zoom = menu.addAction(self.tr("Zoom to the region"))
        zoom.setEnabled(index.isValid())
        menu.addAction(self.copy_action)
        chosen = menu.exec(self.table.viewport().mapToGlobal(place))
        menu.deleteLater()
        if chosen is zoom:
            self._zoom(index)

    def _build(self) -> None:
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.empty.setEnabled(False)
        self._holder = QWidget()
        self._stack = QStackedLayout(self._holder)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.detail.setFont(theme.font("small"))
        self.detail.setWordWrap(True)
        self.detail.setAccessibleName(self.tr("The chosen region"))
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setMinimumHeight(2 * self.detail.fontMetrics().lineSpacing())  # nothing below jumps
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row_height = self.table.verticalHeader().defaultSectionSize()
        self._table_height = (_ROWS_SEEN + 1) * row_height + 4 * theme.SPACE
        row = QHBoxLayout()
        row.addWidget(self.copy_button)
        row.addWidget(self.export_button)
        row.addStretch(1)
        for button in (self.copy_button, self.export_button):
            button.setIconSize(QSize(16, 16))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self._holder)
        column.addWidget(self.detail)
        column.addLayout(row)
