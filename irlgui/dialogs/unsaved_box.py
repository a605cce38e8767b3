"""The question about changes that are not on the disk when the window is to close."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from irlgui.open_case import CaseState, OpenCase
from irlgui.plain_text import plain_text


class UnsavedBox(QMessageBox):
    """Says what is not saved and why, and goes by itself as soon as it is."""

    def __init__(self, case: OpenCase, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case = case
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(self.tr("Not saved"))
        self._lose = self.addButton(self.tr("Close and lose them"), QMessageBox.ButtonRole.DestructiveRole)
        stay = self.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(stay)
        self.setEscapeButton(stay)
        self._describe(case.state)
        case.changed.connect(self._follow)

    def ask(self) -> bool:
        """Wait for an answer or for the disk; tell whether the window may close."""
        self.exec()
        self._case.changed.disconnect(self._follow)
        return self.clickedButton() is self._lose or not self._case.state.waiting

    @Slot(object)
    def _follow(self, state: CaseState) -> None:
        self._describe(state)
        if not state.waiting:
            self.accept()

    def _describe(self, state: CaseState) -> None:
        text = self.tr("Changes that are not saved: {}. If you close now, they are lost.")
        self.setText(text.format(state.waiting))
        busy = self.tr("They are being saved; the window closes by itself when they are.")
        self.setInformativeText(plain_text(state.problem) or busy)
