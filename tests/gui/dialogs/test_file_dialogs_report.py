"""Where a report goes: the chosen kind names the file, and the folder is kept for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from irlgui.dialogs.file_dialogs import ask_report
from irlgui.settings import Settings


@pytest.mark.parametrize(
    ("typed", "kind", "file"),
    [("a", "PDF (*.pdf)", "a.pdf"), ("a", "HTML (*.html)", "a.html"), ("a.htm", "PDF (*.pdf)", "a.htm")],
)
def test_a_report_is_named_by_its_kind_unless_its_name_says_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, kind: str, file: str
) -> None:
    parent, settings, starts = QWidget(), Settings(tmp_path / "settings.ini"), []
    qtbot.addWidget(parent)

    def choose(_parent: QWidget, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        starts.append(start)
        return str(tmp_path / typed), kind

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    assert ask_report(parent, settings, "a picture") == tmp_path / file
    assert ask_report(parent, settings, "a picture") == tmp_path / file
    assert Path(starts[1]).parent == tmp_path
    assert starts[1].endswith(".report.pdf")
