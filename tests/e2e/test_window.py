"""The window itself: drag and drop, themes, remembered state, dialogs, keys, and a start without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from irlgui.dialogs.crash_dialog import CrashDialog
from irlgui.main_window import MainWindow
from irlgui.startup.crash import make_report
from irlgui.views import theme
from tests.e2e.play import PATIENCE, RunApp

ROOT = Path(__file__).parents[2]


def test_the_start_loads_no_torch() -> None:
    code = "import sys, irlgui.__main__, irlgui.startup.application; print('torch' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert answer.stdout == "False\n"


def test_version_and_help_are_answered_without_qt() -> None:
    code = (
        "import sys\nfrom irlgui.__main__ import main\n"
        "try:\n    main(['--version'])\nfinally:\n    print('PySide6' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert answer.stdout.startswith("irlgui ")
    assert answer.stdout.endswith("False\n")


@pytest.mark.parametrize("place", ["window", "viewer", "browser"])
def test_dropped_files_and_folders_are_opened(
    run_app: RunApp, evidence: Path, qtbot: QtBot, place: str
) -> None:
    def script(window: MainWindow) -> None:
        target = {"window": window, "viewer": window.welcome, "browser": window.browser.view.viewport()}[
            place
        ]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(evidence))])
        middle, left, none = QPoint(20, 20), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(middle, Qt.DropAction.CopyAction, data, left, none)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        assert window.drop_cue.isVisible()
        drop = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, data, left, none)
        QApplication.sendEvent(window, drop)
        assert not window.drop_cue.isVisible()
        qtbot.waitUntil(lambda: len(window.desk.pictures.pictures) == 2, timeout=PATIENCE)
        qtbot.waitUntil(lambda: window.desk.session.path == evidence / "a.png", timeout=PATIENCE)

    run_app(script)


def test_the_theme_is_switched_while_a_result_is_shown_and_remembered(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        colours = []
        for choice in ("light", "dark", "system"):
            window.settings.set_value("look/theme", choice)
            colours.append(window.grab().toImage().pixelColor(2, 2).name())
        assert colours[:2] == [theme.LIGHT.window, theme.DARK.window]
        window.settings.set_value("look/theme", "dark")

    run_app(script, "--analyse", evidence / "a.png")
    run_app(lambda window: window.settings.value("look/theme") == "dark" or pytest.fail("forgotten"))


def test_size_and_columns_come_back(run_app: RunApp) -> None:
    def change(window: MainWindow) -> None:
        window.resize(960, 640)  # the screen of the tests has 800 x 800 pixels
        window.commands["show_browser"].trigger()

    def look(window: MainWindow) -> None:
        assert (window.width(), window.height()) == (960, 640)
        assert not window.browser.isVisible()
        assert not window.commands["show_browser"].isChecked()

    run_app(change)
    run_app(look)


def test_a_window_that_shrinks_leaves_no_empty_strip_beside_a_column(run_app: RunApp, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        columns = window.columns
        for width in (1800, 1280, 960):
            window.resize(width, 720)
            qtbot.waitUntil(lambda: columns.width() >= window.width() - 2, timeout=PATIENCE)
            seen = [columns.left.width(), columns.middle.width(), columns.right.width()]
            assert sum(seen) + 2 * columns.handleWidth() == columns.width()

    run_app(script)


def test_the_viewer_keeps_three_fifths_of_a_small_window(run_app: RunApp, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        window.resize(1280, 720)
        qtbot.waitUntil(lambda: window.columns.middle.width() >= 0.6 * 1280, timeout=PATIENCE)
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 720

    run_app(script)


@pytest.mark.parametrize("command", ["settings", "shortcuts", "about"])
def test_dialogs_open_beside_the_window_and_close_with_escape(
    run_app: RunApp, qtbot: QtBot, command: str
) -> None:
    def script(window: MainWindow) -> None:
        window.commands[command].trigger()
        dialog = next(w for w in window.findChildren(QDialog) if w.isVisible())
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
        qtbot.waitUntil(
            lambda: not any(d.isVisible() for d in window.findChildren(QDialog)), timeout=PATIENCE
        )

    run_app(script)


def test_a_failure_of_the_program_is_shown_with_text_to_copy(
    run_app: RunApp, tmp_path: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        window.show_crash(make_report(ZeroDivisionError("by hand"), "MainThread", tmp_path / "reports"))
        dialog = window.findChild(CrashDialog)
        assert dialog is not None
        dialog.copy_report()
        assert "ZeroDivisionError: by hand" in QApplication.clipboard().text()

    run_app(script)


def test_every_control_has_a_name_and_can_be_reached_with_the_keyboard(
    run_app: RunApp, evidence: Path, qtbot: QtBot
) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
        controls = [w for kind in kinds for w in window.findChildren(kind) if is_ours(w)]
        assert len(controls) > 20
        assert [name_of(w) for w in controls if not w.accessibleName() and not text_of(w)] == []
        unreachable = [w for w in controls if w.focusPolicy() == Qt.FocusPolicy.NoFocus]
        assert [name_of(w) for w in unreachable] == []

    run_app(script, "--analyse", evidence / "a.png")


def is_ours(widget: QWidget) -> bool:
    """Leave out the parts that Qt itself puts into its widgets, and scroll bars: they follow the keys."""
    inner = widget.objectName().startswith("qt_") or "ScrollBar" in type(widget).__name__
    holder = type(widget.parentWidget()).__name__
    return widget.isVisible() and not inner and "Spin" not in holder and holder != "QLineEdit"


def text_of(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton | QLineEdit) else ""


def name_of(widget: QWidget) -> str:
    place = type(widget.parent()).__name__
    return f"{type(widget).__name__} {widget.objectName()} {widget.toolTip()} in {place}"


def test_thumbnails_and_kept_results_can_be_cleared_from_the_settings(
    run_app: RunApp, evidence: Path, home: Path, qtbot: QtBot
) -> None:
    def kept() -> list[Path]:
        return [path for path in home.rglob("*.result") if path.is_file()]

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(
            lambda: window.desk.session.analysis is not None and not window.desk.watch.state, timeout=PATIENCE
        )
        qtbot.waitUntil(lambda: len(kept()) == 1, timeout=PATIENCE)
        window.commands["settings"].trigger()
        for button in window.findChildren(QAbstractButton):
            if button.text() in {"Clear thumbnails", "Forget kept results"}:
                button.click()
        assert kept() == []
        assert window.desk.session.analysis is not None

    run_app(script, "--analyse", evidence / "a.png")
