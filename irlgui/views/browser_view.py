"""The scrolling part of the browser: grid or list, keys, and which thumbnails are wanted now."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QWidget

from irlgui.models.picture_list_entry import STATUSES
from irlgui.models.picture_list_order import PictureOrder
from irlgui.views.browser_tile import Mode, TileDelegate, cell_size

_SETTLE_MS = 30  # after the last scroll step, before thumbnails are asked for
_OPEN_MS = 120  # an arrow key that is held down passes pictures by without opening each
_DIGITS = {Qt.Key.Key_0 + status: status for status in STATUSES}
_SINGLE = {Qt.Key.Key_N: 1, Qt.Key.Key_P: -1}


def plan_thumbnails(first: int, last: int, count: int) -> list[int]:
    """Return rows by the worth of their thumbnails: visible ones, a page below, half a page above."""
    first, last = max(0, first), min(last, count - 1)
    page = last - first + 1
    below = range(last + 1, min(count, last + 1 + page))
    above = range(first - 1, max(-1, first - 1 - page // 2), -1)
    return [*range(first, last + 1), *below, *above]


class PictureView(QListView):
    """Pictures in a grid or a list. It tells what the analyst wants and changes no data."""

    opened = Signal(object)  # Path
    looked = Signal()  # other rows may be visible now
    status_pressed = Signal(int)
    remove_pressed = Signal()
    menu_asked = Signal(QPoint)  # on the screen
    focus_lost = Signal()

    def __init__(self, order: PictureOrder, delegate: TileDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order, self._tile = order, delegate
        self._settle = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self.looked)
        self._open = QTimer(self, interval=_OPEN_MS, singleShot=True)
        self._open.timeout.connect(self._open_current)
        self.setModel(order)
        self.setItemDelegate(delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        for signal in (order.rowsInserted, order.rowsRemoved, order.layoutChanged, order.modelReset):
            signal.connect(self._settle_soon)
        self.verticalScrollBar().valueChanged.connect(self._settle_soon)
        self.set_mode("grid")

    def set_mode(self, mode: Mode) -> None:
        """Show a grid of tiles or a list of rows."""
        current = self.currentIndex()
        self._tile.mode = mode
        grid = mode == "grid"
        self.setFlow(QListView.Flow.LeftToRight if grid else QListView.Flow.TopToBottom)
        self.setWrapping(grid)
        self.setResizeMode(QListView.ResizeMode.Adjust if grid else QListView.ResizeMode.Fixed)
        self._measure()
        if current.isValid():
            self.scrollTo(current)

    def visible_rows(self) -> tuple[int, int]:
        """Return the first and the last row at least partly in view; last < first where there is none."""
        cell = self.gridSize()
        columns = max(1, self.viewport().width() // max(1, cell.width())) if self.isWrapping() else 1
        top = self.verticalOffset()
        first = top // cell.height() * columns
        last = ((top + self.viewport().height() - 1) // cell.height() + 1) * columns - 1
        return first, min(last, self._order.rowCount() - 1)

    def wanted_paths(self) -> list[Path]:
        """Return the pictures that are worth a thumbnail now, the most urgent first."""
        shown = self._order.shown
        return [shown[row].path for row in plan_thumbnails(*self.visible_rows(), len(shown))]

    def selected_paths(self) -> list[Path]:
        """Return the selected pictures in their order, or the current one."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        current = self.currentIndex()
        rows = rows or ([current.row()] if current.isValid() else [])
        return [self._order.shown[row].path for row in rows]

    @property
    def about_to_open(self) -> bool:
        """Tell whether the current picture will be opened in a moment."""
        return self._open.isActive()

    def step(self, by: int) -> None:
        """Open the next (1) or the previous (-1) picture."""
        chosen = self.selectionModel().isSelected(self.currentIndex())  # with the focus comes a current row
        row = self.currentIndex().row() + by if chosen else 0
        if 0 <= row < self._order.rowCount():
            self.choose(self._order.index(row))
            self._open.start()

    def choose(self, index: QModelIndex) -> None:
        """Make an index the current and only selected one, and bring it into view; nothing is opened."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def event(self, event: QEvent) -> bool:
        """Keep the digits from shortcuts of the window while the browser has the focus."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and _digit(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        digit, before = _digit(event), self.currentIndex()
        if digit is not None:
            self.status_pressed.emit(digit)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_current()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_pressed.emit()
        elif event.key() == Qt.Key.Key_Space and not event.modifiers():
            event.ignore()  # the window lifts the response with it, wherever the keyboard is
        elif event.key() in _SINGLE and not event.modifiers():
            self.step(_SINGLE[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
            if self.currentIndex() != before and len(self.selectedIndexes()) <= 1:
                self._open.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and self.indexAt(event.position().toPoint()).isValid() and len(self.selectedIndexes()) == 1:
            self._open_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self.focus_lost.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_asked.emit(place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self._measure()
        super().resizeEvent(event)
        self._settle.start()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._tile.restyle()
            self._measure()
        super().changeEvent(event)

    def _measure(self) -> None:
        cell = cell_size(self._tile.mode, self._room(), self._tile.line)
        if cell != self.gridSize():
            self._tile.cell = cell
            self.setGridSize(cell)
            self.verticalScrollBar().setSingleStep(max(1, cell.height() // 3))
        self._settle.start()

    def _room(self) -> int:
        """Return the width that Qt lays tiles out in: it leaves room for the scroll bar, shown or not."""
        if self._tile.mode == "list":
            return self.viewport().width()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        return min(self.viewport().width(), self.maximumViewportSize().width() - bar)

    @Slot()
    def _settle_soon(self) -> None:
        """Start the timer, whose own ``start`` would take a scroll bar's value for its time."""
        self._settle.start()

    def _open_current(self) -> None:
        self._open.stop()
        picture = self._order.picture_at(self.currentIndex())
        if picture:
            self.opened.emit(picture.path)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(260, 480)


def _digit(event: QKeyEvent) -> int | None:
    keypad = Qt.KeyboardModifier.KeypadModifier
    return _DIGITS.get(event.key()) if event.modifiers() in (Qt.KeyboardModifier.NoModifier, keypad) else None
