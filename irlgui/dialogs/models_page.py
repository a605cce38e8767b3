"""The page of models: list, card, curves, comparison; default, rename, delete, export, import, verify."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMessageBox,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from irlgui.dialogs.compare_models import CompareModels
from irlgui.dialogs.file_dialogs import ask_file
from irlgui.dialogs.models_page_detail import ModelDetail
from irlgui.jobs.lane import Lane
from irlgui.models.model_list_table import ModelTable, verdict
from irlgui.plain_text import plain_text
from irlgui.views import theme
from irlgui.views.notice import Notice
from irlnet_core.errors import IrlnetError
from irlnet_core.model.archive import SUFFIX, export_model, import_model
from irlnet_core.model.model_library import ModelEntry, ModelLibrary

_BUTTONS = ("set_default", "compare", "rename", "delete", "verify", "export", "import_file")


class ModelsPage(QDialog):
    """Works on a :class:`ModelLibrary`; ``default_changed`` tells that another model is taken from now on."""

    default_changed = Signal()
    renamed = Signal(str, str)  # from, to
    deleted = Signal(str)

    def __init__(self, parent: QWidget | None = None, library: ModelLibrary | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self.at_hand = library or ModelLibrary()
        self._lane = Lane(self)
        self._done: Callable[[Any], None] = self._take_export
        self._lane.succeeded.connect(self._take_result)
        self._lane.failed.connect(self._take_failure)
        self.notice, self.table, self.view = Notice(), ModelTable(self), QTableView()
        self.detail = ModelDetail()
        self.buttons = {name: QPushButton(words) for name, words in self._names()}
        self._make_view()
        self._lay_out()
        for name, button in self.buttons.items():
            button.setAutoDefault(False)
            button.clicked.connect(getattr(self, name))
        self.refresh()
        self.resize(1200, 640)

    def chosen(self) -> ModelEntry | None:
        """Return the model of the chosen row."""
        row = self.view.currentIndex().row()
        return self.table.entries[row] if 0 <= row < len(self.table.entries) else None

    def refresh(self, name: str = "") -> None:
        """Read the models again and choose one, at first the default."""
        entry = self.chosen()
        wanted = name or (entry.name if entry else "")
        entries = self.at_hand.entries()
        self.table.set_entries(entries)
        default = next((row for row, found in enumerate(entries) if found.default), 0)
        row = self.table.row_of(wanted)
        self.view.setCurrentIndex(self.table.index(default if row is None else row, 0))
        self._show_chosen()

    @Slot()
    def set_default(self) -> None:
        """Take the chosen model for analyses from now on; a worse one only after a word."""
        entry = self.chosen()
        if entry is None or (verdict(entry) == "worse" and not self.confirm_worse(entry)):
            return
        if self._try(lambda: self.at_hand.set_default(entry.name, accept_worse=verdict(entry) == "worse")):
            self.refresh(entry.name)
            self.default_changed.emit()

    @Slot()
    def compare(self) -> None:
        """Measure the chosen model against another one on a folder of pairs."""
        entry = self.chosen()
        if entry is not None:
            dialog = CompareModels(self.table.entries, entry.name, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    @Slot()
    def rename(self) -> None:
        """Ask for another name."""
        entry = self.chosen()
        if entry is None:
            return
        new, given = QInputDialog.getText(
            self, self.tr("Rename the model"), self.tr("New name"), text=entry.name
        )
        if given and new and new != entry.name and self._try(lambda: self.at_hand.rename(entry.name, new)):
            self.refresh(new)
            self.renamed.emit(entry.name, new)
            if entry.default:
                self.default_changed.emit()

    @Slot()
    def delete(self) -> None:
        """Delete a model of the user's own, after a question."""
        entry = self.chosen()
        if entry is None or not self.confirm_delete(entry):
            return
        if self._try(lambda: self.at_hand.delete(entry.name)):
            self.refresh()
            self.deleted.emit(entry.name)

    @Slot()
    def verify(self) -> None:
        """Hash the files of the chosen model and compare with its card."""
        entry = self.chosen()
        if entry is not None:
            name = entry.name
            self._work(lambda: _verify(self.at_hand, name), self._take_verified)

    @Slot()
    def export(self) -> None:
        """Write the chosen model into one file."""
        entry = self.chosen()
        if entry is None:
            return
        filters = self.tr("IRL-Net model (*{})").format(SUFFIX)
        start = Path.home() / f"{entry.name}{SUFFIX}"
        if file := ask_file(self, self.tr("Export the model"), start, filters, _as_model):
            self._work(lambda: _export(entry.folder, file), self._take_export)

    @Slot()
    def import_file(self) -> None:
        """Take in a model from one file; anything but an exported model is refused."""
        filters = self.tr("IRL-Net model (*{});;All files (*)").format(SUFFIX)
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import a model"), str(Path.home()), filters)
        if name:
            self.import_from(Path(name))

    def import_from(self, file: Path) -> None:
        """Take in a model from ``file`` in the background; the notice tells the end."""
        self._work(lambda: _import(self.at_hand, file), self._take_import)

    def confirm_worse(self, entry: ModelEntry) -> bool:
        """Ask in so many words whether a worse model is to be the default."""
        text = self.tr("{} is worse than the model it was taught from.").format(entry.name)
        return self._confirm("default", text, self.tr("Make it the default"), self.tr("Do not"))

    def confirm_delete(self, entry: ModelEntry) -> bool:
        """Ask whether a model may go."""
        text = self.tr("Delete the model {}? Its weights, card and curves are removed.").format(entry.name)
        return self._confirm("delete", text, self.tr("Delete"), self.tr("Keep"))

    def done(self, result: int) -> None:
        """Close; what still runs ends by itself."""
        self._lane.shutdown(5.0)
        super().done(result)

    def _confirm(self, name: str, text: str, yes: str, no: str) -> bool:
        box = QMessageBox(self)
        box.setObjectName(name)
        box.setText(plain_text(text))
        agree = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(no, QMessageBox.ButtonRole.RejectRole))
        box.exec()
        return box.clickedButton() is agree

    def _try(self, act: Callable[[], object]) -> bool:
        """Do something with the library; say what went wrong."""
        try:
            act()
        except (IrlnetError, OSError) as error:
            self.notice.show_text(str(error))
            return False
        self.notice.clear()
        return True

    def _work(self, make: Callable[[], Generator[None, None, Any]], done: Callable[[Any], None]) -> None:
        self.notice.show_text(self.tr("Working…"))
        self._done = done
        self._enable(busy=True)
        self._lane.submit(make)

    @Slot(int, object)
    def _take_result(self, ticket: int, result: Any) -> None:
        if self._lane.is_newest(ticket):
            self._enable()
            self._done(result)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        if self._lane.is_newest(ticket):
            self._enable()
            self.notice.show_text(str(error))

    def _take_verified(self, told: tuple[str, list[str]]) -> None:
        name, problems = told
        good = self.tr("{}: every file has the hash that stands in its card.").format(name)
        self.notice.show_text(" ".join(problems) if problems else good)

    def _take_export(self, file: Path) -> None:
        self.notice.show_text(self.tr("Written: {}").format(file))

    def _take_import(self, folder: Path) -> None:
        self.refresh(folder.name)
        self.notice.show_text(self.tr("Imported as {}. The default is unchanged.").format(folder.name))

    @Slot(QModelIndex, QModelIndex)
    def _show_chosen(self, *_: QModelIndex) -> None:
        self.detail.show_model(self.chosen())
        self._enable()

    def _enable(self, *, busy: bool = False) -> None:
        """Grey out what the chosen model does not allow."""
        entry = self.chosen()
        own, usable = entry is not None and not entry.shipped, entry is not None and not entry.problem
        allowed = {
            "set_default": usable and entry is not None and not entry.default,
            "compare": usable and sum(not found.problem for found in self.table.entries) > 1,
            "rename": own,
            "delete": own,
            "verify": entry is not None,
            "export": usable,
            "import_file": True,
        }
        for name, on in allowed.items():
            self.buttons[name].setEnabled(on and not busy)

    def _names(self) -> list[tuple[str, str]]:
        words = ("Set as default", "Compare…", "Rename…", "Delete…", "Verify hashes", "Export…", "Import…")
        return [(name, self.tr(word)) for name, word in zip(_BUTTONS, words, strict=True)]

    def _make_view(self) -> None:
        self.view.setModel(self.table)
        self.view.setAccessibleName(self.tr("Models"))
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.horizontalHeader().setHighlightSections(False)
        for column, width in enumerate((118, 64, 66, 96)):
            self.view.setColumnWidth(column, width)
        self.view.selectionModel().currentRowChanged.connect(self._show_chosen)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(2 * theme.SPACE)
        split.setStyleSheet("QSplitter::handle { background: transparent }")
        split.addWidget(self.view)
        split.addWidget(self.detail)
        split.setSizes([456, 714])
        split.setStretchFactor(1, 1)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch()
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[4 * theme.SPACE] * 4)
        layout.setSpacing(3 * theme.SPACE)
        layout.addWidget(self.notice)
        layout.addWidget(split, 1)
        layout.addLayout(row)


def _as_model(file: Path, _kind: str) -> Path:
    return file if file.name.endswith(SUFFIX) else file.with_name(file.name + SUFFIX)


def _verify(library: ModelLibrary, name: str) -> Generator[None, None, tuple[str, list[str]]]:
    yield None
    return name, library.verify(name)


def _export(folder: Path, file: Path) -> Generator[None, None, Path]:
    yield None
    export_model(folder, file)
    return file


def _import(library: ModelLibrary, file: Path) -> Generator[None, None, Path]:
    yield None
    return import_model(file, library.user_home, taken=library.names)
