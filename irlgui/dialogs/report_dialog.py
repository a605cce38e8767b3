"""The report of the open picture: contents on the left, the real pages on the right, and Save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from irlgui.dialogs.file_dialogs import ask_report
from irlgui.dialogs.report_dialog_form import ReportForm
from irlgui.jobs.job import Job
from irlgui.jobs.report import ReportRequest, draw_report, save_report
from irlgui.plain_text import let_shrink
from irlgui.settings import Settings
from irlgui.views import theme
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.errors import IrlnetError

_PAUSE_MS = 500
_FORM_WIDTH = 340
_DRAWING = "Drawing the pages…"


class ReportDialog(QDialog):
    """Draws the pages anew after each change, on a thread of its own; late ones are dropped.

    Nothing is written beside the exhibit's picture, nor beside others that are ``evidence``.
    """

    written = Signal(object)  # Path

    def __init__(
        self,
        exhibit: Exhibit,
        settings: Settings,
        parent: QWidget | None = None,
        *,
        evidence: Sequence[Path] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report"))
        self._exhibit, self._settings, self._evidence = exhibit, settings, evidence
        self._drawing: Job | None = None
        self._saving: Job | None = None
        self._stale = False
        self.form = ReportForm(settings.store, exhibit.annotations.outlines)
        self.pages = QVBoxLayout()
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        let_shrink(self.status)
        self.save_button = QPushButton(self.tr("&Save…"))
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._draw)
        self.form.changed.connect(self._timer.start)
        self._lay_out()
        self.resize(1120, 760)
        self._draw()

    @property
    def busy(self) -> bool:
        """Tell whether pages are being drawn or a file is being written."""
        return bool(self._drawing or self._saving or self._timer.isActive())

    def save(self, path: Path) -> None:
        """Write the report to ``path`` (.pdf or .html) in the background; the status line tells the end."""
        request = self._request()
        if request is None or self._saving:
            return
        self.form.keep()
        self._saving = self._start(Job(lambda: save_report(request, path), self))
        self._saving.succeeded.connect(self._take_file)
        self._saving.failed.connect(self._take_failure)
        self._saving.finished.connect(self._end_saving)
        self.save_button.setEnabled(False)
        self.status.setText(self.tr("Writing…"))
        self._saving.start()

    def done(self, result: int) -> None:
        """Close once the threads have come to their end: what is being saved is written all the same."""
        self._timer.stop()
        self._stale = False
        self.form.keep()
        if self._drawing:
            self._drawing.cancel()
        for job in (self._drawing, self._saving):
            if job:
                job.wait()
        super().done(result)

    def _lay_out(self) -> None:
        sheet = QWidget()
        sheet.setLayout(self.pages)
        self.pages.setSpacing(4 * theme.SPACE)
        self.pages.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.preview = _scroll(sheet, self.tr("Preview of the report's pages"))
        self.preview.setStyleSheet(
            f"QScrollArea > QWidget > QWidget {{ background: {theme.tokens().surround} }}"
        )
        form = _scroll(self.form, self.tr("Contents of the report"))
        form.setFixedWidth(_FORM_WIDTH)
        columns = QHBoxLayout()
        columns.setSpacing(4 * theme.SPACE)
        columns.addWidget(form)
        columns.addWidget(self.preview, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAutoDefault(False)  # type: ignore[attr-defined]  # Enter in a field must not close
        self.save_button.clicked.connect(self._ask)
        foot = QHBoxLayout()
        foot.addWidget(self.status, 1)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[4 * theme.SPACE] * 4)
        layout.addLayout(columns, 1)
        layout.addLayout(foot)

    def _request(self) -> ReportRequest | None:
        """Return what the form asks for; a logo that can't be read is told."""
        try:
            choices = self.form.choices(self._exhibit.record.evidence["sha256"])
            return ReportRequest(self._exhibit, self.form.letterhead(), choices, self._evidence)
        except IrlnetError as error:
            self.status.setText(str(error))
            return None

    def _start(self, job: Job) -> Job:
        job.finished.connect(job.deleteLater)
        return job

    @Slot()
    def _draw(self) -> None:
        if self._drawing:
            self._stale = True
            self._drawing.cancel()
            return
        request = self._request()
        if request is None:
            return
        self._drawing = self._start(Job(lambda: draw_report(request), self))
        self._drawing.succeeded.connect(self._show_pages)
        self._drawing.failed.connect(self._take_failure)
        self._drawing.finished.connect(self._end_drawing)
        self.status.setText(self.tr(_DRAWING))
        self._drawing.start()

    @Slot(object)
    def _show_pages(self, pages: list[NDArray[np.uint8]]) -> None:
        if self._stale:
            return
        place = self.preview.verticalScrollBar().value()
        while item := self.pages.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for number, page in enumerate(pages, start=1):
            label = _Page(_pixmap(page))
            label.fit(self._room())
            label.setAccessibleName(self.tr("Page {} of {}").format(number, len(pages)))
            self.pages.addWidget(label)
        self.preview.verticalScrollBar().setValue(place)
        if self.status.text() == self.tr(_DRAWING):  # the end of a writing is not to be wiped away
            self.status.setText(self.tr("{} pages").format(len(pages)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        for place in range(self.pages.count()):
            item = self.pages.itemAt(place)
            if item and isinstance(page := item.widget(), _Page):
                page.fit(self._room())

    def _room(self) -> int:
        """Return the width of a page that needs no sideways scrolling."""
        bar = self.preview.verticalScrollBar().sizeHint().width()
        return self.preview.width() - bar - 8 * theme.SPACE

    @Slot(object)
    def _take_file(self, path: Path) -> None:
        self.status.setText(self.tr("Written: {}").format(path))
        self.written.emit(path)

    @Slot(object)
    def _take_failure(self, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        self.status.setText(str(error))
        if not isinstance(error, IrlnetError):
            raise error

    @Slot()
    def _end_drawing(self) -> None:
        self._drawing = None
        if self._stale:
            self._stale = False
            self._draw()

    @Slot()
    def _end_saving(self) -> None:
        self._saving = None
        self.save_button.setEnabled(True)

    @Slot()
    def _ask(self) -> None:
        name = Path(self._exhibit.record.evidence["file_name"]).stem
        if path := ask_report(self, self._settings, name):
            self.save(path)


class _Page(QLabel):
    """A page as wide as there is room, never larger than it was drawn."""

    def __init__(self, drawn: QPixmap) -> None:
        super().__init__()
        self._drawn = drawn

    def fit(self, width: int) -> None:
        """Show the page in ``width`` pixels."""
        width = max(100, min(width, self._drawn.width()))
        smooth = Qt.TransformationMode.SmoothTransformation
        self.setPixmap(self._drawn.scaledToWidth(width, smooth))


def _scroll(widget: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(widget)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setAccessibleName(name)
    return area


def _pixmap(page: NDArray[np.uint8]) -> QPixmap:
    height, width = page.shape[:2]
    data = np.ascontiguousarray(page)
    return QPixmap.fromImage(QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888))
