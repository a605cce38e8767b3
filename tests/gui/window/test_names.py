"""Long names push nothing off the window; names that look like HTML or hold an ampersand are read as such."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from irlgui.dialogs.case_report_dialog import CaseReportDialog
from irlgui.dialogs.report_dialog import ReportDialog
from irlgui.dialogs.verify_dialog import VerifyDialog
from irlgui.job_watch import JobState
from irlgui.main_window import MainWindow
from irlgui.wizard.check_detail import CheckDetail
from irlgui.wizard.check_row import CheckRow
from irlgui.wizard.look import Attention, dim, make_heading
from irlnet_core.data.pairs import Problem
from tests.gui.window.conftest import OpenPictures, PictureAt


def test_cancel_stays_in_the_window_whatever_the_picture_is_called(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(960, 600)
    window.status.set_job(JobState(240 * "x" + ".png", done=50, total=900, seconds=65, waiting=3))
    qtbot.wait(50)  # the layout
    for part in (window.status.cancel, window.status.case, window.status.model):
        assert part.isVisible()
        assert part.mapTo(window, part.rect().bottomRight()).x() < window.width()


def test_names_that_look_like_html_are_shown_letter_by_letter(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt
) -> None:
    path = picture_at("<b>bold<b>.png")
    open_pictures(path)
    index = window.browser.order.index_of(path)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert GuiQt.mightBeRichText(tip)
    assert "&lt;b&gt;bold" in tip
    attention = Attention()
    labels: list[QLabel] = [window.status.job, window.welcome.model_line, attention.label, dim()]
    labels.append(make_heading(""))
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_an_ampersand_in_a_name_is_no_mnemonic(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt
) -> None:
    path = picture_at("Smith & Co.png")
    open_pictures(path)
    window.recent_menu.aboutToShow.emit()
    assert window.recent_menu.actions()[0].text() == str(path).replace("&", "&&")
    layer = window.result.layer
    layer.add("rectangle", [(10, 10), (40, 40)], label="A & B")
    assert "A && B" in window.result.notes.note_title.text()
    assert "A && B" in window.result.notes.undo_action.text()


LONG = f"/evidence/{240 * 'x'}.png"  # no place to break it


def test_a_long_name_widens_no_dialog_beyond_the_screen(
    window: MainWindow, open_pictures: OpenPictures, picture_at: PictureAt, tmp_path: Path, qtbot: QtBot
) -> None:
    open_pictures(picture_at("a.png"))
    window.commands["analyse"].trigger()
    qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=60_000)
    exhibit = window.switchboard.reports.exhibit()
    assert exhibit
    verify = VerifyDialog(tmp_path / f"{240 * 'x'}.zip", window.desk.case)
    report = ReportDialog(exhibit, window.settings)
    many = CaseReportDialog(window.desk.case, [], window.settings)
    dialogs = (verify, report, many)
    for dialog in dialogs:
        qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: not verify.busy and not report.busy, timeout=60_000)
    for label in (report.status, many.status):
        label.setText(f"Written: {LONG}")
    widths = [dialog.minimumSizeHint().width() for dialog in dialogs]
    for dialog in dialogs:
        dialog.reject()
    assert max(widths) < 900


def test_a_long_name_in_a_message_leaves_the_columns_as_they_are(window: MainWindow) -> None:
    before = window.result.minimumSizeHint().width(), window.notice.minimumSizeHint().width()
    window.result.show_message(f"Written: {LONG}")
    window.notice.show_text(f"{LONG}: is gone.")
    assert window.result.minimumSizeHint().width() == before[0]
    assert window.notice.minimumSizeHint().width() <= before[1] + 1


def test_a_long_name_widens_no_page_of_the_wizard(qtbot: QtBot) -> None:
    detail, box = CheckDetail(), Attention()
    for widget in (detail, box):
        qtbot.addWidget(widget)
    detail.show_rows([CheckRow(Path(LONG), None, Problem(Path(LONG), f"{LONG} has no partner.", "Add one."))])
    box.show_text(LONG)
    assert detail.minimumSizeHint().width() < 400
    assert box.minimumSizeHint().width() < 400
