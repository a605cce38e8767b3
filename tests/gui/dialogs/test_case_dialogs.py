"""A new case is named after its facts, never among evidence; a report of many pictures can be stopped."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from irlgui.case_desk import CaseDesk
from irlgui.dialogs.case_dialog import CaseDialog, NewCaseDialog
from irlgui.dialogs.case_report_dialog import CaseReportDialog
from irlgui.jobs.case_report import CaseReportRequest, write_case_report
from irlgui.open_case import CaseState
from irlgui.settings import Settings
from irlgui.views.notice import Notice
from irlgui.views.status_line import StatusLine
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import CaseFacts
from irlnet_core.errors import Interrupted, OutputError
from irlnet_core.progress import finish
from irlnet_core.report.choices import Choices, Letterhead
from irlnet_core.report.compose import Scope
from tests.core.report.conftest import ExhibitOf, exhibit_of
from tests.gui.conftest import OpenCaseAt

__all__ = ["exhibit_of"]


def test_a_new_case_is_named_after_its_facts_until_it_is_named_by_hand(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = NewCaseDialog(tmp_path, CaseFacts("", laboratory="Lab"), [])
    qtbot.addWidget(dialog)
    dialog.fields.edits["number"].setText("7/2026")
    dialog.fields.edits["title"].setText("The <harbour>")
    assert dialog.path.parent == tmp_path
    assert dialog.path.name.startswith("7-2026 The ")
    assert dialog.fields.facts()["laboratory"] == "Lab"
    dialog.place.setText(str(tmp_path / "own"))
    dialog.place.textEdited.emit(dialog.place.text())
    dialog.fields.edits["title"].setText("other")
    assert dialog.path == tmp_path / "own.irlcase"


def test_a_file_that_is_there_and_a_folder_of_evidence_are_refused_at_once(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "is.irlcase").touch()
    dialog = NewCaseDialog(tmp_path, CaseFacts(""), [tmp_path / "evidence" / "a.jpg"])
    qtbot.addWidget(dialog)
    for name, word in (("is.irlcase", "already"), ("evidence/new", "holds evidence"), ("", "Name a file")):
        dialog.place.setText(str(tmp_path / name) if name else "")
        assert word in dialog.problem.label.text()
        assert not dialog.make_button.isEnabled()
    dialog.place.setText(str(tmp_path / "good"))
    assert dialog.make_button.isEnabled()


@pytest.mark.parametrize("typed", ["/", ".", "..", "~nobody-is-called-so/a"])
def test_what_is_half_typed_for_the_file_is_refused_beside_the_field(
    qtbot: QtBot, tmp_path: Path, typed: str
) -> None:
    dialog = NewCaseDialog(tmp_path, CaseFacts(""), [tmp_path / "evidence" / "a.jpg"])
    qtbot.addWidget(dialog)
    dialog.place.setText(typed)
    assert "Name a file" in dialog.problem.label.text()
    assert not dialog.make_button.isEnabled()
    dialog.place.setText("/" + 300 * "x")  # what the disk refuses is told when the case is made
    assert dialog.make_button.isEnabled()


def test_the_facts_of_the_case_tell_file_contents_and_head(qtbot: QtBot, tmp_path: Path) -> None:
    state = CaseState(tmp_path / "one.irlcase", CaseFacts("x", title="T"), automatic=False)
    told = {"items": 3, "findings": 2, "judgements": 1}
    dialog = CaseDialog(state, told, ChainHead(41, "9f" * 32))
    qtbot.addWidget(dialog)
    assert dialog.fields.facts()["title"] == "T"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "saved"),
        ({"waiting": 3}, "saving…"),
        ({"waiting": 3, "problem": "full"}, "3 not saved"),
        ({"read_only": True}, "read only"),
        ({"refused": 1}, "1 refused"),
        ({"path": None}, "saving…"),
    ],
)
def test_the_status_line_calls_nothing_saved_that_is_not(
    qtbot: QtBot, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.set_case("A case", replace(CaseState(tmp_path), **changes))  # type: ignore[arg-type]
    assert line.case.text() == f"A case · {words}"
    assert line.case.icon().isNull() is not ("problem" in changes or "refused" in changes)


HOSTILE = "<img src=x> & <b>\u202egpj.exe\n" + "long " * 60


def test_a_hostile_name_of_a_case_is_shown_as_text_on_one_short_line(qtbot: QtBot, tmp_path: Path) -> None:
    line, notice = StatusLine(), Notice()
    qtbot.addWidget(line)
    qtbot.addWidget(notice)
    facts = CaseFacts("x", title=HOSTILE)
    assert "\u202e" not in facts.title
    assert "\n" not in facts.title
    line.set_case(facts.title, CaseState(tmp_path))
    assert len(line.case.text()) < 60
    assert "<img" not in line.case.toolTip()
    assert "&lt;img" in line.case.toolTip()
    notice.show_text(HOSTILE)
    label = next(one for one in notice.findChildren(QLabel) if one.text() == HOSTILE)
    assert label.textFormat() == Qt.TextFormat.PlainText


@pytest.fixture
def filled(open_case: OpenCaseAt, exhibit_of: ExhibitOf, tmp_path: Path, qtbot: QtBot) -> CaseDesk:
    """An open case with one analysed picture."""
    exhibit, path = exhibit_of(), tmp_path / "own" / "one.irlcase"
    assert exhibit.image
    assert exhibit.localization
    with CaseFile.create(path, number="7/2026", examiner="E. Xaminer") as kept:
        item = kept.add_item(exhibit.image)
        kept.add_analysis(item, exhibit.localization, replace(exhibit.record, audit=None))
    case = open_case()
    with qtbot.waitSignal(case.opened, timeout=10_000):
        case.open(path)
    return case


def test_the_report_of_a_case_begins_with_its_facts_and_is_logged(
    filled: CaseDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = CaseReportDialog(filled, [], Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(dialog)
    assert dialog.form.entries["case_number"].text() == "7/2026"
    assert dialog.form.entries["examiner"].text() == "E. Xaminer"
    assert not dialog.selected.isEnabled()
    dialog.save(tmp_path / "out" / "case.html")
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert dialog.status.text() == f"Written: {tmp_path / 'out' / 'case.html'}"
    dialog.reject()
    assert filled.shutdown()
    assert filled.state.path
    with CaseFile.open(filled.state.path) as kept:
        last = kept.audit()[-1]
    assert (last.action, (last.details or {})["file"]) == ("report written", "case.html")


def test_the_progress_of_a_report_counts_the_pictures_that_were_chosen_for_it(
    filled: CaseDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = CaseReportDialog(filled, [], Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(dialog)
    dialog.save(tmp_path / "out" / "case.html")
    dialog.selected.setChecked(True)  # of which there are none
    dialog.progressed.emit(0)
    assert dialog.status.text() == "Reading picture 1 of 1…"
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)


def test_a_report_of_many_is_never_written_beside_other_evidence(
    filled: CaseDesk, tmp_path: Path, qtbot: QtBot, other: Path
) -> None:
    dialog = CaseReportDialog(filled, [], Settings(tmp_path / "settings.ini"), evidence=[other])
    qtbot.addWidget(dialog)
    dialog.save(other.with_name("report.html"))
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert "holds evidence" in dialog.status.text()
    assert list(other.parent.iterdir()) == [other]


def test_of_many_pictures_those_that_were_judged_are_described_closely(
    filled: CaseDesk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = CaseReportDialog(filled, [], Settings(tmp_path / "settings.ini"))
    monkeypatch.setattr("irlnet_core.report.compose.MOST_CLOSELY", 0)
    many = CaseReportDialog(filled, [], Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(few)
    qtbot.addWidget(many)
    assert few.all.isChecked()
    assert many.marked.isChecked()


def request_of(case: CaseDesk) -> CaseReportRequest:
    assert case.state.path
    wanted = tuple(case.overview.items)
    return CaseReportRequest(
        wanted, case.state.path, case.ask, Letterhead(), Choices(), Scope(), lambda _: None, threading.Event()
    )


def test_a_report_that_is_stopped_writes_nothing(filled: CaseDesk, tmp_path: Path) -> None:
    request = request_of(filled)
    request.stopped.set()
    with pytest.raises(Interrupted):
        finish(write_case_report(request, tmp_path / "out" / "case.pdf"))
    assert not (tmp_path / "out" / "case.pdf").exists()


def test_a_report_is_never_written_among_the_evidence_of_the_case(filled: CaseDesk) -> None:
    (item,) = filled.overview.items.values()
    with pytest.raises(OutputError, match="holds evidence"):
        finish(write_case_report(request_of(filled), item.places[0].parent / "case.pdf"))
