"""A comparison of two models as the wizard and the models page show it: verdict, table, maps side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from irlgui.views import theme
from irlgui.wizard.compare_words import (
    ComparedMap,
    ComparedRow,
    describe_verdict,
    format_difference,
    format_value,
    notes_of,
    read_maps,
    read_rows,
    reasons_of,
    verdict_of,
)
from irlgui.wizard.look import Attention, dim, make_heading

_MAP_HEIGHT = 128
_NUMBERS_FROM = 2


class ComparisonView(QWidget):
    """Shows compare.json of a folder; :meth:`show_comparison` with None shows nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Mapping[str, Any] | None, Path, tuple[str, str] | None] | None = None
        self.verdict = make_heading("")
        self.verdict.setFont(theme.font("title", bold=True))
        self.verdict.setWordWrap(True)
        self.verdict.setAccessibleName(self.tr("Verdict"))
        self.worse = Attention()
        self.reasons = QLabel()
        self.reasons.setWordWrap(True)
        self.reasons.setTextFormat(Qt.TextFormat.PlainText)
        self.reasons.setAccessibleName(self.tr("The figures that decide"))
        self.table = self._make_table()
        self.maps_title = dim()
        self._maps = QVBoxLayout()
        self._maps.setContentsMargins(0, 0, 0, 0)
        self._maps.setSpacing(2 * theme.SPACE)
        inner = QWidget()
        inner.setLayout(self._maps)
        self.area = QScrollArea()
        self.area.setWidget(inner)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setAccessibleName(self.tr("Maps of the base and of the new model"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.SPACE)
        for widget in (self.verdict, self.worse, self.reasons):
            layout.addWidget(widget)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.maps_title)
        layout.addWidget(self.area, 1)

    def show_comparison(
        self, comparison: Mapping[str, Any] | None, folder: Path, names: tuple[str, str] | None = None
    ) -> None:
        """Show a comparison whose files lie in ``folder``; of any two models it tells by their ``names``."""
        self._shown = (comparison, folder, names)
        verdict = verdict_of(comparison)
        self.verdict.setText(describe_verdict(verdict, names))
        self._tell_names(names)
        told = [*(f"•  {reason}" for reason in reasons_of(comparison)), *notes_of(comparison)]
        self.reasons.setText("\n".join(told))
        self.reasons.setVisible(bool(self.reasons.text()))
        marked = self.tr("It is marked as worse and becomes the default only when you confirm it.")
        self.worse.show_text(marked if verdict == "worse" and not names else "")
        self._fill_table(read_rows(comparison or {}))
        self._fill_maps(read_maps(comparison or {}, folder))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange and self._shown is not None:
            self._fill_table(read_rows(self._shown[0] or {}))
        super().changeEvent(event)

    def _tell_names(self, names: tuple[str, str] | None) -> None:
        base, new = names or (self.tr("Base"), self.tr("New"))
        for column, name in ((3, base), (4, new)):
            if header := self.table.horizontalHeaderItem(column):
                header.setText(name)
        told = names or (self.tr("base"), self.tr("new"))
        pictures = self.tr("Pictures") if names else self.tr("Held-out pictures")
        self.maps_title.setText(self.tr("{}: picture · true mask · {} · {}").format(pictures, *told))

    def _fill_table(self, rows: Sequence[ComparedRow]) -> None:
        self.table.setRowCount(len(rows))
        self.table.setVisible(bool(rows))
        for place, row in enumerate(rows):
            what = f"{row.what}, {row.variant}" if row.variant else row.what
            texts = (
                what,
                row.measure,
                f"{row.count:,}" if row.count else "",
                format_value(row.base),
                format_value(row.new),
            )
            for column, text in enumerate((*texts, format_difference(row.difference), row.verdict)):
                self.table.setItem(place, column, self._cell(text, column, worse=row.verdict == "worse"))

    def _cell(self, text: str, column: int, *, worse: bool) -> QTableWidgetItem:
        cell = QTableWidgetItem(text)
        cell.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if _NUMBERS_FROM <= column < self.table.columnCount() - 1:
            cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if worse and column >= self.table.columnCount() - 2:
            font = QFont(cell.font())
            font.setBold(True)
            cell.setFont(font)
            cell.setForeground(QColor(theme.tokens().caution))
        return cell

    def _fill_maps(self, maps: Sequence[ComparedMap]) -> None:
        while item := self._maps.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for shown in maps:
            self._maps.addWidget(dim(self._caption(shown)))
            self._maps.addWidget(self._picture(shown))
        self._maps.addStretch()
        self.area.setVisible(bool(maps))
        self.maps_title.setVisible(bool(maps))

    def _caption(self, shown: ComparedMap) -> str:
        if shown.base_f1 is None or shown.new_f1 is None:
            return shown.picture
        return self.tr("{}: F1 {:.3f} → {:.3f}").format(shown.picture, shown.base_f1, shown.new_f1)

    def _picture(self, shown: ComparedMap) -> QLabel:
        label = QLabel()
        image = QImage(str(shown.file))
        ratio = self.devicePixelRatioF()
        if not image.isNull():
            smooth = Qt.TransformationMode.SmoothTransformation
            image = image.scaledToHeight(round(_MAP_HEIGHT * ratio), smooth)
            image.setDevicePixelRatio(ratio)
            label.setPixmap(QPixmap.fromImage(image))
        label.setAccessibleName(self._caption(shown))
        return label

    def _make_table(self) -> QTableWidget:
        titles = ("On", "Measure", "Pictures", "Base", "New", "Difference", "")
        table = QTableWidget(0, len(titles))
        table.setHorizontalHeaderLabels([self.tr(title) for title in titles])
        for column in range(len(titles)):
            number = _NUMBERS_FROM <= column < len(titles) - 1
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            if header := table.horizontalHeaderItem(column):
                header.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setAccessibleName(self.tr("Base and new model, measured"))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        header_view = table.horizontalHeader()
        header_view.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header_view.setStretchLastSection(True)  # figures stand beside what they tell of
        header_view.setMinimumSectionSize(64)
        header_view.setHighlightSections(False)
        return table
