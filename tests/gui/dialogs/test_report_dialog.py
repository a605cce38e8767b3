from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from irlgui.dialogs.report_dialog import ReportDialog
from irlgui.settings import Settings
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.annotations import make_outline
from irlnet_core.evidence.area import Area
from tests.core.report.conftest import ExhibitOf, exhibit_of
from tests.core.report.pages import parse_html, words_of

__all__ = ["exhibit_of"]


@pytest.fixture
def exhibit(exhibit_of: ExhibitOf) -> Exhibit:
    exhibit = exhibit_of()
    outline = make_outline("rectangle", [(10.5, 20), (30, 40.2)], (240, 180), label="face")
    return replace(exhibit, annotations=replace(exhibit.annotations, outlines=(outline,)))


@pytest.fixture
def dialog(qtbot: QtBot, exhibit: Exhibit, tmp_path: Path) -> Iterator[ReportDialog]:
    dialog = ReportDialog(exhibit, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    yield dialog
    dialog.reject()


def _pages(dialog: ReportDialog) -> list[QLabel]:
    items = [dialog.pages.itemAt(place) for place in range(dialog.pages.count())]
    return [label for item in items if item and isinstance(label := item.widget(), QLabel)]


def test_the_preview_shows_every_page_and_follows_the_choices(dialog: ReportDialog, qtbot: QtBot) -> None:
    before = len(_pages(dialog))
    assert before >= 3
    assert all(not page.pixmap().isNull() for page in _pages(dialog))
    assert dialog.status.text() == f"{before} pages"

    for name in ("crops", "method", "metadata", "file", "verification", "integrity"):
        dialog.form.sections[name].setChecked(False)
    assert dialog.busy
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert len(_pages(dialog)) < before


def test_what_is_saved_holds_what_was_chosen(
    dialog: ReportDialog, exhibit: Exhibit, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.form.entries["examiner"].setText("E. <b>X</b>")
    dialog.form.request.setPlainText("Was it filled in?")
    dialog.form.paths.setChecked(False)
    dialog.form.black[0].setChecked(True)
    sha256 = exhibit.record.evidence["sha256"]
    assert dialog.form.choices(sha256).blackened == {sha256: (Area(10, 20, 20, 21),)}

    target = tmp_path / "out" / "mine.html"
    dialog.save(target)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    text = words_of(parse_html(target.read_bytes()))
    assert dialog.status.text() in (f"Written: {target}", f"{len(_pages(dialog))} pages")
    for part in ("E. <b>X</b>", "Was it filled in?", "1 area was blackened for this report."):
        assert part in text
    assert exhibit.record.evidence["path"] not in text


def test_a_report_that_is_being_saved_is_there_when_the_dialog_is_closed(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "mine.html"
    with qtbot.waitSignal(dialog.written):
        dialog.save(target)
        dialog.reject()
    assert target.is_file()


def test_a_report_is_never_written_beside_the_evidence(
    dialog: ReportDialog, exhibit: Exhibit, qtbot: QtBot
) -> None:
    target = Path(exhibit.record.evidence["path"]).parent / "report.pdf"
    dialog.save(target)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert "holds evidence" in dialog.status.text()
    assert not target.exists()


def test_a_report_is_never_written_beside_other_evidence(
    exhibit: Exhibit, qtbot: QtBot, tmp_path: Path, other: Path
) -> None:
    dialog = ReportDialog(exhibit, Settings(tmp_path / "settings.ini"), evidence=[other])
    qtbot.addWidget(dialog)
    dialog.save(other.with_name("report.pdf"))
    qtbot.waitUntil(lambda: "holds evidence" in dialog.status.text(), timeout=60_000)
    dialog.reject()
    assert "--output" not in dialog.status.text()
    assert list(other.parent.iterdir()) == [other]


def test_the_laboratorys_entries_are_kept_and_the_request_is_not(
    dialog: ReportDialog, exhibit: Exhibit, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.form.entries["laboratory"].setText("Lab, with a comma")
    dialog.form.request.setPlainText("only this once")
    dialog.form.sections["signatures"].setChecked(False)
    dialog.reject()

    again = ReportDialog(exhibit, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    assert again.form.entries["laboratory"].text() == "Lab, with a comma"
    assert again.form.request.toPlainText() == ""
    assert not again.form.sections["signatures"].isChecked()
    again.reject()


def test_a_logo_that_is_none_is_told_in_words(dialog: ReportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_text("no picture")
    dialog.form.logo.setText(str(tmp_path / "logo.png"))
    qtbot.waitUntil(lambda: "no PNG or JPEG" in dialog.status.text(), timeout=10_000)
