"""The command that opens the report of the picture in the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from irlgui.dialogs.report_dialog import ReportDialog
from irlgui.jobs.export import record_at
from irlnet_core.case.exhibit import Exhibit, no_annotations

if TYPE_CHECKING:
    from irlgui.main_window import MainWindow


class ReportCommands(QObject):
    """Gathers what the window shows into one exhibit and reports on that."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def handlers(self) -> dict[str, Callable[..., object]]:
        return {"report": self.show_report}

    def exhibit(self) -> Exhibit | None:
        """Return the open picture, its analysis at the threshold of the moment, and the analyst's layer."""
        session = self._window.desk.session
        if not (session.picture and session.analysis):
            return None
        record = record_at(session.analysis, session.threshold, session.threshold_source)
        annotations = self._window.result.layer.annotations or no_annotations(record)
        return Exhibit(record, session.analysis.localization, annotations, image=session.picture)

    def show_report(self) -> None:
        """Open the dialog; nothing happens without an analysis."""
        if exhibit := self.exhibit():
            dialog = ReportDialog(exhibit, self._window.desk.settings, self._window)
            dialog.exec()
            dialog.deleteLater()
