"""The fifth page: the new model against its base, measured in a process of its own."""

from __future__ import annotations

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
from irlgui.wizard.look import Attention
from irlgui.wizard.plan import Plan
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
        row = QHBoxLayout()
        row.addWidget(self.phase, 1)
        row.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.attention)
        layout.addWidget(self.view, 1)
        layout.addStretch()  # keeps the lines at the top while there is nothing to show

    def begin(self) -> None:
        """Show the comparison of the plan's run, or make it."""
        if self.plan.run is None or self.process.running:
            return
        self.comparison = RunFolder(self.plan.run).comparison()
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
        self.again.hide()
        self.phase.setText(self.tr("Loading both models…"))
        self.process.start(compare_arguments(self.plan.run))
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
        self.phase.setText("")
        self.again.show()
        if self.comparison is not None and self.plan.run is not None:
            self.view.show_comparison(self.comparison, self.plan.run)
            self.view.show()
        self.completeChanged.emit()
