"""The third page: the base and the settings of the run; one timed step tells what it will take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from irlgui.jobs.model_list import ModelChoice, list_models, read_choice
from irlgui.jobs.training_process import Ending, TrainingProcess
from irlgui.jobs.training_process_arguments import train_arguments
from irlgui.settings import SETTINGS
from irlgui.views import theme
from irlgui.wizard.folder_field import FolderField
from irlgui.wizard.look import PAGE_MARGINS, Attention, dim, make_heading
from irlgui.wizard.plan import Plan, new_run
from irlgui.wizard.settings_fields import FIELDS, RunSettingsForm
from irlgui.wizard.settings_words import (
    describe_estimate,
    describe_memory,
    describe_rehearsal,
    memory_of_machine,
    warn_of_memory,
)
from irlnet_core.training.finetune_policy import FinetunePolicy

_SETTLE_MS = 900  # after the last change, before a step is timed
_TIMED = {field.name for field in FIELDS if field.timed}
_DEVICES = next(setting for setting in SETTINGS if setting.key == "analysis/device").choices


class SettingsPage(QWizardPage):
    """Fills the plan's base, policy, device and photographs for rehearsal."""

    photos_changed = Signal(object)  # Path | None

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setTitle(self.tr("Settings"))
        self.setCommitPage(True)
        self.setButtonText(QWizard.WizardButton.CommitButton, self.tr("Start training"))
        self.timing = TrainingProcess(self)
        self.timed: dict[str, Any] | None = None
        self._again = False
        self._make_widgets()
        self._lay_out()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.time_step)
        self.form.changed.connect(self._take_change)
        self.base.activated.connect(self._take_base)
        self.device.activated.connect(self._take_device)
        self.photos.changed.connect(self._take_photos)
        self.restore.clicked.connect(self.restore_defaults)
        self.timing.reported.connect(self._take_event)
        self.timing.ended.connect(self._take_end)

    def begin(self) -> None:
        """Show the plan, and time a step unless that was done for it."""
        self._fill_bases()
        self.form.set_policy(self.plan.policy)
        self.device.setCurrentIndex(max(0, self.device.findData(self.plan.device)))
        self.photos.show_folder(self.plan.photos)
        self._tell_of_rehearsal()
        self.refuse("")
        if self.timed is None:
            self._settle.start(0)
        else:
            self._show_estimate()

    def leave(self) -> None:
        """Stop timing: the run needs the processor."""
        self._settle.stop()
        self._again = False
        self.timing.kill()

    def forget_timing(self) -> None:
        """The data have changed: time a step again when the page is shown next."""
        self.timed = None

    def refuse(self, reason: str) -> None:
        """Say why the training can't begin now; an empty text says nothing."""
        self.attention.show_text(reason)

    def shutdown(self, timeout: float) -> bool:
        """End the child that times a step."""
        self._settle.stop()
        self.timing.kill()
        return self.timing.shutdown(round(1000 * timeout))

    @Slot()
    def time_step(self) -> None:
        """Time one step with the settings of the moment, in a child process."""
        if self.timing.running:
            self._again = True
            self.timing.kill()
            return
        self._again, self.timed = False, None
        self.estimate.setText(self.tr("Timing one step…"))
        self.memory.setText("")
        self.warning.show_text("")
        order = self.plan.order(self.plan.run or new_run())
        self.timing.start(train_arguments(order, timed_step=True))

    @Slot()
    def restore_defaults(self) -> None:
        """Set all fields back."""
        self.form.set_policy(FinetunePolicy())
        self._take_change("batch")

    @Slot(str)
    def _take_change(self, name: str) -> None:
        self.plan.policy = self.form.policy(self.plan.policy)
        self._tell_of_rehearsal()
        if name in _TIMED:
            self._time_soon()
        else:
            self._show_estimate()

    @Slot()
    def _take_base(self) -> None:
        choice: ModelChoice = self.base.currentData()
        self.plan.base = choice.folder
        self._time_soon()

    @Slot()
    def _take_device(self) -> None:
        self.plan.device = self.device.currentData()
        self._time_soon()

    @Slot(object)
    def _take_photos(self, folder: Path | None) -> None:
        self.plan.photos = folder
        self._tell_of_rehearsal()
        self.photos_changed.emit(folder)
        self._time_soon()

    def _time_soon(self) -> None:
        """Time a step when nothing was changed for a moment; what another choice took is forgotten."""
        self.timed = None
        self._settle.start(_SETTLE_MS)

    def _tell_of_rehearsal(self) -> None:
        """Say what will be forgotten when there is little or nothing to rehearse from."""
        pairs = self.plan.source == "pairs"
        self.first.setRowVisible(self.photos, pairs)
        self.rehearsal.show_text(describe_rehearsal(self.plan.policy, self.plan.photos) if pairs else "")

    @Slot(object)
    def _take_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "StepTimed" and not (self._again or self._settle.isActive()):
            self.timed = event
            self._show_estimate()

    @Slot(object)
    def _take_end(self, ending: Ending) -> None:
        if self._again:
            self.time_step()
        elif self.timed is None and ending.outcome == "failed":
            self.estimate.setText(
                self.tr("A step could not be timed: {}").format(f"{ending.reason} {ending.cure}")
            )
        elif self.timed is None:
            self.estimate.setText(self.tr("No step was timed."))

    def _show_estimate(self) -> None:
        if self.timed is None:
            return
        pictures = sum(row.side == "train" for row in self.plan.kept)
        try:
            self.estimate.setText(describe_estimate(self.timed, self.plan.policy, pictures))
            self.memory.setText(describe_memory(self.timed, memory_of_machine()))
            self.warning.show_text(warn_of_memory(self.timed, memory_of_machine()))
        except (KeyError, TypeError, ValueError):
            self.estimate.setText(self.tr("The timed step told nothing that can be read."))

    def _fill_bases(self) -> None:
        """Offer every usable model and choose the plan's; where that is gone, plan with the default."""
        wanted, models = self.plan.base.resolve(), list_models()
        if all(choice.folder.resolve() != wanted for choice in models):
            models.append(read_choice(self.plan.base.name, self.plan.base))  # named by its folder
        self.base.clear()
        for choice in models:
            if choice.card is not None:
                words = self.tr("{} (default)").format(choice.name) if choice.default else choice.name
                self.base.addItem(words, choice)
        offered: list[ModelChoice] = [self.base.itemData(row) for row in range(self.base.count())]
        places = [row for row, choice in enumerate(offered) if choice.folder.resolve() == wanted]
        places += [row for row, choice in enumerate(offered) if choice.default]
        if places:
            self.base.setCurrentIndex(places[0])
            self.plan.base = offered[places[0]].folder
            self.timed = self.timed if self.plan.base.resolve() == wanted else None

    def _make_widgets(self) -> None:
        self.attention, self.warning = Attention(), Attention()
        self.base, self.device = QComboBox(), QComboBox()
        for combo in (self.base, self.device):
            combo.setMinimumWidth(260)
        for value, words in _DEVICES:
            self.device.addItem(self.tr(words), value)
        self.base.setAccessibleName(self.tr("Model to start from"))
        self.device.setAccessibleName(self.tr("Compute on"))
        self.rehearsal = Attention()
        self.photos = FolderField(
            self.tr("Folder of photographs for rehearsal"),
            self.tr("Optional: a folder of clean photographs"),
        )
        self.photos.setMinimumWidth(460)
        self.form = RunSettingsForm()
        self.restore = QPushButton(self.tr("Restore defaults"))
        self.estimate, self.memory = QLabel(), QLabel()
        self.estimate.setAccessibleName(self.tr("Expected duration"))
        self.memory.setAccessibleName(self.tr("Expected memory"))
        for label in (self.estimate, self.memory):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)

    def _lay_out(self) -> None:
        first = self.first = QFormLayout()
        first.setHorizontalSpacing(4 * theme.SPACE)
        first.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        first.addRow(self.tr("Start from"), self.base)
        first.addRow(self.tr("Compute on"), self.device)
        first.addRow(self.tr("Rehearse from"), self.photos)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(3 * theme.SPACE)
        layout.addWidget(self.attention)
        layout.addLayout(first)
        layout.addWidget(dim(self.tr("The base is not changed; training makes a new model.")))
        layout.addWidget(self.rehearsal)
        layout.addSpacing(2 * theme.SPACE)
        layout.addWidget(make_heading(self.tr("How to learn")))
        layout.addWidget(self.form)
        layout.addWidget(self.restore, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(2 * theme.SPACE)
        layout.addWidget(make_heading(self.tr("What it will take")))
        layout.addWidget(self.estimate)
        layout.addWidget(self.memory)
        layout.addWidget(self.warning)
        layout.addStretch()
