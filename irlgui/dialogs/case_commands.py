"""The commands of the main window that belong to cases and records."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QFileDialog

from irlgui import recent
from irlgui.actions import translate
from irlgui.dialogs.case_dialog import CaseDialog, NewCaseDialog
from irlgui.dialogs.unsaved_box import UnsavedBox
from irlgui.jobs.case_thread import Opened
from irlgui.open_case import CaseState
from irlnet_core.case.connection import SUFFIX
from irlnet_core.case.exhibit import CaseFacts
from irlnet_core.model.archive import SUFFIX as MODEL_SUFFIX

if TYPE_CHECKING:
    from irlgui.main_window import MainWindow

_FOLDER_KEY = "dialogs/cases"


class CaseCommands(QObject):
    """Makes, opens, describes and verifies cases for one window, and sorts out what is dropped on it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._desk = window, window.desk
        self._settings = window.desk.settings
        case = self._desk.case
        case.changed.connect(self._show_state)
        case.opened.connect(self._take_opened)
        self._desk.case_pictures.missing_changed.connect(self._enable_search)
        self._desk.case_pictures.search_wanted.connect(self._offer_search)
        self._desk.case_pictures.searched.connect(window.status.set_search)
        window.status.search_stopped.connect(self._desk.case_pictures.stop)
        window.status.case_asked.connect(self.describe)
        self._enable_search(0)
        self._show_state(case.state)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the commands do, by their ids."""
        return {
            "new_case": self.make,
            "open_case": self.open,
            "automatic_case": self._desk.case.open_automatic,
            "case_facts": self.describe,
            "find_evidence": self.search,
            "verify": self.ask_verify,
            "verify_case": self.verify_case,
            "self_test": self.show_self_test,
        }

    def take_files(self, paths: Sequence[Path]) -> list[Path]:
        """Open cases, records and models in their own ways; return the paths that are something else."""
        rest = []
        for path in paths:
            name = path.name.lower()
            if name.endswith(SUFFIX):
                self._desk.case.open(path)
            elif name.endswith(".zip") and not path.is_dir():
                self.verify(path)
            elif name.endswith(MODEL_SUFFIX):
                self._window.switchboard.training.import_model(path)
            else:
                rest.append(path)
        return rest

    @Slot()
    def make(self) -> None:
        """Ask for a new case and open it."""
        pictures = (
            [one.path for one in self._desk.pictures.pictures] if self._desk.case.state.automatic else []
        )
        dialog = NewCaseDialog(self._folder(), self._usual_facts(), pictures, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._settings.store.setValue(_FOLDER_KEY, str(dialog.path.parent))
            self._desk.make_case(dialog.path, dialog.fields.facts(), keep=dialog.keep.isChecked())
        dialog.deleteLater()

    @Slot()
    def open(self) -> None:
        """Ask for a case and open it."""
        kinds = translate("Cases") + f" (*{SUFFIX})"
        name, _ = QFileDialog.getOpenFileName(
            self._window, translate("Open a case"), str(self._folder()), kinds
        )
        if name:
            self._settings.store.setValue(_FOLDER_KEY, str(Path(name).parent))
            self._desk.case.open(Path(name))

    @Slot()
    def describe(self) -> None:
        """Show the facts of the case, and keep what is changed of them."""
        case = self._desk.case
        path = case.state.path
        if path is None:
            return
        told = {name: len(getattr(case.overview, name)) for name in ("items", "findings", "judgements")}
        dialog = CaseDialog(case.state, told, case.head, self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        if accepted and case.state.path == path:
            case.set_facts(**dialog.fields.facts())
        elif accepted:
            self._desk.noted.emit(translate("The case was left meanwhile, so its facts were not changed."))
        dialog.deleteLater()

    @Slot()
    def search(self) -> None:
        """Ask for a folder and look there for the evidence that is missing."""
        lost = len(self._desk.case_pictures.missing)
        title = translate("Look for {} missing pictures in a folder").format(lost)
        name = QFileDialog.getExistingDirectory(self._window, title, str(Path.home()))
        if name:
            self._desk.case_pictures.search(Path(name))

    @Slot()
    def ask_verify(self) -> None:
        """Ask for a record or a case and check it."""
        kinds = translate("Records and cases") + f" (*.zip *{SUFFIX})"
        name, _ = QFileDialog.getOpenFileName(self._window, translate("Verify"), str(self._folder()), kinds)
        if name:
            self.verify(Path(name))

    @Slot()
    def verify_case(self) -> None:
        """Check the open case."""
        if path := self._desk.case.state.path:
            self.verify(path)

    def verify(self, path: Path) -> None:
        """Check a record or a case in a window of its own."""
        from irlgui.dialogs.verify_dialog import VerifyDialog

        self._show(VerifyDialog(path, self._desk.case, self._window))

    @Slot()
    def show_self_test(self) -> None:
        """Compute the model's golden vectors on this machine."""
        from irlgui.dialogs.self_test_dialog import SelfTestDialog

        device = str(self._settings.value("analysis/device"))
        self._show(SelfTestDialog(self._desk.model, device, self._window))

    def may_close(self) -> bool:
        """Give work that is not saved a moment, then ask about it; tell whether the window may go."""
        case = self._desk.case
        case.flush_asked.emit()
        case.try_again()
        if not case.state.waiting or case.settle(2.0):
            return True
        box = UnsavedBox(case, self._window)
        may = box.ask()
        box.deleteLater()
        return may

    def _show(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def _take_opened(self, opened: Opened) -> None:
        if not self._desk.case.state.automatic:
            recent.remember(self._settings, [opened.path])

    @Slot(object)
    def _show_state(self, state: CaseState) -> None:
        self._window.status.set_case(self._desk.case.name, state)
        self._window.show_title()
        self._window.commands["automatic_case"].setEnabled(not state.automatic)
        for name in ("case_facts", "verify_case"):
            self._window.commands[name].setEnabled(state.path is not None)

    @Slot()
    def _offer_search(self) -> None:
        self._window.notice.offer(self._window.commands["find_evidence"])

    @Slot(int)
    def _enable_search(self, missing: int) -> None:
        self._window.commands["find_evidence"].setEnabled(missing > 0)

    def _folder(self) -> Path:
        """Return where the last case was; at first the documents, never a folder of evidence by guess."""
        kept = str(self._settings.store.value(_FOLDER_KEY, ""))
        documents = Path.home() / "Documents"
        usual = documents / "IRL-Net cases" if documents.is_dir() else Path.home() / "IRL-Net cases"
        return Path(kept) if kept and os.path.isdir(kept) else usual  # noqa: PTH112 - a closed folder is no error

    def _usual_facts(self) -> CaseFacts:
        store = self._settings.store
        told = {name: str(store.value(f"report/{name}", "")) for name in ("laboratory", "examiner")}
        return CaseFacts("", **told)
