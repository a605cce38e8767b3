"""Any two models on a folder of pairs: measured in a process of its own; neither model is changed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from irlgui.jobs.training_process import Ending, TrainingProcess
from irlgui.jobs.training_process_arguments import compare_any_arguments
from irlgui.views import theme
from irlgui.wizard.comparison_view import ComparisonView
from irlgui.wizard.folder_field import FolderField
from irlgui.wizard.look import Attention, dim
from irlnet_core.model.model_library import ModelEntry
from irlnet_core.training.finetune_run_folder import RunFolder


class CompareModels(QDialog):
    """Offers ``entries`` twice; ``chosen`` is the one that is compared with another at first."""

    def __init__(
        self, entries: Sequence[ModelEntry], chosen: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare two models"))
        self._entries = {entry.name: entry for entry in entries if not entry.problem}
        self._home = tempfile.TemporaryDirectory(prefix="irlnet-compare-")
        self._count = 0
        self._stopped = False
        self.process = TrainingProcess(self)
        self.process.reported.connect(self._take_event)
        self.process.ended.connect(self._take_end)
        self._make_widgets()
        self._lay_out()
        self._propose(chosen)
        for combo in (self.base, self.new):
            combo.currentIndexChanged.connect(self._check)
        self.data.changed.connect(self._check)
        self._check()
        self.resize(1100, 680)

    @Slot()
    def compare(self) -> None:
        """Measure both models on the chosen folders."""
        data = self.data.folder
        if data is None or self.process.running:
            return
        self._count += 1
        self._stopped = False
        self.view.hide()
        self.attention.show_text("")
        self.bar.setRange(0, 0)
        self.phase.setText(self.tr("Loading both models…"))
        base, new = (self._entries[combo.currentText()].folder for combo in (self.base, self.new))
        self.process.start(compare_any_arguments(base, new, data, self._output, self.clean.folder))
        self._check()

    @Slot()
    def cancel(self) -> None:
        """End the comparison; nothing of it is kept."""
        self._stopped = True
        self.process.kill()

    def done(self, result: int) -> None:
        """Close; the child ends and what it wrote is removed."""
        self.cancel()
        self.process.shutdown(5000)
        self._home.cleanup()
        super().done(result)

    @property
    def _output(self) -> Path:
        return Path(self._home.name) / str(self._count)

    @Slot()
    def _check(self) -> None:
        """Offer what makes sense now."""
        running = self.process.running
        same = self.base.currentText() == self.new.currentText()
        self.start.setEnabled(not running and not same and self.data.folder is not None)
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        for widget in (self.bar, self.phase):
            widget.setVisible(running)
        for field in (self.base, self.new, self.data, self.clean):
            field.setEnabled(not running)

    @Slot(object)
    def _take_event(self, event: dict[str, Any]) -> None:
        done, total = event.get("done"), event.get("total")
        if event["event"] == "Progress" and isinstance(done, int) and isinstance(total, int) and total:
            phase = str(event.get("phase", ""))
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.phase.setText(f"{phase[:1].upper()}{phase[1:]}: {done} / {total}")

    @Slot(object)
    def _take_end(self, ending: Ending) -> None:
        self._check()
        found = RunFolder(self._output).comparison()
        if ending.outcome == "done" and found is not None:
            names = self.base.currentText(), self.new.currentText()
            self.view.show_comparison(found, self._output, names)
            self.view.show()
        elif not self._stopped:
            reason = f"{ending.reason} {ending.cure}".strip() or self.tr("Nothing was written.")
            self.attention.show_text(self.tr("The models could not be compared. {}").format(reason))

    def _propose(self, chosen: str) -> None:
        """Set the chosen model against the one that it was taught from, else against the default."""
        card = self._entries[chosen].card if chosen in self._entries else None
        origin = card.training.get("base") if card else None
        wanted = str(origin.get("name", "")) if isinstance(origin, dict) else ""
        default = next((name for name, entry in self._entries.items() if entry.default), "")
        others = [name for name in (wanted, default, *self._entries) if name in self._entries]
        self.new.setCurrentText(chosen)
        self.base.setCurrentText(next((name for name in others if name != self.new.currentText()), ""))

    def _make_widgets(self) -> None:
        self.base, self.new = QComboBox(), QComboBox()
        for combo, name in ((self.base, self.tr("First model")), (self.new, self.tr("Second model"))):
            combo.addItems(list(self._entries))
            combo.setMinimumWidth(220)
            combo.setAccessibleName(name)
        self.data = FolderField(
            self.tr("Folder of pictures and their masks"), self.tr("Choose or drop a folder")
        )
        self.clean = FolderField(
            self.tr("Folder of authentic photographs"), self.tr("Optional, to count false alarms on")
        )
        self.start, self.stop = QPushButton(self.tr("Compare")), QPushButton(self.tr("Cancel"))
        self.start.setDefault(True)
        self.stop.setAutoDefault(False)
        self.start.clicked.connect(self.compare)
        self.stop.clicked.connect(self.cancel)
        self.phase, self.bar, self.attention = QLabel(), QProgressBar(), Attention()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Progress of the comparison"))
        self.view = ComparisonView()
        self.view.hide()

    def _lay_out(self) -> None:
        models = QHBoxLayout()
        models.setSpacing(2 * theme.SPACE)
        models.addWidget(self.base)
        models.addWidget(QLabel(self.tr("against")))
        models.addWidget(self.new)
        models.addStretch()
        form = QFormLayout()
        form.setHorizontalSpacing(4 * theme.SPACE)
        form.setVerticalSpacing(2 * theme.SPACE)
        form.addRow(self.tr("Models"), models)
        form.addRow(self.tr("Pictures and masks"), self.data)
        form.addRow(self.tr("Authentic photographs"), self.clean)
        hint = dim(self.tr("Each model is judged at its own threshold. Neither model is changed."))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.start)
        row.addWidget(self.stop)
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[4 * theme.SPACE] * 4)
        layout.setSpacing(3 * theme.SPACE)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(self.phase)
        layout.addWidget(self.bar)
        layout.addWidget(self.attention)
        layout.addWidget(self.view, 1)
        layout.addStretch()
        layout.addLayout(row)
