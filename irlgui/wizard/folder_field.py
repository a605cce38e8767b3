"""A folder's path to type, to choose or to drop."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from irlgui.views import theme


class FolderField(QWidget):
    """``changed`` tells of another folder when its path is complete; the folder need not exist."""

    changed = Signal(object)  # Path | None

    def __init__(self, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._told: Path | None = None
        self.setAcceptDrops(True)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(name)
        self.edit.setClearButtonEnabled(True)
        self.edit.editingFinished.connect(self._tell)
        self.edit.textChanged.connect(self._tell_when_empty)
        self.button = QPushButton(self.tr("Browse…"))
        self.button.setAccessibleName(self.tr("Browse: {}").format(name))
        self.button.clicked.connect(self.browse)
        self.setFocusProxy(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)

    @property
    def folder(self) -> Path | None:
        """Return what the field holds, or None when it is empty."""
        text = self.edit.text().strip()
        return expand(text) if text else None

    def set_folder(self, folder: Path | None) -> None:
        """Show a folder and tell of it."""
        self.edit.setText(str(folder) if folder else "")
        self._tell()

    def show_folder(self, folder: Path | None) -> None:
        """Show a folder without telling of it."""
        self._told = folder
        self.edit.setText(str(folder) if folder else "")

    @Slot()
    def browse(self) -> None:
        """Let the analyst choose a folder."""
        start = str(self.folder or Path.home())
        chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.set_folder(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        path = next(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        self.set_folder(path if path.is_dir() else path.parent)

    @Slot(str)
    def _tell_when_empty(self, text: str) -> None:
        if not text:
            self._tell()

    @Slot()
    def _tell(self) -> None:
        if self.folder != self._told:
            self._told = self.folder
            self.changed.emit(self.folder)


def expand(typed: str) -> Path:
    """Return the path that was typed, ``~`` as one's home; Path.expanduser raises for nobody's home."""
    return Path(os.path.expanduser(typed.strip()))  # noqa: PTH111
