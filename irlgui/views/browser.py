"""The browser: all open pictures with what is known about each, searched, sorted, judged and chosen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from irlgui.jobs.job import Job
from irlgui.jobs.thumbnails import Thumbnails
from irlgui.models.picture_list import PictureList
from irlgui.models.picture_list_entry import Picture
from irlgui.models.picture_list_order import Criteria, PictureOrder
from irlgui.models.picture_list_scan import FolderScan
from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.models.thumbnail_shelf import ThumbnailShelf
from irlgui.views.browser_filters import FilterBar
from irlgui.views.browser_foot import EmptyNote, Foot
from irlgui.views.browser_hashes import hash_files
from irlgui.views.browser_menu import make_menu
from irlgui.views.browser_tile import Mode, TileDelegate
from irlgui.views.browser_view import PictureView

_COUNT_MS = 100


class Browser(QWidget):
    """A :class:`PictureList` on the screen. It only asks: others analyse, export and remove.

    Call :meth:`shutdown` before the program ends.
    """

    picture_activated = Signal(object)  # Path: to be shown in the viewer
    analyse_requested = Signal(object)  # list[Path]; failed ones too: to be tried again
    export_requested = Signal(object)  # list[Path] of analysed pictures
    remove_requested = Signal(object)  # list[Path]: from the list, never from the disk
    table_requested = Signal(object)  # list[Picture] as shown, for write_batch_table()
    mode_chosen = Signal(str)  # grid, list: by the analyst
    noted = Signal(str)  # a place that can't be searched

    def __init__(
        self, pictures: PictureList, parent: QWidget | None = None, *, cache: ThumbnailCache | None = None
    ) -> None:
        super().__init__(parent)
        self.pictures = pictures
        self.order = PictureOrder(pictures, self)
        self.shelf = ThumbnailShelf()
        self.thumbnails = Thumbnails(cache, self)
        self.scan = FolderScan(self)
        self._hashing: Job | None = None
        self._open: Path | None = None
        self._counting = QTimer(self, interval=_COUNT_MS, singleShot=True)
        self.filters = FilterBar(self)
        self.view = PictureView(self.order, TileDelegate(self.shelf, self), self)
        self.foot = Foot(self)
        self._nothing = EmptyNote(self.tr("Drop pictures or folders here,\nor press Ctrl+O"), parent=self)
        self._no_match = EmptyNote(
            self.tr("No picture matches"), button=self.tr("Show all pictures"), parent=self
        )
        self._stack = QStackedWidget(self)
        self._build()
        self._connect()
        self._recount()

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Add files, and the pictures below folders; folders are searched off the GUI thread."""
        self.scan.scan(paths)
        self._recount()

    def set_current(self, path: Path | None) -> None:
        """Show which picture is open, without opening it; one that is about to be opened stays current."""
        self._open = path
        self._want_thumbnails()  # of a file that could not be read before there is none yet
        if self.view.about_to_open:
            return
        index = self.order.index_of(path) if path else None
        if index and index.isValid() and index != self.view.currentIndex():
            self.view.choose(index)

    def leave_list(self) -> None:
        """Stop searching, and forget what was told of places: another list begins."""
        self.scan.stop()
        self.foot.clear_notes()

    def show_next(self) -> None:
        """Open the next picture of the list as it is shown."""
        self.view.step(1)

    def show_previous(self) -> None:
        """Open the previous picture of the list as it is shown."""
        self.view.step(-1)

    def set_status(self, status: int) -> None:
        """Set the analyst's digit 0..5 on the selected pictures."""
        self.pictures.set_status(self.view.selected_paths(), status)

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    def selected_paths(self) -> list[Path]:
        """Return the selected pictures in the order in which they are shown."""
        return self.view.selected_paths()

    @property
    def mode(self) -> str:
        """Whether a grid of tiles or a list of rows is shown."""
        return next(mode for mode, action in self._modes.items() if action.isChecked())

    def set_mode(self, mode: Mode) -> None:
        """Show a grid of tiles or a list of rows."""
        self.view.set_mode(mode)
        self._modes[mode].setChecked(True)

    def set_blurred(self, blurred: bool) -> None:
        """Blur all thumbnails, for material that is hard to look at; the files stay as they are."""
        if blurred != self.shelf.blurred:
            self.shelf.blurred = blurred
            self.shelf.clear()
            self.view.viewport().update()
            self._want_thumbnails()

    def clear_cache(self) -> None:
        """Forget all thumbnails, in memory and on the disk; those in view are made again."""
        self.thumbnails.clear_cache()

    def shutdown(self, timeout_ms: int = 10_000) -> bool:
        """Stop all background work; return whether every thread has ended in time."""
        self._counting.stop()
        if self._hashing:
            self._hashing.cancel()
        ended = [self.scan.shutdown(timeout_ms), self.thumbnails.shutdown(timeout_ms)]
        return all([*ended, self._hashing is None or self._hashing.wait(timeout_ms)])

    def _build(self) -> None:
        self.view.setAccessibleName(self.tr("Pictures"))
        self.filters.menu_button.setPopupMode(self.filters.menu_button.ToolButtonPopupMode.InstantPopup)
        self.filters.menu_button.setMenu(self._make_view_menu())
        for page in (self.view, self._nothing, self._no_match):
            self._stack.addWidget(page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for part, stretch in ((self.filters, 0), (self._stack, 1), (self.foot, 0)):
            rows.addWidget(part, stretch)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_criteria)
        self._no_match.pressed.connect(self.filters.clear)
        self._counting.timeout.connect(self._recount)
        for model in (self.pictures, self.order):
            for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.dataChanged):
                signal.connect(self._count_soon)
        self.view.selectionModel().selectionChanged.connect(self._count_soon)
        self.view.opened.connect(self._on_opened)
        self.view.looked.connect(self._want_thumbnails)
        self.view.status_pressed.connect(self.set_status)
        self.view.remove_pressed.connect(self._ask_to_remove)
        self.view.menu_asked.connect(self._show_menu)
        self.thumbnails.made.connect(self._on_thumbnail)
        self.thumbnails.cleared.connect(self._on_cleared)
        self.thumbnails.refused.connect(self._on_no_thumbnail)
        self.scan.found.connect(self.pictures.add_paths)
        self.scan.noted.connect(self._on_note)
        self.scan.ended.connect(self._recount)
        self.foot.stop_pressed.connect(self.scan.stop)

    def _make_view_menu(self) -> QMenu:
        menu = QMenu(self)
        modes = QActionGroup(menu)
        self._modes: dict[str, QAction] = {}
        for mode, text in (("grid", self.tr("&Grid")), ("list", self.tr("&List"))):
            action = modes.addAction(text)
            action.setCheckable(True)
            action.setChecked(mode == "grid")
            action.triggered.connect(lambda _=False, mode=mode: self._choose_mode(mode))
            self._modes[mode] = action
        menu.addActions(modes.actions())
        menu.addSeparator()
        menu.addAction(self.tr("&Clear thumbnail cache")).triggered.connect(self.clear_cache)
        menu.addAction(self.tr("Save &table as CSV…")).triggered.connect(self._ask_for_table)
        return menu

    def _choose_mode(self, mode: Mode) -> None:
        self.set_mode(mode)
        self.mode_chosen.emit(mode)

    @Slot(object)
    def _on_criteria(self, criteria: Criteria) -> None:
        self.order.criteria = criteria
        self.order.refresh()
        self._recount()
        index = self.order.index_of(self._open) if self._open else None
        if index and index.isValid():  # it may have been hidden meanwhile, or lie elsewhere now
            self.view.choose(index) if index != self.view.currentIndex() else self.view.scrollTo(index)

    @Slot(object)
    def _on_opened(self, path: Path) -> None:
        self._open = path
        self.picture_activated.emit(path)

    @Slot()
    def _count_soon(self) -> None:
        if not self._counting.isActive():
            self._counting.start()

    @Slot()
    def _recount(self) -> None:
        shown = self.order.shown
        self.foot.set_counts(
            total=len(self.pictures.pictures),
            shown=len(shown),
            with_regions=sum(1 for picture in shown if picture.regions),
            selected=len(self.view.selectionModel().selectedRows()),
            searching=self.scan.busy,
        )
        empty = self._no_match if self.pictures.pictures else self._nothing
        self._stack.setCurrentWidget(self.view if shown else empty)
        self.filters.setEnabled(bool(self.pictures.pictures))

    @Slot()
    def _want_thumbnails(self) -> None:
        known = self.shelf
        paths = [path for path in self.view.wanted_paths() if path not in known]
        self.thumbnails.want(path for path in paths if not self._is_unreadable(path))

    def _is_unreadable(self, path: Path) -> bool:
        picture = self.pictures.find(path)
        return picture is not None and bool(picture.unreadable)

    @Slot(object, object)
    def _on_thumbnail(self, path: Path, image: QImage) -> None:
        self.shelf.put(path, image)
        index = self.order.index_of(path)
        if index.isValid():
            self.view.update(index)

    @Slot()
    def _on_cleared(self) -> None:
        self.shelf.clear()
        self.view.viewport().update()
        self._want_thumbnails()

    @Slot(object, str)
    def _on_no_thumbnail(self, path: Path, reason: str) -> None:
        self.pictures.set_unreadable(path, reason)

    @Slot(str)
    def _on_note(self, sentence: str) -> None:
        self.foot.add_note(sentence)
        self.noted.emit(sentence)

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        menu = make_menu(self._selected(), self._run, self.set_status, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _selected(self) -> list[Picture]:
        return [picture for path in self.view.selected_paths() if (picture := self.pictures.find(path))]

    def _run(self, name: str) -> None:
        """Do what an entry of the context menu says."""
        selected = self._selected()
        if name == "analyse":
            self.analyse_requested.emit([p.path for p in selected if p.state in ("new", "done")])
        elif name == "retry":
            self.analyse_requested.emit([p.path for p in selected if p.state == "failed"])
        elif name == "export":
            self.export_requested.emit([p.path for p in selected if p.state == "done"])
        elif name == "reveal":
            reveal(selected[0].path)
        elif name == "copy_path":
            QGuiApplication.clipboard().setText("\n".join(str(p.path) for p in selected))
        elif name == "copy_hash":
            self._copy_hashes([p.path for p in selected])
        elif name == "remove":
            self._ask_to_remove()

    @Slot()
    def _ask_to_remove(self) -> None:
        if paths := self.view.selected_paths():
            self.remove_requested.emit(paths)

    @Slot()
    def _ask_for_table(self) -> None:
        self.table_requested.emit(list(self.order.shown))

    def _copy_hashes(self, paths: list[Path]) -> None:
        """Hash the files as they are now; a hash of an earlier analysis would not tell of a change since."""
        if self._hashing is None:
            self._hashing = Job(lambda: hash_files(paths), self)
            self._hashing.succeeded.connect(self._on_hashes)
            self._hashing.finished.connect(self._on_hashed)
            self._hashing.start()

    @Slot(object)
    def _on_hashes(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def _on_hashed(self) -> None:
        if self._hashing:
            self._hashing.deleteLater()
        self._hashing = None


def reveal(path: Path) -> None:
    """Show a file in the desktop's file manager; where that can't mark a file, show its folder."""
    if sys.platform == "win32":
        subprocess.Popen(["explorer", f"/select,{path}"])
    elif sys.platform == "darwin":
        subprocess.Popen(["open", "-R", str(path)])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
