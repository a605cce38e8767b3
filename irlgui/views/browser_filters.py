"""The upper part of the browser: search, sort, and chips that narrow the list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.models.picture_list_entry import STATUSES, status_meaning, status_name
from irlgui.models.picture_list_order import Criteria, SortKey
from irlgui.views import theme
from irlgui.views.browser_chip import Chip

_TYPING_MS = 150
_LARGEST_FIRST: frozenset[SortKey] = frozenset({"response", "regions", "status"})


class FilterBar(QWidget):
    """Emits the whole :class:`Criteria` whenever the analyst changes a part of it."""

    changed = Signal(object)  # Criteria

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._tell)
        self.search = QLineEdit(self, clearButtonEnabled=True, placeholderText=self.tr("Search names"))
        self.search.setAccessibleName(self.tr("Search names"))
        self.search.setToolTip(self.tr("Every word must occur in the name of the file or of its folder"))
        self.search.addAction(assets.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._on_typed)
        self.menu_button = self._make_button("more", self.tr("View and table"))
        self.menu_button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.sort = self._make_sort()
        self.direction = self._make_button("sort", self.tr("Reverse the order"))
        self.direction.setCheckable(True)
        self.direction.toggled.connect(self._tell)
        self.chips = {
            "regions": Chip(self.tr("With regions"), self.tr("Show pictures with at least one region"), self),
            "failed": Chip(self.tr("Failed"), self.tr("Show pictures that failed or can't be read"), self),
            "not analysed": Chip(
                self.tr("Not analysed"), self.tr("Show pictures without a result yet"), self
            ),
        }
        self.statuses = {status: self._make_status(status) for status in STATUSES}
        for chip in (*self.chips.values(), *self.statuses.values()):
            chip.toggled.connect(self._tell)
        self._arrange()

    @property
    def criteria(self) -> Criteria:
        """Return what the controls say now."""
        return Criteria(
            text=self.search.text(),
            statuses=frozenset(status for status, chip in self.statuses.items() if chip.isChecked()),
            chips=frozenset(name for name, chip in self.chips.items() if chip.isChecked()),  # type: ignore[misc]
            sort=self.sort.currentData(),
            descending=self.direction.isChecked(),
        )

    def clear(self) -> None:
        """Take all filters back; the order stays."""
        with QSignalBlocker(self):
            self.search.clear()
            for chip in (*self.chips.values(), *self.statuses.values()):
                chip.setChecked(False)
        self._tell()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    @Slot()
    def _on_typed(self) -> None:
        self._typing.start()

    @Slot()
    def _tell(self) -> None:
        self._typing.stop()
        self.changed.emit(self.criteria)

    @Slot()
    def _on_sort(self) -> None:
        """Begin with the end that is of interest: the largest response, the first name."""
        with QSignalBlocker(self.direction):
            self.direction.setChecked(self.sort.currentData() in _LARGEST_FIRST)
        self._tell()

    def _make_sort(self) -> QComboBox:
        sort = QComboBox(self)
        sort.setAccessibleName(self.tr("Sort by"))
        sort.setToolTip(self.tr("Sort by"))
        names: dict[SortKey, str] = {
            "name": self.tr("Name"),
            "response": self.tr("Response"),
            "regions": self.tr("Regions"),
            "status": self.tr("Your status"),
            "added": self.tr("Order of adding"),
        }
        for key, name in names.items():
            sort.addItem(name, key)
        sort.setMinimumContentsLength(6)
        sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        sort.currentIndexChanged.connect(self._on_sort)
        return sort

    def _make_button(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(assets.icon(icon))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _make_status(self, status: int) -> Chip:
        name = status_name(status)
        chip = Chip(str(status), f"{status} · {name}\n{status_meaning(status)}", self)
        chip.setAccessibleName(self.tr("Show status {digit}, {name}").format(digit=status, name=name))
        return chip

    def _arrange(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE)
        rows.setSpacing(theme.SPACE)
        for widgets, stretched in (
            ((self.search, self.menu_button), self.search),
            ((self.sort, self.direction), self.sort),
            ((self.chips["regions"], self.chips["failed"]), None),
            ((self.chips["not analysed"],), None),
            (tuple(self.statuses.values()), None),
        ):
            row = QHBoxLayout()
            row.setSpacing(theme.SPACE)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is stretched else 0)
            if stretched is None:
                row.addStretch(1)
            rows.addLayout(row)
