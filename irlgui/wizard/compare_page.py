"""The fifth page: the new model against its base, measured in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from irlgui.jobs.training_process import Ending, TrainingProcess
from irlgui.jobs.training_process_arguments import compare_arguments
from irlgui.views import theme
from irlgui.wizard.comparison_view import ComparisonView
from irlgui.wizard.folder_field import FolderField
from irlgui.wizard.look import PAGE_MARGINS, Attention, dim
from irlgui.wizard.plan import Plan
from irlnet_core.errors import IrlnetError
from irlnet_core.training.finetune_run_folder import RunFolder


class ComparePage(QWizardPage):
    """Runs ``irlnet compare`` once for a run and shows what it found."""

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setTitle(self.tr("Compare with the base"))
        self.process = TrainingProcess(self)
        self.process.reported.connect(self._take_event)
        self.process.ended.connect(self._take_end)
        self.comparison: dict[str, Any] | None = None
        self.phase, self.bar, self.attention = QLabel(), QProgressBar(), Attention()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Progress of the comparison"))
        self.again = QPushButton(self.tr("Compare again"))
        self.again.clicked.connect(self.compare)
        self.view = ComparisonView()
        self.clean = FolderField(
            self.tr("Folder of authentic photographs"),
            self.tr("Optional, to count false alarms on"),
        )
        self.clean_label = QLabel(self.tr("Authentic photographs"))
        self.clean_label.setBuddy(self.clean)
        self.clean_hint = dim(
            self.tr(
                "The new model's threshold is set on them. Those that it learned from do not count; with "
                "fewer than 20, the authentic parts of the held-out pictures join in."
            )
        )
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.clean_label)
        row.addWidget(self.clean, 1)
        row.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.phase)
        layout.addWidget(self.bar)
        layout.addWidget(self.attention)
        layout.addWidget(self.view, 1)
        layout.addStretch()  # keeps the lines at the top while there is nothing to show
        layout.addLayout(row)
        layout.addWidget(self.clean_hint)

    def begin(self) -> None:
        """Show the comparison of the plan's run, or make it."""
        if self.plan.run is None or self.process.running:
            return
        self.comparison = RunFolder(self.plan.run).comparison()
        if self.clean.folder is None:
            self.clean.set_folder(photographs_of(self.plan.run))
        if self.comparison is None:
            self.compare()
        else:
            self._show()

    def isComplete(self) -> bool:  # noqa: N802 - Qt's name
        return self.comparison is not None and not self.process.running

    def shutdown(self, timeout: float) -> bool:
        """End the child; the comparison is made again the next time."""
        self.process.kill()
        return self.process.shutdown(round(1000 * timeout))

    @Slot()
    def compare(self) -> None:
        """Measure base and new model; what was measured before is forgotten."""
        if self.plan.run is None or self.process.running:
            return
        self.comparison = None
        self.attention.show_text("")
        self.view.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self._offer_again(on=False)
        self.phase.show()
        self.phase.setText(self.tr("Loading both models…"))
        self.process.start(compare_arguments(self.plan.run, self.clean.folder, self.plan.device))
        self.completeChanged.emit()

    @Slot(object)
    def _take_event(self, event: dict[str, Any]) -> None:
        done, total = event.get("done"), event.get("total")
        if event["event"] == "Progress" and isinstance(done, int) and isinstance(total, int) and total:
            phase = str(event.get("phase", ""))
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            words = f"{phase[:1].upper()}{phase[1:]}"
            self.phase.setText(f"{words}: {done} / {total}")

    @Slot(object)
    def _take_end(self, ending: Ending) -> None:
        self.comparison = RunFolder(self.plan.run).comparison() if self.plan.run else None
        if self.comparison is None or ending.outcome != "done":
            reason = f"{ending.reason} {ending.cure}".strip() or self.tr("Nothing was written.")
            self.attention.show_text(self.tr("The models could not be compared. {}").format(reason))
        self._show()

    def _show(self) -> None:
        self.bar.hide()
        self.phase.hide()
        self._offer_again(on=True)
        if self.comparison is not None and self.plan.run is not None:
            self.view.show_comparison(self.comparison, self.plan.run)
            self.view.show()
        self.completeChanged.emit()

    def _offer_again(self, *, on: bool) -> None:
        for widget in (self.again, self.clean_label, self.clean, self.clean_hint):
            widget.setVisible(on)


def photographs_of(run: Path) -> Path | None:
    """Return the folder of photographs that a run was given: those it did not learn from are clean ones."""
    try:
        told = RunFolder(run).describe().get("photos")
    except IrlnetError:
        return None
    return Path(told) if isinstance(told, str) and told else None
