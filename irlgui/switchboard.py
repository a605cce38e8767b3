"""From commands to what they do: every action of the window is connected here, enabled and checked here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, QUrl, Slot
from PySide6.QtGui import QActionGroup, QDesktopServices
from PySide6.QtWidgets import QDialog, QPushButton, QToolButton

from irlgui.actions import translate
from irlgui.dialogs.about_dialog import AboutDialog
from irlgui.dialogs.case_commands import CaseCommands
from irlgui.dialogs.file_dialogs import ask_folder, ask_original, ask_output, ask_pictures, ask_table
from irlgui.dialogs.report_commands import ReportCommands
from irlgui.dialogs.settings_dialog import SettingsDialog
from irlgui.dialogs.shortcuts_dialog import ShortcutsDialog
from irlgui.jobs.export import ExportRequest
from irlgui.jobs.model_list import list_models
from irlgui.models.picture_list_entry import STATUSES, Picture
from irlgui.plain_text import no_mnemonic
from irlgui.recent import forget_all, read_recent
from irlgui.session import Overlay
from irlgui.startup.log_file import log_folder
from irlgui.wizard.training_commands import TrainingCommands
from irlnet_core.model.card import WEIGHTS_NAME

if TYPE_CHECKING:
    from irlgui.main_window import MainWindow

_STEP = 0.01  # of the threshold, for one press of a key


class Switchboard(QObject):
    """Connects the commands of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.desk, self.session = window.desk, window.desk.session
        self.commands = window.commands
        self.training, self.reports = TrainingCommands(window), ReportCommands(window)
        self.cases = CaseCommands(window)
        self._area: QRect | None = None
        for name, do in self._handlers().items():
            self.commands[name].triggered.connect(do)
        self._connect_menus()
        self._connect_session()
        self._show_overlay(self.session.overlay)
        self._show_compare(self.session.compare)
        self._enable()

    def _handlers(self) -> dict[str, Callable[..., object]]:
        window, viewer = self.window, self.window.viewer
        return {
            "open": self._open,
            "open_folder": self._open_folder,
            "export": self._export,
            "export_table": self._export_table,
            "settings": self._show_settings,
            "quit": window.close,
            "analyse": self._analyse,
            "analyse_all": self.desk.analyse_all,
            "select_area": self._select_area,
            "analyse_area": self._analyse_area,
            "stop": self.desk.stop,
            "pause": self._pause,
            "previous": window.browser.show_previous,
            "next": window.browser.show_next,
            "search": self._search,
            "previous_region": self._previous_region,
            "next_region": self._next_region,
            "compare_original": self._compare_original,
            "end_comparison": self.desk.comparison.end,
            "adjust_display": window.display.showMenu,
            "reset_display": window.display.reset,
            **{f"status_{digit}": partial(self._set_status, digit) for digit in STATUSES},
            "fit": viewer.fit,
            "actual_size": self._actual_size,
            "zoom_in": self._zoom_in,
            "zoom_out": self._zoom_out,
            "threshold_up": self._raise_threshold,
            "threshold_down": self._lower_threshold,
            "threshold_reset": self.desk.reset_threshold,
            "show_browser": self._show_browser,
            "show_result": self._show_result,
            "show_views": self._show_views,
            "full_screen": self._full_screen,
            "shortcuts": self._show_shortcuts,
            "log_folder": self._open_log_folder,
            "about": self._show_about,
            **self.training.handlers(),
            **self.reports.handlers(),
            **self.cases.handlers(),
        }

    def _connect_menus(self) -> None:
        window = self.window
        window.recent_menu.aboutToShow.connect(self._fill_recent)
        window.model_menu.aboutToShow.connect(self._fill_models)
        window.compare_menu.aboutToShow.connect(self._fill_other_models)
        peek = window.tools.widgetForAction(self.commands["peek"])
        if isinstance(peek, QToolButton):
            peek.pressed.connect(self._begin_peek)
            peek.released.connect(self._end_peek)

    def _connect_session(self) -> None:
        session, desk, window = self.session, self.desk, self.window
        for name in ("none", "heat", "mask", "outline"):
            self.commands[f"overlay_{name}"].triggered.connect(self._set_overlay)
        for name in ("single", "side", "swipe", "blink"):
            self.commands[f"compare_{name}"].triggered.connect(self._set_compare)
        session.overlay_changed.connect(self._show_overlay)
        session.compare_changed.connect(self._show_compare)
        session.picture_changed.connect(self._drop_area)
        for signal in (session.analysis_changed, session.regions_changed):
            signal.connect(self._enable)
        for watch in (desk.watch, desk.comparison.watch):
            watch.changed.connect(self._enable)
        desk.comparison.ready.connect(self._enable)
        window.display.controls.display_asked.connect(self._enable)
        desk.queue.paused_changed.connect(self.commands["pause"].setChecked)
        for signal in (desk.pictures.rowsInserted, desk.pictures.rowsRemoved):
            signal.connect(self._enable)
        window.viewer.area_selected.connect(self._take_area)
        window.viewer.area_dropped.connect(self._drop_area)
        for signal in (window.viewer.tool_dropped, window.result.draw_asked):
            signal.connect(self._end_selecting)
        window.browser.export_requested.connect(self._export_kept)
        window.browser.table_requested.connect(self._write_table)

    @Slot()
    def _enable(self) -> None:
        """Grey out what would do nothing now."""
        picture, analysis = self.session.picture is not None, self.session.analysis is not None
        regions = bool(self.session.regions and self.session.regions.listed)
        pictures, running = bool(self.desk.pictures.pictures), self.desk.watch.state is not None
        comparing = self.desk.comparison.watch.state is not None
        self.window.compare_menu.setEnabled(picture)
        for on, names in (
            (picture, ("analyse", "select_area", "fit", "actual_size", "zoom_in", "zoom_out", "show_views")),
            (picture, ("compare_original", "adjust_display")),
            (self.desk.comparison.active, ("end_comparison",)),
            (self.window.display.controls.tone().adjusted, ("reset_display",)),
            (analysis, ("export", "record", "report", "peek")),
            (analysis, ("threshold_up", "threshold_down", "threshold_reset")),
            (regions, ("next_region", "previous_region")),
            (pictures, ("analyse_all", "export_table", "next", "previous", "search")),
            (running or comparing, ("stop",)),
            (running, ("pause",)),
            (picture and self._area is not None, ("analyse_area",)),
        ):
            for name in names:
                self.commands[name].setEnabled(on)

    @Slot(object)
    def _show_overlay(self, overlay: Overlay) -> None:
        self.commands[f"overlay_{overlay.mode}"].setChecked(True)
        self.window.opacity.set_opacity(overlay.opacity)

    @Slot(str)
    def _show_compare(self, compare: str) -> None:
        self.commands[f"compare_{compare}"].setChecked(True)

    @Slot()
    def _set_overlay(self) -> None:
        self.session.change_overlay(mode=self._checked("overlay_"))

    @Slot()
    def _set_compare(self) -> None:
        self.session.set_compare(self._checked("compare_"))  # type: ignore[arg-type]

    def _checked(self, prefix: str) -> str:
        names = (
            name for name, action in self.commands.items() if name.startswith(prefix) and action.isChecked()
        )
        return next(names).removeprefix(prefix)

    def _open(self) -> None:
        if paths := ask_pictures(self.window, self.desk.settings):
            self.window.open_paths(paths)

    def _open_folder(self) -> None:
        if folder := ask_folder(self.window, self.desk.settings):
            self.window.open_paths([folder])

    def _analyse(self) -> None:
        if path := self.session.path:
            self.desk.analyse([path], start=self._start())

    def _analyse_area(self) -> None:
        if self.session.path and self._area:
            self.desk.analyse([self.session.path], area=self._area)

    def _start(self) -> tuple[float, float] | None:
        return self.window.viewer.view_centre() if self.desk.settings.value("analysis/from_view") else None

    def _select_area(self, on: bool) -> None:
        self.window.result.notes.end_drawing()
        self.window.viewer.set_tool("area" if on else "pan")
        self.window.viewer.setFocus()

    @Slot(object)
    def _take_area(self, area: QRect) -> None:
        self._area = area
        self.commands["select_area"].setChecked(False)
        self.window.viewer.set_tool("pan")
        self._enable()

    @Slot()
    def _end_selecting(self) -> None:
        self.commands["select_area"].setChecked(False)

    @Slot()
    def _drop_area(self) -> None:
        self._area = None
        self.window.viewer.set_selected_area(None)
        self._enable()

    def _set_status(self, digit: int, _checked: bool = False) -> None:
        """Set the digit of the pictures chosen in the browser while one works there, else of the open one."""
        browser = self.window.browser
        if browser.isAncestorOf(self.window.focusWidget() or self.window):
            browser.set_status(digit)
        elif self.session.path:
            self.desk.pictures.set_status([self.session.path], digit)

    def _compare_original(self) -> None:
        if path := ask_original(self.window, self.desk.settings):
            self.desk.comparison.with_original(path)

    def _pause(self, on: bool) -> None:
        if on:
            self.desk.queue.pause()
        else:
            self.desk.queue.resume()

    def _export(self) -> None:
        """Ask for a folder and write what is shown now: another picture may be read meanwhile."""
        session = self.session
        if not (session.picture and session.analysis):
            return
        mode = session.overlay.mode
        request = ExportRequest(
            session.picture,
            session.analysis,
            Path(),
            session.threshold,
            session.threshold_source,
            "heat" if mode == "none" else mode,
            self.window.result.layer.outlines,
            self.desk.case_pictures.evidence(),
        )
        if output := ask_output(self.window, self.desk.settings):
            self.desk.exporter.write(replace(request, output=output))

    @Slot(object)
    def _export_kept(self, paths: list[Path]) -> None:
        output = ask_output(self.window, self.desk.settings) if paths else None
        if output:
            evidence = self.desk.case_pictures.evidence()
            self.desk.exporter.write_kept(paths, output, self.desk.model, evidence)

    def _export_table(self) -> None:
        self._write_table(list(self.desk.pictures.pictures))

    @Slot(object)
    def _write_table(self, rows: list[Picture]) -> None:
        if path := ask_table(self.window, self.desk.settings):
            self.desk.exporter.write_table(path, rows)

    def _next_region(self) -> None:
        self._step_region(1)

    def _previous_region(self) -> None:
        self._step_region(-1)

    def _step_region(self, by: int) -> None:
        """Choose the next listed region, from the last one on to the first again, and show it."""
        listed = self.session.regions.listed if self.session.regions else ()
        if not listed:
            return
        numbers = [region.id for region in listed]
        chosen = self.session.chosen_region
        place = numbers.index(chosen) + by if chosen in numbers else (0 if by > 0 else -1)
        region = listed[place % len(listed)]
        self.session.choose_region(region.id)
        self.window.viewer.show_rect(region.x, region.y, region.width, region.height)

    def _actual_size(self) -> None:
        self.window.viewer.zoom_to(1.0)

    def _zoom_in(self) -> None:
        self.window.viewer.zoom_step(1)

    def _zoom_out(self) -> None:
        self.window.viewer.zoom_step(-1)

    def _raise_threshold(self) -> None:
        self.session.set_threshold(round(self.session.threshold + _STEP, 4))

    def _lower_threshold(self) -> None:
        self.session.set_threshold(round(self.session.threshold - _STEP, 4))

    @Slot()
    def _begin_peek(self) -> None:
        self.window.viewer.set_peek(True)

    @Slot()
    def _end_peek(self) -> None:
        self.window.viewer.set_peek(False)

    def _show_browser(self, on: bool) -> None:
        self.window.browser.setVisible(on)

    def _search(self) -> None:
        if not self.commands["show_browser"].isChecked():
            self.commands["show_browser"].trigger()
        self.window.browser.focus_search()

    def _show_result(self, on: bool) -> None:
        self.window.result.setVisible(on)

    def _show_views(self, on: bool) -> None:
        self.window.other_views.setVisible(on)

    def _full_screen(self, on: bool) -> None:
        if on:
            self.window.showFullScreen()
        else:
            self.window.showNormal()

    def _fill_recent(self) -> None:
        menu = self.window.recent_menu
        menu.clear()
        for path in read_recent(self.desk.settings):
            menu.addAction(no_mnemonic(str(path))).triggered.connect(
                lambda _=False, path=path: self.window.open_paths([path])
            )
        menu.addSeparator()
        clear = menu.addAction(translate("Clear this list"))
        clear.setEnabled(len(menu.actions()) > 2)
        clear.triggered.connect(lambda: forget_all(self.desk.settings))

    def _fill_models(self) -> None:
        menu = self.window.model_menu
        menu.clear()
        group = QActionGroup(menu)
        for choice in list_models():
            told = choice.name if choice.card else f"{choice.name}: {choice.error}"
            action = menu.addAction(no_mnemonic(told))
            action.setEnabled(choice.card is not None)
            action.setCheckable(True)
            action.setChecked(choice.default if self.desk.model is None else choice.name == self.desk.model)
            action.triggered.connect(lambda _=False, name=choice.name: self.desk.choose_model(name))
            group.addAction(action)
        if menu.isEmpty():
            menu.addAction(translate("No model is installed")).setEnabled(False)

    def _fill_other_models(self) -> None:
        """Offer every usable model but the one whose response is shown."""
        menu, shown = self.window.compare_menu, self.session.analysis
        menu.clear()
        for choice in list_models():
            if choice.card and (shown is None or choice.card.hashes.get(WEIGHTS_NAME) != shown.model_sha256):
                action = menu.addAction(no_mnemonic(choice.name))
                action.triggered.connect(partial(self._compare_model, choice.name))
        if menu.isEmpty():
            menu.addAction(translate("No other model is installed")).setEnabled(False)

    def _compare_model(self, name: str, _checked: bool = False) -> None:
        self.desk.comparison.with_model(name)

    def _show_settings(self) -> None:
        thumbnails = QPushButton(translate("Clear thumbnails"))
        thumbnails.clicked.connect(self.window.browser.clear_cache)
        results = QPushButton(translate("Forget kept results"))
        results.setToolTip(
            translate("Empties the store that serves all cases; a case, the automatic one too, keeps its own")
        )
        results.clicked.connect(self.desk.forget_results)
        extras = (("browser", "", thumbnails), ("analysis", "", results))
        self._open_dialog(SettingsDialog(self.desk.settings, extras, self.window))

    def _show_shortcuts(self) -> None:
        self._open_dialog(ShortcutsDialog(self.window))

    def _show_about(self) -> None:
        self._open_dialog(AboutDialog(self.desk.card(), self.window))

    def _open_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _open_log_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))
