"""The two commands of the main window that belong to training: teach, and the page of models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from irlnet_core.errors import ModelError

if TYPE_CHECKING:
    from irlgui.dialogs.models_page import ModelsPage
    from irlgui.main_window import MainWindow


class TrainingCommands(QObject):
    """Opens the wizard and the page of models for one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the commands do, by their ids."""
        return {"teach": self.teach, "models": self.show_models}

    @Slot()
    def teach(self) -> None:
        """Show the wizard; without a model say so."""
        try:
            self._window.training.open()
        except ModelError as error:
            self._window.desk.noted.emit(str(error))

    @Slot()
    def show_models(self) -> None:
        """Open the page of models."""
        self._open_page()

    def import_model(self, file: Path) -> None:
        """Open the page of models and take in one that was dropped on the window."""
        self._open_page().import_from(file)

    def _open_page(self) -> ModelsPage:
        from irlgui.dialogs.models_page import ModelsPage

        page = ModelsPage(self._window)
        page.default_changed.connect(self._follow_default)
        page.renamed.connect(self._follow_name)
        page.deleted.connect(self._follow_end)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.open()
        return page

    @Slot()
    def _follow_default(self) -> None:
        self._window.desk.choose_model(None)

    @Slot(str, str)
    def _follow_name(self, old: str, new: str) -> None:
        if self._window.desk.model == old:
            self._window.desk.choose_model(new)

    @Slot(str)
    def _follow_end(self, name: str) -> None:
        """The window's own model, or the default, may be gone."""
        if self._window.desk.model in (None, name):
            self._window.desk.choose_model(None)
