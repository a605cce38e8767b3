"""The smaller parts of the window: what the status line says, recent places, crash reports, the theme."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui import recent
from irlgui.job_watch import JobState, join
from irlgui.settings import Settings
from irlgui.startup.crash import CrashCatcher, make_report
from irlgui.startup.log_file import start_log, stop_log
from irlgui.views import theme
from irlgui.views.status_line import describe_cursor, describe_job, describe_seconds


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState("a.jpg"), "Analysing a.jpg"),
        (JobState("a.jpg", phase="loading"), "Analysing a.jpg   loading the model"),
        (JobState("a.jpg", done=50, total=100, seconds=65), "Analysing a.jpg   tile 50 / 100   1:05 left"),
        (
            JobState("a.jpg", done=1, total=9, seconds=0.1, waiting=3),
            "Analysing a.jpg   tile 1 / 9   3 waiting",
        ),
        (JobState("a.jpg", paused=True), "Paused: a.jpg"),
        (JobState("a.jpg", done=5, total=9, ending=True), "Cancelling…"),
    ],
)
def test_the_status_line_says_what_runs_and_how_long_it_takes(state: JobState, words: str) -> None:
    assert describe_job(state) == words


def test_the_analysis_and_a_comparison_do_not_wipe_each_other_out_of_the_status_line() -> None:
    main, second = JobState("a.jpg", done=2, total=9), JobState("a.jpg", comparing=True)
    both = join(main, second)
    assert both is not None
    assert describe_job(both) == "Analysing a.jpg   tile 2 / 9   a comparison too"
    assert join(main, None) is main
    assert join(None, second) is second
    assert describe_job(second) == "Comparing a.jpg"
    assert join(None, None) is None


def test_times_and_places_are_written_shortly() -> None:
    assert [describe_seconds(s) for s in (0.4, 61, 3725)] == ["0:00", "1:01", "1:02:05"]
    assert describe_cursor((3, 4, (1, 2, 3), 0.5)) == "3, 4   RGB 1 2 3   response 0.500"
    assert describe_cursor((3, 4, (1, 2, 3), None)) == "3, 4   RGB 1 2 3"
    assert describe_cursor(None) == ""


def test_recent_places_come_newest_first_once_and_only_as_long_as_they_exist(
    qapp: object, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "s.ini")
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    recent.remember(settings, [a])
    assert recent.read_recent(settings) == [a]
    recent.remember(settings, [b])
    recent.remember(settings, [a])
    assert recent.read_recent(settings) == [a, b]
    b.rmdir()
    assert recent.read_recent(settings) == [a]
    recent.forget_all(settings)
    assert recent.read_recent(settings) == []


def test_a_crash_report_is_written_and_holds_versions_and_traceback_but_no_values(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        fail_with("pixels of the evidence")
    report = make_report(caught.value, "worker", tmp_path)

    assert report.path is not None
    text = report.path.read_text("utf-8")
    assert text == report.text
    assert "IRL-Net" in text
    assert "KeyError: 'by hand'" in text
    assert "fail_with" in text
    assert "of the evidence" not in text.replace('fail_with("pixels of the evidence")', "")


def fail_with(value: str) -> None:
    assert value
    raise KeyError("by hand")


def test_a_full_disk_costs_only_the_file(tmp_path: Path) -> None:
    closed = tmp_path / "file"
    closed.write_text("no folder")

    report = make_report(ValueError("x"), "main", closed)

    assert report.path is None
    assert "ValueError: x" in report.text


def test_what_fails_on_another_thread_is_told_on_the_gui_thread(qtbot: QtBot, tmp_path: Path) -> None:
    catcher = CrashCatcher(tmp_path)

    def fail() -> None:
        raise RuntimeError("on a thread")

    with catcher.installed(), qtbot.waitSignal(catcher.caught) as caught:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    assert caught.args is not None
    assert "RuntimeError: on a thread" in caught.args[0].text


def test_the_log_is_written_and_closed(tmp_path: Path) -> None:
    handler = start_log(tmp_path / "log")
    logging.getLogger("irlgui").info("a line")
    stop_log(handler)

    assert "a line" in (tmp_path / "log" / "irlgui.log").read_text("utf-8")
    assert handler not in logging.getLogger("irlgui").handlers


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=lambda tokens: tokens.name)
def test_chrome_is_neutral_and_text_can_be_read(tokens: theme.Tokens) -> None:
    greys = ("window", "panel", "field", "raised", "hover", "pressed", "line", "surround", "text", "text_dim")
    assert all(QColor(getattr(tokens, name)).saturation() == 0 for name in greys)
    assert contrast(tokens.text, tokens.window) > 7
    assert contrast(tokens.text_dim, tokens.window) > 4.5
    assert contrast(tokens.accent, tokens.window) > 4.5
    assert contrast(tokens.on_accent, tokens.accent) > 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_tokens_follow_the_palette(qapp: QApplication) -> None:
    before = qapp.palette()
    try:
        for tokens in (theme.DARK, theme.LIGHT):
            qapp.setPalette(theme.make_palette(tokens))
            assert theme.tokens() is tokens
            assert qapp.palette().color(QPalette.ColorRole.Highlight).name() == tokens.accent
    finally:
        qapp.setPalette(before)
