"""What is known of one model: its card, the curves of its training, its comparison with the base."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QTabWidget, QTextBrowser, QVBoxLayout, QWidget

from irlgui.dialogs.about_dialog import describe_card
from irlgui.wizard.comparison_view import ComparisonView
from irlgui.wizard.look import dim
from irlgui.wizard.run_curves import RunCurves
from irlgui.wizard.run_previews import RunPreviews
from irlgui.wizard.run_state import read_run
from irlnet_core.model.model_library import ModelEntry
from irlnet_core.training.finetune_run_folder import RunFolder

_ALL = 1000  # of the height, against the empty rest's 1


class ModelDetail(QTabWidget):
    """Three tabs; those about which a model tells nothing say so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self._entry: ModelEntry | None = None
        self.card = QTextBrowser()
        self.card.setOpenLinks(False)
        self.card.setAccessibleName(self.tr("Card of the model"))
        self.curves, self.previews = RunCurves(), RunPreviews()
        self.no_curves = dim(self.tr("This model has no curves: it was not taught with the wizard."))
        self.comparison = ComparisonView()
        self.no_comparison = dim(self.tr("This model was not compared with the one it was taught from."))
        self.addTab(self.card, self.tr("Card"))
        self.addTab(_page(self.no_curves, self.curves, self.previews), self.tr("Curves"))
        self.addTab(_page(self.no_comparison, self.comparison), self.tr("Comparison"))

    def show_model(self, entry: ModelEntry | None) -> None:
        """Show what lies in a model's folder."""
        self._entry = entry
        if entry is None:
            self.setEnabled(False)
            return
        self.setEnabled(True)
        self._write_card(entry)
        state, comparison = read_run(entry.folder), RunFolder(entry.folder).comparison()
        self.curves.show_run(state)
        self.previews.show_previews(state.previews, state.best.step if state.best else None)
        self.comparison.show_comparison(comparison, entry.folder)
        for widget, on in (
            (self.curves, bool(state.validations)),
            (self.no_curves, not state.validations),
            (self.previews, bool(state.previews)),
            (self.comparison, comparison is not None),
            (self.no_comparison, comparison is None),
        ):
            widget.setVisible(on)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange and self._entry is not None:
            self._write_card(self._entry)
        super().changeEvent(event)

    def _write_card(self, entry: ModelEntry) -> None:
        self.card.setHtml(f"<p>{escape(entry.problem)}</p>" if entry.problem else describe_card(entry.card))


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for widget in widgets:
        fills = isinstance(widget, RunCurves | ComparisonView)
        layout.addWidget(widget, _ALL if fills else 0)
    layout.addStretch(1)  # keeps a lonely line at the top
    return page
