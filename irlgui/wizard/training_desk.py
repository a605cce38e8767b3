"""The window's door to training: opens the wizard, tells how far it is, and lets the program close safely."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from irlgui.jobs.evidence import Evidence
from irlgui.wizard.plan import Plan, waiting_runs
from irlgui.wizard.training_lock import TrainingLock

if TYPE_CHECKING:
    from irlgui.wizard.training_wizard import TrainingWizard


class TrainingDesk(QObject):
    """Keeps one wizard; ``progress`` is a short text while a training runs, else empty."""

    progress = Signal(str)
    noted = Signal(str)
    kept = Signal(str, bool)  # a model's name; whether it is the default now

    def __init__(
        self, base: Callable[[], Path], evidence: Callable[[], Evidence], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._base, self._evidence = base, evidence
        self.wizard: TrainingWizard | None = None

    @property
    def busy(self) -> bool:
        """Tell whether a training runs."""
        return self.wizard is not None and self.wizard.busy

    def open(self) -> TrainingWizard:
        """Show the wizard; a new one begins with the window's model, else raises :class:`ModelError`."""
        if self.wizard is None:
            from irlgui.wizard.training_wizard import TrainingWizard

            wizard = TrainingWizard(Plan(self._base()), self._evidence)
            wizard.hidden.connect(self._take_hidden)
            wizard.busy_changed.connect(self.announce)
            wizard.process.reported.connect(self.announce)
            wizard.kept.connect(self.kept)
            wizard.finished.connect(self._take_finished)
            self.wizard = wizard
        self.wizard.show()
        self.wizard.raise_()
        self.wizard.activateWindow()
        return self.wizard

    @Slot()
    def announce(self) -> None:
        """Tell how far a training is, or that one waits to be finished, compared or kept."""
        if self.wizard is not None and self.busy:
            share = self.wizard.run.state.share
            self.progress.emit(self.tr("Training {} %").format(round(100 * share)))
        else:
            waits = bool(waiting_runs()) and TrainingLock().is_free()
            self.progress.emit(self.tr("A training waits") if waits else "")

    def may_close(self, parent: QWidget) -> bool:
        """Ask what to do with a running training before the program closes; False keeps it open."""
        if not self.busy or self.wizard is None:
            return True
        box = QMessageBox(parent)
        box.setObjectName("closing")
        box.setWindowTitle(self.tr("A training is running"))
        box.setText(self.tr("What is to happen with the training?"))
        box.setInformativeText(
            self.tr("Paused, it goes on where it was when you open it again: Analysis, Teach the net a case.")
        )
        pause = box.addButton(self.tr("Pause and quit"), QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton(self.tr("Stop, keep the best and quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Do not quit"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(pause)
        box.setEscapeButton(stay)
        box.exec()
        if box.clickedButton() is stay:
            return False
        if box.clickedButton() is stop:
            self.wizard.process.stop()
        else:
            self.wizard.process.pause()
        return True

    def put_away(self) -> None:
        """Take the wizard off the screen, because the main window closes."""
        if self.wizard is not None:
            self.wizard.hide()

    def shutdown(self, seconds: float = 45.0) -> bool:
        """Let a running training save its state and end; tell whether all has ended."""
        if self.wizard is None:
            return True
        ended = self.wizard.shutdown(seconds)
        self.wizard.deleteLater()
        self.wizard = None
        return ended

    @Slot()
    def _take_hidden(self) -> None:
        self.noted.emit(self.tr("The training goes on. Analysis, Teach the net a case shows it again."))

    @Slot()
    def _take_finished(self) -> None:
        """The wizard was closed while nothing ran: the next one begins anew."""
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            wizard.shutdown(5.0)
            wizard.deleteLater()
            self.announce()
