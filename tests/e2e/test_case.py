"""The case of the window: work survives a kill, evidence is untouched, no socket is opened."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from irlgui.dialogs.case_report_dialog import CaseReportDialog
from irlgui.dialogs.models_page import ModelsPage
from irlgui.dialogs.report_dialog import ReportDialog
from irlgui.dialogs.self_test_dialog import SelfTestDialog
from irlgui.dialogs.verify_dialog import VerifyDialog
from irlgui.main_window import MainWindow
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.result_store import ResultStore
from tests.core.report.pages import parse_html, words_of
from tests.e2e.play import PATIENCE, RunApp, write_picture
from tests.e2e.test_journey import analyse, show_picture

ROOT = Path(__file__).resolve().parents[2]

Dialog = TypeVar("Dialog", bound=QDialog)
_families: list[object] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _families is not None and event in ("socket.__new__", "socket.connect", "socket.getaddrinfo"):
        _families.append(arguments[1] if event == "socket.__new__" else event)


sys.addaudithook(_listen)


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Gather the family of every socket that is made, and every connection and look-up."""
    found: list[object] = []
    monkeypatch.setattr(sys.modules[__name__], "_families", found)
    return found


def look(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return everything about a folder that working with it could change."""
    return {
        str(path): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def saved(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.status.case.text().endswith("· saved"), timeout=PATIENCE)


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, left, none))


def dialog_of(window: MainWindow, kind: type[Dialog], qtbot: QtBot) -> Dialog:
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(kind)), timeout=PATIENCE)
    return next(d for d in window.findChildren(kind) if d.isVisible())


@pytest.mark.timeout(300)
def test_a_whole_session_opens_no_socket_and_leaves_the_evidence_as_it_was(
    run_app: RunApp,
    evidence: Path,
    tmp_path: Path,
    qtbot: QtBot,
    sockets: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out / "a"), ""))
    before = look(evidence)

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)
        window.result.judgement.text.setPlainText("It may be glare.")
        window.commands["status_2"].trigger()
        window.result.layer.add("rectangle", [(5, 5), (40, 40)], label="mine")
        saved(window, qtbot)
        check_report(window)
        window.commands["record"].trigger()
        qtbot.waitUntil(lambda: "a.record.zip" in window.notice.text, timeout=PATIENCE)
        assert window.notice.text == f"Written: {out / 'a.record.zip'}"
        drop(window, out / "a.record.zip")
        check_verify(window)
        check_self_test(window)
        check_case_report(window)
        window.commands["teach"].trigger()
        qtbot.waitUntil(lambda: window.training.wizard is not None, timeout=PATIENCE)
        window.training.put_away()
        saved(window, qtbot)

    def check_report(window: MainWindow) -> None:
        exhibit = window.switchboard.reports.exhibit()
        assert exhibit
        assert exhibit.record.audit == window.desk.case.head.as_dict()  # type: ignore[union-attr]
        assert (exhibit.judgement.outcome, exhibit.judgement.opinion) == ("inconclusive", "It may be glare.")
        dialog = ReportDialog(exhibit, window.settings, window)
        dialog.written.connect(window.desk.case.log_report)
        dialog.save(out / "a.html")
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        dialog.reject()
        text = words_of(parse_html((out / "a.html").read_bytes()))
        assert "It may be glare." in text
        assert exhibit.record.audit
        assert exhibit.record.audit["head"] in text

    def check_verify(window: MainWindow) -> None:
        dialog = dialog_of(window, VerifyDialog, qtbot)
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        dialog.again.setChecked(True)
        dialog.check()
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        assert {check.name: check.state for check in dialog.checks}["run again"] == "equal"
        assert dialog.sentence.text() == "Everything that was checked is as it was recorded."
        dialog.reject()

    def check_self_test(window: MainWindow) -> None:
        window.commands["self_test"].trigger()
        dialog = dialog_of(window, SelfTestDialog, qtbot)
        dialog.run()
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        assert dialog.outcome
        assert "golden" in dialog.outcome.reason
        dialog.reject()

    def check_case_report(window: MainWindow) -> None:
        window.commands["case_report"].trigger()
        dialog = dialog_of(window, CaseReportDialog, qtbot)
        dialog.save(out / "case.pdf")
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        assert dialog.status.text() == f"Written: {out / 'case.pdf'}"
        dialog.reject()

    assert run_app(script, evidence) == 0
    assert look(evidence) == before
    assert {family for family in sockets if family != socket.AF_UNIX} == set()
    with CaseFile.open(next((tmp_path / "home").rglob("automatic.irlcase"))) as case:
        reports = [entry for entry in case.audit() if entry.action == "report written"]
        assert [(entry.details or {})["file"] for entry in reports] == ["a.html", "case.pdf"]
        assert case.verify() == []


def test_the_case_brings_back_judgement_notes_and_result_where_no_other_store_has_them(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ResultStore, "load", lambda *_: None)

    def first(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)
        window.result.judgement.text.setPlainText("mine")
        window.result.layer.set_notes("look here")

    def second(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.analysis is not None, timeout=PATIENCE)
        assert window.result.judgement.text.toPlainText() == "mine"
        annotations = window.result.layer.annotations
        assert annotations
        assert annotations.notes == "look here"
        row = window.desk.pictures.find(evidence / "a.png")
        assert row
        assert row.state == "done"

    run_app(first, evidence / "a.png")
    run_app(second, evidence / "a.png")


def test_a_dropped_case_opens_with_its_pictures_and_the_title_names_it(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "cases" / "harbour.irlcase"
    with CaseFile.create(path, number="12/2026", title="Harbour") as case:
        case.judge(case.add_item(read_image(evidence / "b.png")), status=3)

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        drop(window, path)
        show_picture(window, qtbot, "b.png")
        assert [(one.path.name, one.status) for one in window.desk.pictures.pictures] == [("b.png", 3)]
        assert window.windowTitle() == "b.png — 12/2026 Harbour"
        saved(window, qtbot)
        assert window.status.case.text() == "12/2026 Harbour · saved"

    run_app(script, evidence / "a.png")


def test_evidence_that_is_gone_is_told_and_found_again_in_the_folder_that_is_named(
    run_app: RunApp, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "before").mkdir()
    picture = write_picture(tmp_path / "before" / "p.png", 60)
    path = tmp_path / "cases" / "one.irlcase"
    with CaseFile.create(path) as case:
        case.add_item(read_image(picture))
    (tmp_path / "after").mkdir()
    shutil.move(picture, tmp_path / "after" / "q.png")

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: "1 of 1 pictures are not where they were" in window.notice.text)
        assert window.commands["find_evidence"].isEnabled()
        assert window.notice.offer_button.isVisible()
        window.desk.case_pictures.search(tmp_path / "after")
        show_picture(window, qtbot, "q.png")
        assert not window.commands["find_evidence"].isEnabled()

    run_app(script, path)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.timeout(240)
def test_a_killed_window_loses_nothing_that_it_showed_as_saved(evidence: Path, tmp_path: Path) -> None:
    told = [kill_window(evidence / "a.png", tmp_path / "home", number) for number in (1, 2, 3)]
    assert sum(told) > 0


def kill_window(picture: Path, home: Path, number: int) -> int:
    """Start the window, kill -9 it at some moment, look at its case; return how often it said "saved"."""
    environment = {
        **os.environ,
        **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG", "STATE")},
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
    }
    begin = number * 1_000_000
    command = [sys.executable, str(Path(__file__).with_name("killed_window.py")), str(picture), str(begin)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as window:
        assert window.stdout is not None
        assert window.stdout.readline() == "open\n"
        first = window.stdout.readline()
        timer = threading.Timer(random.Random(number).random() * 0.5, window.kill)
        timer.start()
        lines = [first, *window.stdout.readlines()]
        timer.join()
    told = [int(line) for line in lines if line.endswith("\n")]
    with CaseFile.open(next(home.rglob("automatic.irlcase"))) as case:
        assert case.verify() == []
        (item,) = case.items()
        # What was written but not yet shown when the program died may be there; nothing shown may be missing.
        assert int(case.judgement(item).opinion) >= told[-1]
    return len(told)


def test_the_printed_head_of_a_report_is_found_in_the_case_later(
    run_app: RunApp, evidence: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    heads: list[ChainHead] = []

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        analyse(window, qtbot)
        saved(window, qtbot)
        exhibit = window.switchboard.reports.exhibit()
        assert exhibit
        assert exhibit.record.audit
        heads.append(ChainHead(**exhibit.record.audit))
        window.commands["status_1"].trigger()
        saved(window, qtbot)
        window.commands["verify_case"].trigger()
        dialog = dialog_of(window, VerifyDialog, qtbot)
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        dialog.printed.setText(heads[0].text)
        dialog.check()
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        assert [check.state for check in dialog.checks] == ["equal", "equal"]
        dialog.printed.setText(ChainHead(999, heads[0].head).text)
        dialog.check()
        qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
        assert "its end was cut" in dialog.checks[0].sentences[0]
        dialog.reject()

    run_app(script, evidence / "a.png")


def test_a_window_whose_work_is_not_saved_asks_before_it_goes(
    run_app: RunApp, evidence: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked = ["Stay", "Close and lose them"], []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        wanted = answers.pop(0)
        button = next(one for one in box.buttons() if one.text() == wanted)
        monkeypatch.setattr(QMessageBox, "clickedButton", lambda _: button)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)

    def script(window: MainWindow) -> None:
        show_picture(window, qtbot, "a.png")
        saved(window, qtbot)
        full = window.desk.case.ask(lambda case: case._rows.connection.execute("PRAGMA max_page_count = 1"))
        assert full
        full.result(10)
        window.result.judgement.text.setPlainText("x" * 19_000)
        qtbot.waitUntil(lambda: window.status.case.text().endswith("1 not saved"), timeout=PATIENCE)
        assert "kept in memory" in window.notice.text
        window.close()
        assert window.isVisible()
        window.close()
        assert not window.isVisible()
        assert len(asked) == 2

    run_app(script, evidence / "a.png")


def test_a_model_that_is_dropped_opens_the_page_of_models(
    run_app: RunApp, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "x.irlmodel").write_text("no model")

    def script(window: MainWindow) -> None:
        drop(window, tmp_path / "x.irlmodel")
        page = dialog_of(window, ModelsPage, qtbot)
        qtbot.waitUntil(lambda: "x.irlmodel" in page.notice.text, timeout=PATIENCE)
        page.reject()

    run_app(script)
