"""The first page: which folder to learn from, with masks or without; and runs that wait to be finished."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget, QWizardPage

from irlgui.jobs.data_check import CleanPictures, search_pairs, search_pictures
from irlgui.jobs.lane import Lane
from irlgui.plain_text import let_shrink
from irlgui.views import theme
from irlgui.wizard.data_words import describe_clean, describe_pairing, describe_waiting
from irlgui.wizard.folder_field import FolderField
from irlgui.wizard.look import PAGE_MARGINS, Attention, dim, make_heading
from irlgui.wizard.plan import Plan
from irlnet_core.data.pairing import Pairing

_INDENT = 6 * theme.SPACE
_LEAST_PICTURES = 4  # clean pictures below this can't be split into learning and holding out


class DataPage(QWizardPage):
    """Fills the plan's source, folders and choices; ``resume_asked`` and ``discard_asked`` carry a run."""

    resume_asked = Signal(object)  # Path
    discard_asked = Signal(object)  # Path
    plan_changed = Signal()

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setTitle(self.tr("What should the net learn?"))
        self._waiting: Path | None = None
        self._found: Pairing | CleanPictures | None = None
        self._lane = Lane(self)
        self._lane.succeeded.connect(self._take_found)
        self._lane.failed.connect(self._take_failure)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._choose_source()

    def show_waiting(self, run: Path | None) -> None:
        """Offer a run that was begun and neither kept nor discarded, or nothing."""
        self._waiting = run
        self.waiting.show_text(describe_waiting(run) if run else "")

    def isComplete(self) -> bool:  # noqa: N802 - Qt's name
        if isinstance(self._found, CleanPictures):
            return len(self._found.pictures) >= _LEAST_PICTURES
        return self._found is not None and bool(self._found.pairs)

    def shutdown(self, timeout: float) -> bool:
        """End the search's thread."""
        return self._lane.shutdown(timeout)

    @Slot()
    def _search(self) -> None:
        """Look again into the chosen folder; what the plan knew of another choice is forgotten."""
        plan = self.plan
        plan.source = "clean" if self.clean.isChecked() else "pairs"
        plan.folder, plan.photos = self.folder.folder, self.photos.folder
        plan.authentic = self.authentic.isChecked()
        plan.check, plan.rows, plan.left_out = None, [], set()
        self._found = None
        folder, authentic = plan.folder, plan.authentic
        if folder is None:
            self._lane.stop()
            self.summary.setText("")
        else:
            self.summary.setText(self.tr("Searching…"))
            pairs = plan.source == "pairs"
            self._lane.submit(
                (lambda: search_pairs(folder, authentic=authentic))
                if pairs
                else lambda: search_pictures(folder)
            )
        self.completeChanged.emit()
        self.plan_changed.emit()

    @Slot(int, object)
    def _take_found(self, ticket: int, found: Pairing | CleanPictures) -> None:
        if not self._lane.is_newest(ticket):
            return
        self._found = found
        if isinstance(found, CleanPictures):
            self.summary.setText(describe_clean(found, _LEAST_PICTURES))
        else:
            self.summary.setText(describe_pairing(found))
        self.completeChanged.emit()

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        if self._lane.is_newest(ticket):
            self.summary.setText(str(error))

    @Slot()
    def _choose_source(self) -> None:
        for widget in (self.authentic, self.photos, self.photos_label, self.photos_hint):
            widget.setVisible(self.pairs.isChecked())
        self._search()

    @Slot()
    def _ask_resume(self) -> None:
        self.resume_asked.emit(self._waiting)

    @Slot()
    def _ask_discard(self) -> None:
        self.discard_asked.emit(self._waiting)

    def _connect(self) -> None:
        self.pairs.toggled.connect(self._choose_source)
        self.folder.changed.connect(self._search)
        self.photos.changed.connect(self._take_photos)
        self.authentic.toggled.connect(self._search)
        self.refuse_open.toggled.connect(self._search)
        self.resume.clicked.connect(self._ask_resume)
        self.discard.clicked.connect(self._ask_discard)

    @Slot(object)
    def _take_photos(self, folder: Path | None) -> None:
        self.plan.photos = folder
        self.plan_changed.emit()

    def _make_widgets(self) -> None:
        self.waiting = Attention("info")
        self.resume, self.discard = QPushButton(self.tr("Go on with it")), QPushButton(self.tr("Discard…"))
        self.waiting.add_row(self.resume, self.discard)
        self.pairs = QRadioButton(self.tr("Inpainted pictures and their masks"))
        self.pairs.setChecked(True)
        self.clean = QRadioButton(self.tr("Clean pictures only: the program makes the forgeries itself"))
        self.folder = FolderField(self.tr("Folder to learn from"), self.tr("Choose or drop a folder"))
        self.authentic = QCheckBox(self.tr("Pictures without a mask are authentic: learn from them, too"))
        self.refuse_open = QCheckBox(self.tr("Leave out the pictures of the main window and its case"))
        self.refuse_open.setChecked(True)
        self.refuse_open.setToolTip(
            self.tr("They may be evidence of the case; the net should not learn them.")
        )
        self.photos = FolderField(
            self.tr("Folder of photographs for rehearsal"), self.tr("Optional: a folder of clean photographs")
        )
        self.photos_label = make_heading(self.tr("Photographs for rehearsal"))
        self.photos_label.setBuddy(self.photos)
        self.photos_hint = dim(
            self.tr(
                "While it learns the case, the net repeats general forgeries, so that it does not forget "
                "them. They are made from these photographs, else from the authentic parts of your pictures."
            )
        )
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        let_shrink(self.summary)
        self.summary.setAccessibleName(self.tr("What was found"))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.waiting)
        layout.addWidget(self.pairs)
        layout.addWidget(
            _indented(
                dim(
                    self.tr(
                        "Masks are found by the names of folders and files: images and masks, name_mask, "
                        "ground_truth, labelme, COCO, a CSV list, or originals beside inpainted twins."
                    )
                )
            )
        )
        layout.addWidget(self.clean)
        layout.addSpacing(2 * theme.SPACE)
        label = make_heading(self.tr("Folder"))
        label.setBuddy(self.folder)
        layout.addWidget(label)
        layout.addWidget(self.folder)
        layout.addWidget(dim(self.tr("Only read, never written to.")))
        layout.addWidget(self.summary)
        layout.addSpacing(2 * theme.SPACE)
        for box in (self.authentic, self.refuse_open):
            layout.addWidget(box)
        layout.addSpacing(2 * theme.SPACE)
        for widget in (self.photos_label, self.photos, self.photos_hint):
            layout.addWidget(widget)
        layout.addStretch()


def _indented(widget: QWidget) -> QWidget:
    widget.setContentsMargins(_INDENT, 0, 0, 0)
    return widget
