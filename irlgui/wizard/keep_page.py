"""The last page: a name, notes, and whether the new model is to be the default; a worse one needs a word."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from irlgui.views import theme
from irlgui.wizard.compare_words import describe_verdict, reasons_of, verdict_of
from irlgui.wizard.look import PAGE_MARGINS, Attention, dim
from irlgui.wizard.plan import Plan, discard
from irlnet_core.errors import IrlnetError
from irlnet_core.model.model_library import ModelLibrary
from irlnet_core.training.finetune_run_folder import RunFolder
from irlnet_core.training.promote import keep_model

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as ModelCard wants it


class KeepPage(QWizardPage):
    """``kept`` carries the name of the model that was kept, and whether it is the default now."""

    kept = Signal(str, bool)

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setTitle(self.tr("Keep the model"))
        self.setFinalPage(True)
        self._verdict = ""
        self._reasons: list[str] = []
        self._taken: set[str] = set()
        self._kept = ""
        self.worse, self.failed = Attention(), Attention()
        self.name, self.notes = QLineEdit(), QPlainTextEdit()
        self.name.setMaxLength(64)
        self.name.setAccessibleName(self.tr("Name of the model"))
        self.notes.setAccessibleName(self.tr("Notes"))
        self.notes.setPlaceholderText(
            self.tr("What it was taught and for which case; stands in the model's card")
        )
        self.name_hint = dim()
        self.accept_worse = QCheckBox(self.tr("Keep it although it is worse"))
        self.default = QCheckBox(self.tr("Analyse with this model from now on"))
        self.name.textChanged.connect(self._check)
        self.accept_worse.toggled.connect(self._check)
        form = QFormLayout()
        form.setHorizontalSpacing(4 * theme.SPACE)
        form.setVerticalSpacing(2 * theme.SPACE)
        form.addRow(self.tr("Name"), self.name)
        form.addRow("", self.name_hint)
        form.addRow(self.tr("Notes"), self.notes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(3 * theme.SPACE)
        for widget in (self.failed, self.worse):
            layout.addWidget(widget)
        self.worse.add_row(self.accept_worse)
        layout.addLayout(form)
        layout.addWidget(self.default)
        layout.addStretch()

    def begin(self) -> None:
        """Take in what the comparison found, and propose a name."""
        comparison = RunFolder(self.plan.run).comparison() if self.plan.run else None
        self._verdict, self._reasons = verdict_of(comparison), reasons_of(comparison)
        self._kept = ""
        self._taken = {entry.name for entry in ModelLibrary().entries()}
        if not self.name.text():
            self.name.setText(self._propose())
        worse = self._verdict == "worse"
        told = "\n".join([describe_verdict(self._verdict), *(f"•  {reason}" for reason in self._reasons)])
        self.worse.show_text("" if self._verdict == "better" else told)
        self.accept_worse.setVisible(worse)
        self.accept_worse.setChecked(False)
        self.default.setChecked(self._verdict == "better")
        self.failed.show_text("")
        self._check()

    def isComplete(self) -> bool:  # noqa: N802 - Qt's name
        return not self._complaint() and (self._verdict != "worse" or self.accept_worse.isChecked())

    def validatePage(self) -> bool:  # noqa: N802 - Qt's name
        """Keep the model; what goes wrong is said on the page, and the run stays where it is."""
        if self.plan.run is None or (self._needs_a_word() and not self.confirm_default()):
            return False
        name, run = self.name.text(), self.plan.run
        try:
            self._keep(run, name)
        except (IrlnetError, OSError) as error:
            self.failed.show_text(str(error))
            return False
        self.plan.run, self.plan.resume = None, False
        self.kept.emit(name, self.default.isChecked())
        return True

    def confirm_default(self) -> bool:
        """Ask in so many words whether a model that was not shown to be better is to be the default."""
        box = QMessageBox(self)
        box.setObjectName("default")
        box.setWindowTitle(self.tr("Make it the default?"))
        box.setText(describe_verdict(self._verdict))
        box.setInformativeText(
            "\n".join([*self._reasons, self.tr("Analyse with it from now on nevertheless?")])
        )
        yes = box.addButton(self.tr("Make it the default"), QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(self.tr("Do not"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        return box.clickedButton() is yes

    def _needs_a_word(self) -> bool:
        return self.default.isChecked() and self._verdict != "better"

    def _keep(self, run: Path, name: str) -> None:
        library = ModelLibrary()
        worse = self.accept_worse.isChecked()
        if name != self._kept:  # else only the default could not be set before
            notes = self.notes.toPlainText().strip()
            keep_model(run, library.user_home, name, notes=notes, accept_worse=worse)
            self._kept = name
        if self.default.isChecked():
            library.set_default(name, accept_worse=worse)
        with contextlib.suppress(
            IrlnetError, OSError
        ):  # the model is kept; a leftover is offered for discarding
            discard(run)

    def _propose(self) -> str:
        base = re.sub(
            r"[^A-Za-z0-9._-]+", "-", (self.plan.folder.name if self.plan.folder else "case")
        ).strip("-._")
        base = base[:50] or "case"
        names = [base, *(f"{base}-{number}" for number in range(2, 1000))]
        return next(name for name in names if name not in self._taken)

    def _complaint(self) -> str:
        name = self.name.text()
        if not _NAME.fullmatch(name):
            return self.tr("Up to 64 letters, digits, dots and dashes; it begins with a letter or a digit.")
        if name in self._taken:
            return self.tr("There is a model of this name already.")
        return ""

    @Slot()
    def _check(self) -> None:
        self.name_hint.setText(self._complaint() if self.name.text() else "")
        self.completeChanged.emit()
