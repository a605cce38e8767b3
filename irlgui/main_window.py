"""The main window: puts the views into their places and connects them with the desk; it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.actions import make_actions, translate
from irlgui.desk import Desk
from irlgui.dialogs.crash_dialog import CrashDialog
from irlgui.job_watch import join
from irlgui.jobs.device import device_line
from irlgui.jobs.partial_map import PartialMap
from irlgui.models.opinion_keeper import OpinionKeeper
from irlgui.models.outlines_keeper import OutlinesKeeper
from irlgui.own_folders import cache_bytes, thumbnail_cache
from irlgui.settings import Settings
from irlgui.shipped import resource
from irlgui.startup.crash import CrashReport
from irlgui.switchboard import Switchboard
from irlgui.views import theme
from irlgui.views.bars import Opacity, fill_menus, fill_toolbar
from irlgui.views.browser import Browser
from irlgui.views.columns import Columns
from irlgui.views.display_button import DisplayButton
from irlgui.views.drop_cue import DropCue
from irlgui.views.notice import Notice
from irlgui.views.other_views import OtherViews
from irlgui.views.result_panel import ResultPanel
from irlgui.views.status_line import StatusLine
from irlgui.views.viewer import Viewer
from irlgui.views.welcome import Welcome
from irlgui.wizard.training_desk import TrainingDesk
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.preview import Preview
from irlnet_core.evidence.regions import Region
from irlnet_core.model.card import ModelCard

_LEAST = (960, 600)
_USUAL = (1440, 900)


class MainWindow(QMainWindow):
    """Browser, viewer and result in three columns, between the toolbar and the status line."""

    def __init__(self, settings: Settings, model: str | None = None) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_LEAST)
        self.settings = settings
        self.desk = Desk(settings, model, self)
        self.training = TrainingDesk(self.desk.model_folder, self.desk.evidence, self)
        self.commands = make_actions(self)
        self._make_views()
        self._make_bars()
        self._connect_views()
        self.switchboard = Switchboard(self)
        self._restore()
        self._show_model(self.desk.card())
        self._show_picture(None)
        self.welcome.setFocus()  # else the first field would take the keyboard, and keep it from the picture

    def start(self, paths: Sequence[Path], *, analyse: bool = False) -> None:
        """Open what the command line named, and say whether a training waits."""
        self.training.announce()
        if paths:
            self.open_paths(paths, analyse=analyse)

    def open_paths(self, paths: Sequence[Path], *, analyse: bool = False) -> None:
        """Put files and folders into the list and show the first picture; cases and records are opened."""
        self.notice.clear()
        if pictures := self.switchboard.cases.take_files(paths):
            self.desk.expect(pictures, analyse=analyse)
            self.browser.open_paths(pictures)

    def _make_views(self) -> None:
        session = self.desk.session
        self.browser = Browser(self.desk.pictures, self, cache=thumbnail_cache(self.settings))
        self.browser.set_blurred(self.settings.value("browser/blur"))
        self.browser.set_mode(self.settings.value("browser/mode"))
        self.viewer = Viewer(session)
        self.viewer.set_blink_interval(self.settings.value("look/blink"))
        self.welcome = Welcome(self.commands["open"], self.commands["open_folder"])
        self.notice = Notice()
        self.result = ResultPanel(session, evidence=self.desk.case_pictures.evidence)
        OutlinesKeeper(session, self.result.layer, self.desk.case, self)
        OpinionKeeper(session, self.result.judgement, self.desk.case, self)
        self.stage = QStackedWidget()
        self.stage.addWidget(self.welcome)
        self.stage.addWidget(self.viewer)
        self.other_views = OtherViews(session)
        self.other_views.hide()
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.setChildrenCollapsible(False)
        self.middle.setHandleWidth(1)
        self.middle.addWidget(self.stage)
        self.middle.addWidget(self.other_views)
        self.middle.setStretchFactor(0, 1)
        self.columns = Columns(self.browser, self._below_notice(self.middle), self.result)
        self.setCentralWidget(self.columns)
        self.drop_cue = DropCue(self)

    def _below_notice(self, view: QWidget) -> QWidget:
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.notice)
        rows.addWidget(view, 1)
        return column

    def _make_bars(self) -> None:
        self.opacity, self.display = Opacity(), DisplayButton()
        self.display.connect_viewer(self.viewer)
        self.recent_menu = QMenu(translate("Open &recent"), self)
        self.model_menu = QMenu(translate("&Model"), self)
        self.model_menu.setIcon(assets.icon("model"))
        self.compare_menu = QMenu(translate("Compare with another &model"), self)
        notes = self.result.notes
        others: dict[str, QMenu | QAction] = {
            "<recent>": self.recent_menu,
            "<model>": self.model_menu,
            "<compare_model>": self.compare_menu,
            **{f"<draw_{kind}>": action for kind, action in notes.draw_actions.items()},
            "<undo>": notes.undo_action,
            "<redo>": notes.redo_action,
            "<delete_outline>": notes.delete_action,
        }
        fill_menus(self.menuBar(), self.commands, others)
        self.tools = self.addToolBar(self.tr("Tools"))
        self.tools.setObjectName("tools")
        fill_toolbar(self.tools, self.commands, {"<opacity>": self.opacity, "<display>": self.display})
        self.status = StatusLine()
        self.status.set_device(device_line(None))
        self.setStatusBar(self.status)

    def _connect_views(self) -> None:
        desk, browser, viewer = self.desk, self.browser, self.viewer
        browser.scan.found.connect(desk.take_found)
        browser.scan.ended.connect(desk.take_search_end)
        desk.list_left.connect(browser.leave_list)
        desk.found_nothing.connect(self._note_if_silent)
        browser.picture_activated.connect(desk.show)
        browser.analyse_requested.connect(desk.analyse)
        browser.remove_requested.connect(desk.remove)
        browser.noted.connect(self.notice.show_text)
        browser.mode_chosen.connect(self._keep_mode)
        viewer.cursor_moved.connect(self.status.set_cursor)
        self.welcome.sample_requested.connect(self._open_sample)
        desk.noted.connect(self.notice.show_text)
        desk.shown.connect(self._take_shown)
        desk.model_changed.connect(self._show_model)
        desk.session.picture_changed.connect(self._show_picture)
        desk.first_look.shown.connect(self._take_preview)
        desk.first_look.ended.connect(self._end_preview)
        desk.queue.tile_ready.connect(self._take_tiles)
        desk.queue.device_changed.connect(self.status.set_device)
        desk.comparison.ready.connect(self._take_comparison)
        for watch in (desk.watch, desk.comparison.watch):
            watch.changed.connect(self._show_jobs)
        self.status.cancel_requested.connect(desk.stop)
        self.training.noted.connect(self.notice.show_text)
        self.training.progress.connect(self.status.set_training)
        self.training.kept.connect(desk.take_kept)
        self.status.training_asked.connect(self.training.open)
        self.opacity.changed.connect(self._set_opacity)
        desk.queue.state_changed.connect(self._take_state)
        self.settings.changed.connect(self._take_setting)
        self.browser.view.focus_lost.connect(self._let_go)
        self.result.connect_viewer(viewer)
        self.result.zoom_to_region.connect(self._zoom_to_region)
        self.other_views.connect_viewer(viewer)

    @Slot(str)
    def _note_if_silent(self, text: str) -> None:
        """Show a note unless another one, which tells more, is there."""
        if not self.notice.text:
            self.notice.show_text(text)

    @Slot()
    def _show_jobs(self) -> None:
        self.status.set_job(join(self.desk.watch.state, self.desk.comparison.watch.state))

    @Slot(object)
    def _show_picture(self, picture: SuspectImage | None) -> None:
        self.setWindowFilePath(str(picture.path) if picture else "")
        self.show_title()
        self._show_stage(self.viewer if picture else self.welcome)

    def show_title(self) -> None:
        """Name the picture and the case."""
        case, path = self.desk.case, self.desk.session.path or self.desk.first_look.path
        parts = [path.name] if path else []
        if not case.state.automatic:
            parts.append(case.name + (self.tr(" (read only)") if case.state.read_only else ""))
        self.setWindowTitle(" — ".join(parts))

    def _show_stage(self, view: QWidget) -> None:
        """Change what the middle shows; the keyboard goes along, so that the single keys work at once."""
        former = self.stage.currentWidget()
        held = former is not None and former.isAncestorOf(self.focusWidget() or self)
        self.stage.setCurrentWidget(view)
        if held:
            view.setFocus()

    @Slot(object)
    def _take_shown(self, path: Path) -> None:
        self.browser.set_current(path)
        self._show_row(path)

    def _show_row(self, path: Path) -> None:
        """Say what the tool does or did with the open picture, where no result is shown."""
        row = self.desk.pictures.find(path)
        if row and self.desk.session.analysis is None:
            self._take_state(path, row.state, {"error": row.error})

    @Slot(object)
    def _take_preview(self, preview: Preview) -> None:
        self._show_stage(self.viewer)
        self.viewer.set_preview(preview.pixels, preview.width, preview.height, preview.orientation)
        self.result.head.show_opening()
        self.show_title()

    @Slot()
    def _end_preview(self) -> None:
        self._show_picture(self.desk.session.picture)
        if path := self.desk.session.path:
            self._show_row(path)
        else:
            self.result.head.show_nothing(picture=False)

    @Slot(object, object)
    def _take_tiles(self, path: Path, partial: PartialMap) -> None:
        if path == self.desk.session.path:
            for area in partial.fresh:
                self.viewer.set_partial(partial.probability, (area.x, area.y, area.width, area.height))

    @Slot(object, str, object)
    def _take_state(self, path: Path, state: str, facts: dict[str, object]) -> None:
        if path != self.desk.session.path:
            return
        if state in ("queued", "running"):
            self.result.show_busy(waiting=state == "queued")
        elif state == "failed":
            self.result.show_error(str(facts.get("error", "")))
            self.viewer.set_partial(None, None)
        elif state == "new":
            self.result.show_nothing()
            self.viewer.set_partial(None, None)

    @Slot(object)
    def _zoom_to_region(self, region: Region) -> None:
        self.viewer.show_rect(region.x, region.y, region.width, region.height)

    @Slot(float)
    def _set_opacity(self, opacity: float) -> None:
        self.desk.session.change_overlay(opacity=opacity)

    @Slot(object, str)
    def _take_comparison(self, other: SuspectImage | Localization | None, label: str) -> None:
        """Show the other side, beside the picture unless another way of comparing is chosen."""
        self.other_views.give_viewer_up()
        self.viewer.set_comparison(other, label)
        if other is not None and self.desk.session.compare == "single":
            self.desk.session.set_compare("side")

    @Slot(object)
    def _show_model(self, card: ModelCard | None) -> None:
        self.status.set_model(self.tr("Model: {}").format(card.name) if card else self.tr("No model"))
        self.welcome.set_model_line(self.desk.model_problem())
        self.other_views.set_model(self.desk.model or (card.name if card else None))

    @Slot()
    def _open_sample(self) -> None:
        self.open_paths([resource("samples", "lake.png")], analyse=True)

    @Slot(str, object)
    def _take_setting(self, key: str, value: object) -> None:
        app = QApplication.instance()
        if key == "look/theme" and isinstance(app, QApplication):
            theme.apply(app, value)  # type: ignore[arg-type]
        elif key == "look/blink":
            self.viewer.set_blink_interval(int(str(value)))
        elif key == "browser/mode":
            self.browser.set_mode(value)  # type: ignore[arg-type]
        elif key == "browser/blur":
            self.browser.set_blurred(bool(value))
        elif key == "browser/cache":
            self.browser.thumbnails.limit_cache(cache_bytes(self.settings))

    @Slot(str)
    def _keep_mode(self, mode: str) -> None:
        self.settings.set_value("browser/mode", mode)

    @Slot(object)
    def show_crash(self, report: CrashReport) -> None:
        """Tell that the program itself failed; the window stays open. A closed one leaves it to the log.

        So does one that tells of a failure already: what fails while it is painted fails again and again.
        """
        if not self.isVisible() or self.findChild(CrashDialog):
            return
        dialog = CrashDialog(report, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space lifts the response also where the list of pictures has the keyboard."""
        self._pass_space(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """End of Space."""
        self._pass_space(event)

    def _pass_space(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            QApplication.sendEvent(self.viewer, event)
        else:
            event.ignore()

    @Slot()
    def _let_go(self) -> None:
        """Another place has the keyboard now: it would get the release of what is held."""
        self.viewer.set_peek(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_cue.begin()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        self.drop_cue.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.drop_cue.hide()
        self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the window's state; the window goes at once, and what runs is ended by :meth:`shutdown`.

        A running training is asked about first, and so is work that can't be saved.
        """
        if not (self.switchboard.cases.may_close() and self.training.may_close(self)):
            event.ignore()
            return
        self.training.put_away()
        self._keep()
        super().closeEvent(event)

    def shutdown(self) -> bool:
        """Save what is not saved and end every thread; tell whether they have ended in time."""
        self.viewer.shutdown()
        ended = [self.training.shutdown(), self.desk.shutdown()]
        ended += [self.result.shutdown(), self.other_views.shutdown()]
        return all([*ended, self.browser.shutdown(3000)])

    def _restore(self) -> None:
        store = self.settings.store
        self.resize(*_USUAL)
        geometry, columns = store.value("window/geometry"), store.value("window/columns")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
            self.commands["full_screen"].setChecked(self.isFullScreen())
        self.columns.restore(columns if isinstance(columns, QByteArray) else None)
        for name, part in (("show_browser", self.browser), ("show_result", self.result)):
            shown = str(store.value(f"window/{name}", "true")).lower() == "true"
            part.setVisible(shown)
            self.commands[name].setChecked(shown)

    def _keep(self) -> None:
        store = self.settings.store
        store.setValue("window/geometry", self.saveGeometry())
        store.setValue("window/columns", self.columns.saveState())
        for name in ("show_browser", "show_result"):
            store.setValue(f"window/{name}", self.commands[name].isChecked())
        store.sync()
