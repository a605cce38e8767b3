"""Where results go: the kind names the file, nothing is replaced unasked, the folder is kept for the next."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from irlgui.dialogs.file_dialogs import ask_record, ask_report, ask_table
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


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("kind", ["table", "record", "report"])
def test_a_file_that_only_the_completed_name_would_replace_is_asked_about(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, agreed: bool
) -> None:
    parent, settings, asked = QWidget(), Settings(tmp_path / "settings.ini"), []
    qtbot.addWidget(parent)
    ask, file = {
        "table": (partial(ask_table, parent, settings), "x.csv"),
        "record": (partial(ask_record, parent, settings, "a"), "x.record.zip"),
        "report": (partial(ask_report, parent, settings, "a"), "x.pdf"),
    }[kind]

    def answer(_parent: QWidget, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.Yes if agreed else QMessageBox.StandardButton.No

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "x"), ""))
    monkeypatch.setattr(QMessageBox, "question", answer)
    assert ask() == tmp_path / file
    assert not asked
    (tmp_path / file).touch()
    assert ask() == (tmp_path / file if agreed else None)
    assert file in asked[0]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / file), ""))
    assert ask() == tmp_path / file  # this name the dialog itself has asked about
    assert len(asked) == 1
