"""The commands that open reports: of the picture in the window, and of many pictures of the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from irlgui.dialogs.file_dialogs import ask_record
from irlgui.jobs.export import record_at
from irlgui.jobs.record import RecordRequest
from irlnet_core.case.exhibit import Exhibit, no_annotations
from irlnet_core.evidence.export import safe_stem
from irlnet_core.inference.self_test import with_self_test

if TYPE_CHECKING:
    from irlgui.main_window import MainWindow


class ReportCommands(QObject):
    """Gathers what the window shows and the case holds into exhibits, and reports on them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def handlers(self) -> dict[str, Callable[..., object]]:
        return {
            "record": self.write_record,
            "report": self.show_report,
            "case_report": self.show_case_report,
        }

    def exhibit(self) -> Exhibit | None:
        """Return the open picture with its analysis at the threshold of the moment, and the case's words.

        The log's head is the one that is on the disk now: the report can be checked against it later.
        """
        session, case = self._window.desk.session, self._window.desk.case
        if not (session.picture and session.analysis):
            return None
        record = with_self_test(record_at(session.analysis, session.threshold, session.threshold_source))
        return Exhibit(
            record=replace(record, audit=case.head.as_dict() if case.head else None),
            localization=session.analysis.localization,
            annotations=self._window.result.layer.annotations or no_annotations(record),
            judgement=case.judgement(session.picture.sha256),
            case=case.state.facts,
            image=session.picture,
        )

    def write_record(self) -> None:
        """Ask for a name and write the record of the open picture; the notice tells the end."""
        desk = self._window.desk
        desk.case.flush_asked.emit()
        exhibit = self.exhibit()
        if exhibit is None:
            return
        name = safe_stem(Path(exhibit.record.evidence["file_name"]).stem)
        if path := ask_record(self._window, desk.settings, name):
            evidence = desk.case_pictures.evidence()
            desk.exporter.write_record(RecordRequest(exhibit, path, desk.case.ask, evidence))

    def show_report(self) -> None:
        """Open the dialog; nothing happens without an analysis."""
        from irlgui.dialogs.report_dialog import ReportDialog  # brings what draws PDF, which the start spares

        desk = self._window.desk
        desk.case.flush_asked.emit()
        if exhibit := self.exhibit():
            evidence = desk.case_pictures.evidence()
            dialog = ReportDialog(exhibit, desk.settings, self._window, evidence=evidence)
            dialog.written.connect(desk.case.log_report)
            dialog.exec()
            dialog.deleteLater()

    def show_case_report(self) -> None:
        """Open the dialog for the report of many pictures."""
        from irlgui.dialogs.case_report_dialog import CaseReportDialog

        desk = self._window.desk
        desk.case.flush_asked.emit()
        rows = [desk.pictures.find(path) for path in self._window.browser.selected_paths()]
        chosen = [row.sha256 for row in rows if row and row.sha256]
        evidence = desk.case_pictures.evidence()
        dialog = CaseReportDialog(desk.case, chosen, desk.settings, self._window, evidence=evidence)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
