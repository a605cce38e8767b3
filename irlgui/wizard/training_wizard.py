"""The training wizard: data, check, settings, run, compare, keep; a window of its own that may be hidden."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget, QWizard

from irlgui.jobs.data_check import hash_evidence
from irlgui.jobs.evidence import Evidence
from irlgui.jobs.training_process import TrainingProcess
from irlgui.wizard.check_page import CheckPage
from irlgui.wizard.compare_page import ComparePage
from irlgui.wizard.data_page import DataPage
from irlgui.wizard.keep_page import KeepPage
from irlgui.wizard.plan import (
    Plan,
    discard,
    forget_preparation,
    frozen_file,
    new_run,
    sums_file,
    waiting_runs,
)
from irlgui.wizard.run_page import RunPage
from irlgui.wizard.settings_page import SettingsPage
from irlgui.wizard.steps import Steps
from irlgui.wizard.training_lock import TrainingLock
from irlnet_core.data.frozen_set import freeze
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.image import find_images
from irlnet_core.files import write_bytes
from irlnet_core.progress import finish
from irlnet_core.training.finetune_run_folder import RUN


class Page(IntEnum):
    """The pages in their order."""

    DATA, CHECK, SETTINGS, RUN, COMPARE, KEEP = range(6)


class TrainingWizard(QWizard):
    """Leads through one training. While it runs, closing only hides the window.

    ``evidence`` gives the pictures of the main window and its case.
    """

    hidden = Signal()  # the window went away, the training goes on
    busy_changed = Signal(bool)
    kept = Signal(str, bool)

    def __init__(self, plan: Plan, evidence: Callable[[], Evidence], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.plan, self._evidence = plan, evidence
        self.lock = TrainingLock()
        self.process = TrainingProcess(self)
        self.setWindowTitle(self.tr("Teach the net a case"))
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.IndependentPages)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoBackButtonOnLastPage, on=False)
        self.setButtonText(QWizard.WizardButton.CancelButton, self.tr("Close"))
        self.setButtonText(QWizard.WizardButton.FinishButton, self.tr("Keep the model"))
        self.setMinimumSize(900, 600)
        self.resize(1200, 680)
        names = ("Data", "Check", "Settings", "Training", "Comparison", "Keep")
        self.steps = Steps([self.tr(name) for name in names])
        self.setSideWidget(self.steps)
        self._add_pages()
        self._connect()
        self.show_waiting()

    def _add_pages(self) -> None:
        self.data, self.check = DataPage(self.plan), CheckPage(self.plan)
        self.choices, self.run = SettingsPage(self.plan), RunPage(self.plan, self.process, self.lock)
        self.comparison, self.keeping = ComparePage(self.plan), KeepPage(self.plan)
        pages = (self.data, self.check, self.choices, self.run, self.comparison, self.keeping)
        for number, page in zip(Page, pages, strict=True):
            self.setPage(number, page)

    def _connect(self) -> None:
        self.currentIdChanged.connect(self._enter)
        self.data.plan_changed.connect(self._forget_preparation)
        self.data.resume_asked.connect(self.take_up)
        self.data.discard_asked.connect(self.ask_discard)
        self.choices.photos_changed.connect(self.data.photos.show_folder)
        self.run.busy_changed.connect(self._take_busy)
        self.run.discarded.connect(self._take_discarded)
        self.keeping.kept.connect(self.kept)

    @property
    def busy(self) -> bool:
        """Tell whether a training runs."""
        return self.process.running

    def nextId(self) -> int:  # noqa: N802 - Qt's name
        """Return the page after the current one: clean pictures have no masks to be checked."""
        current = self.currentId()
        if current == Page.DATA and self.plan.source == "clean":
            return int(Page.SETTINGS)
        return current + 1 if current < Page.KEEP else -1

    def validateCurrentPage(self) -> bool:  # noqa: N802 - Qt's name
        """Begin the run when the settings are left; else as Qt does."""
        if self.currentId() == Page.SETTINGS:
            return self._may_begin()
        return super().validateCurrentPage()

    def show_waiting(self) -> None:
        """Offer the newest run that was begun and neither kept nor discarded, unless a window works on it."""
        runs = waiting_runs() if self.lock.is_free() and not self.busy else []
        self.data.show_waiting(runs[0] if runs else None)

    @Slot(object)
    def take_up(self, run: Path) -> None:
        """Go on with a run: train on if it is unfinished, else compare."""
        if reason := self.lock.take():
            self.data.summary.setText(reason)
            return
        self.plan.run, self.plan.resume = run, True
        self.setCurrentId(Page.RUN)
        if not self.busy:
            self.lock.release()

    @Slot(object)
    def ask_discard(self, run: Path) -> None:
        """Ask whether a waiting run may go."""
        box = QMessageBox(self)
        box.setObjectName("discard")
        box.setWindowTitle(self.tr("Discard this training?"))
        box.setText(self.tr("What was learned in it is deleted; your pictures are not touched."))
        yes = box.addButton(self.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        yes.clicked.connect(lambda: self.discard_waiting(run))
        box.open()

    def discard_waiting(self, run: Path) -> None:
        """Delete a waiting run, unless another window works on it, and offer the next one."""
        reason = self.lock.take()
        try:
            if not reason:
                discard(run)
        except (IrlnetError, OSError) as error:
            reason = str(error)
        finally:
            self.lock.release()
        self.data.summary.setText(reason or self.data.summary.text())
        self.show_waiting()

    def reject(self) -> None:
        """Close; while a training runs the window is only hidden."""
        if self.busy:
            self.hide()
            self.hidden.emit()
            return
        self._drop_preparation()
        self.comparison.process.kill()
        self.choices.leave()
        super().reject()

    def shutdown(self, seconds: float) -> bool:
        """Save the state of what runs and end every thread and child; tell whether all have ended."""
        ended = self.process.shutdown(round(1000 * seconds))
        self.lock.release()
        self._drop_preparation()
        pages = (self.data, self.check, self.choices, self.comparison)
        return all([ended, *(page.shutdown(2.0) for page in pages)])

    @Slot(int)
    def _enter(self, number: int) -> None:
        if number < 0:
            return
        skipped = frozenset([int(Page.CHECK)]) if self.plan.source == "clean" else frozenset[int]()
        self.steps.set_current(number, skipped)
        if number != Page.SETTINGS:
            self.choices.leave()
        if number == Page.CHECK:
            self.plan.evidence = self._evidence() if self.data.refuse_open.isChecked() else Evidence()
            self.check.begin()
        elif number == Page.SETTINGS:
            self._enter_settings()
        elif number == Page.RUN:
            self.run.begin()
        elif number == Page.COMPARE:
            self.comparison.begin()
        elif number == Page.KEEP:
            self.keeping.begin()

    def _enter_settings(self) -> None:
        reason = self._prepare()
        if not reason:
            self.choices.begin()
        self.choices.refuse(reason)

    def _prepare(self) -> str:
        """Write the manifest that the run begins with; return why that failed, or nothing."""
        plan = self.plan
        plan.run = plan.run or new_run()
        try:
            self._leave_evidence_out(plan.run)
            if plan.source == "clean" or plan.check is None:
                return ""
            if reason := self._refuse_opened():
                return reason
            check = replace(plan.check, rows=tuple(plan.rows))
            frozen = freeze(check, left_out=plan.left_out)
            if not frozen_file(plan.run).exists() or frozen_file(plan.run).read_text("utf-8") != frozen.text:
                self.choices.forget_timing()
                frozen.write(frozen_file(plan.run))
        except (IrlnetError, OSError) as error:
            return str(error)
        return ""

    def _refuse_opened(self) -> str:
        """Return which pairs were opened in the main window since they were checked, or nothing."""
        evidence = self._evidence() if self.data.refuse_open.isChecked() else Evidence()
        names = [
            row.pair.image.name
            for row in self.plan.kept
            if {row.image_sha256, row.original_sha256} & evidence.hashes
            or {row.pair.image, row.pair.original}.intersection(evidence.unread)
        ]
        told = self.tr("In the main window or its case by now: {}. Go back and leave out what is evidence.")
        return told.format(", ".join(names[:5]) + (", …" if names[5:] else "")) if names else ""

    def _leave_evidence_out(self, run: Path) -> None:
        """Note which photographs of the folder must not be learned; pairs are refused by their check."""
        folder, place = self.plan.photographs, sums_file(run)
        evidence = self._evidence() if self.data.refuse_open.isChecked() else Evidence()
        sums = sorted(finish(hash_evidence(evidence, find_images([folder])))) if folder else []
        text = "".join(f"{sha256}\n" for sha256 in sums)
        if text != (place.read_text("utf-8") if place.exists() else ""):
            self.choices.forget_timing()
            write_bytes(place, text.encode())

    def _may_begin(self) -> bool:
        reason = self._prepare() or self.lock.take()
        self.choices.refuse(reason)
        if reason:
            return False
        self.choices.leave()
        self.plan.resume = False
        return True

    @Slot()
    def _forget_preparation(self) -> None:
        self._drop_preparation()
        self.check.forget()
        self.choices.forget_timing()

    def _drop_preparation(self) -> None:
        """Take the manifest away that was written for a run that has not begun."""
        run = self.plan.run
        if run is not None and not self.busy and not (run / RUN).exists():
            with contextlib.suppress(OSError):  # what could not be written is not there either
                forget_preparation(run)
            self.plan.run = None

    @Slot(bool)
    def _take_busy(self, busy: bool) -> None:
        if not busy:
            self.lock.release()
        for button in (QWizard.WizardButton.BackButton,):
            self.button(button).setVisible(not busy)
        words = self.tr("Hide") if busy else self.tr("Close")
        self.setButtonText(QWizard.WizardButton.CancelButton, words)
        self.busy_changed.emit(busy)

    @Slot()
    def _take_discarded(self) -> None:
        """After a cancelled run the settings are shown again, for another try."""
        self.show_waiting()
        back = Page.SETTINGS if self.plan.kept or self.plan.source == "clean" else Page.DATA
        self.setCurrentId(back)
