"""The result column through its real doors: a session, the mouse, the keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QPlainTextEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.result_panel import LEAST_WIDTH, ResultPanel
from irlgui.views.viewer import Viewer
from irlnet_core.evidence.annotation_export import Findings
from irlnet_core.evidence.regions import Region, find_regions
from tests.gui.views.analysed import OUTSIDE, make_analysis, make_map, save_image, untouched

LEFT = Qt.MouseButton.LeftButton


def told(regions: str, area: str) -> str:
    """Return the headline as it is shown: it may break at the dot only."""
    return f"{regions} · {area}".replace(" ", "\u00a0").replace("·\u00a0", "· ")


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> Iterator[ResultPanel]:
    panel = ResultPanel(session, author="tester")
    session.picture_changed.connect(lambda image: panel.layer.set_annotations(untouched(image)))
    qtbot.addWidget(panel)
    panel.resize(320, 1400)
    panel.show()
    yield panel
    assert panel.shutdown()


@pytest.fixture
def analysed(session: Session, panel: ResultPanel, tmp_path: Path) -> ResultPanel:
    session.set_picture(save_image(tmp_path))
    session.set_threshold(0.62, "model card")
    assert session.picture
    session.set_analysis(make_analysis(session.picture))
    return panel


def test_an_empty_column_tells_what_to_do(panel: ResultPanel, session: Session, tmp_path: Path) -> None:
    assert "Ctrl+O" in panel.head.sentence.text()
    assert not panel.threshold.slider.isEnabled()
    session.set_picture(save_image(tmp_path))
    assert panel.head.above.text() == "Not analysed"
    assert "F5" in panel.head.sentence.text()


def test_a_failure_is_never_shown_as_nothing_found(
    panel: ResultPanel, session: Session, tmp_path: Path
) -> None:
    session.set_picture(save_image(tmp_path))
    panel.show_busy()
    assert panel.head.above.text() == "Analysing…"
    panel.show_error("The model is damaged.")
    assert panel.head.above.text() == "No result"
    assert panel.head.numbers.text() == "—"
    assert panel.head.sentence.text() == "The model is damaged."


def test_an_analysis_is_told_in_words_and_in_the_table(analysed: ResultPanel) -> None:
    assert analysed.head.above.text() == "Above threshold 0.62"
    assert analysed.head.numbers.text() == told("2 regions", "6.7 % of area")
    assert "tool result, not a finding" in analysed.head.sentence.text()
    assert analysed.regions.sorted.rowCount() == 2
    assert analysed.threshold.reset.text() == "Default 0.62"


def test_the_area_follows_the_threshold_at_once_and_the_regions_when_they_are_counted(
    analysed: ResultPanel, session: Session
) -> None:
    analysed.threshold.slider.setValue(8000)
    assert (session.threshold, session.threshold_source) == (0.8, "analyst")
    assert analysed.head.numbers.text() == told("…", "5.0 % of area")
    assert session.analysis
    session.set_regions(find_regions(session.analysis.localization, 0.8))
    assert analysed.head.numbers.text() == told("1 region", "5.0 % of area")
    assert analysed.regions.sorted.rowCount() == 1


def test_keys_move_the_threshold_finely_and_coarsely_and_reset_it(
    analysed: ResultPanel, session: Session
) -> None:
    QTest.keyClick(analysed.threshold.slider, Qt.Key.Key_Right)
    assert session.threshold == pytest.approx(0.621)
    QTest.keyClick(analysed.threshold.slider, Qt.Key.Key_PageUp)
    assert session.threshold == pytest.approx(0.631)
    QTest.keyClick(analysed.threshold.reset, Qt.Key.Key_Space)
    assert session.threshold == 0.62
    assert session.threshold_source.startswith("model card")


def test_a_typed_threshold_counts_when_it_is_finished(analysed: ResultPanel, session: Session) -> None:
    number = analysed.threshold.number
    number.selectAll()
    QTest.keyClicks(number, "0.3")
    assert session.threshold == 0.62
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert session.threshold == 0.3
    assert analysed.threshold.slider.value() == 3000


def test_a_drag_on_the_histogram_snaps_to_a_measured_mark(analysed: ResultPanel, session: Session) -> None:
    histogram = analysed.threshold.histogram
    at_mark = 8 + 0.41 * (histogram.width() - 16)
    QTest.mouseClick(histogram, LEFT, pos=QPoint(round(at_mark) + 2, 50))
    assert session.threshold == 0.41
    QTest.mouseClick(histogram, LEFT, pos=QPoint(0, 50))
    assert session.threshold == 0


def test_a_region_chosen_in_the_table_is_chosen_in_the_session_and_the_other_way_round(
    analysed: ResultPanel, session: Session
) -> None:
    analysed.regions.table.selectRow(1)
    assert session.chosen_region == 2
    session.choose_region(1)
    rows = analysed.regions.table.selectionModel().selectedRows()
    assert [index.data() for index in rows] == ["1"]
    session.choose_region(None)
    assert not analysed.regions.table.selectionModel().selectedRows()


def test_the_table_sorts_by_number_and_not_by_letters(analysed: ResultPanel) -> None:
    table = analysed.regions.table
    table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [analysed.regions.sorted.index(row, 0).data() for row in (0, 1)] == ["2", "1"]


def test_return_on_a_row_asks_for_its_region(analysed: ResultPanel, qtbot: QtBot) -> None:
    analysed.regions.table.selectRow(0)
    with qtbot.waitSignal(analysed.zoom_to_region) as asked:
        analysed.regions.table.activated.emit(analysed.regions.sorted.index(0, 0))
    region = asked.args[0]
    assert isinstance(region, Region)
    assert (region.x, region.y) == (20, 10)


def test_copied_rows_are_text_with_tabs(analysed: ResultPanel) -> None:
    analysed.regions.copy_action.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("#\tArea")
    assert len(lines) == 3


def test_a_picture_out_of_range_is_said_in_the_caution_colour(
    panel: ResultPanel, session: Session, tmp_path: Path
) -> None:
    session.set_picture(save_image(tmp_path))
    assert session.picture
    session.set_analysis(make_analysis(session.picture, validity=[OUTSIDE]))
    calm = panel.head.rank.styleSheet()
    assert "quality is 61" in panel.head.range.text()
    assert panel.head.range.styleSheet() != calm


def test_a_map_without_any_region_says_so(panel: ResultPanel, session: Session, tmp_path: Path) -> None:
    session.set_picture(save_image(tmp_path))
    assert session.picture
    session.set_threshold(0.62)
    session.set_analysis(make_analysis(session.picture, make_map()))
    assert panel.head.numbers.text() == told("No region", "0 % of area")
    assert panel.regions.empty.isVisible()
    assert not panel.regions.copy_button.isEnabled()


def test_an_analysis_that_goes_away_leaves_no_number_behind(analysed: ResultPanel, session: Session) -> None:
    session.set_analysis(None)
    assert analysed.head.numbers.text() == "—"
    assert analysed.regions.sorted.rowCount() == 0
    assert not analysed.threshold.number.isEnabled()
    session.set_picture(None)
    assert analysed.head.above.text() == "No picture"


def test_a_narrow_table_never_scrolls_sideways_and_tells_the_rest_of_the_chosen_region_below(
    analysed: ResultPanel, qtbot: QtBot
) -> None:
    section = analysed.regions
    for width in (LEAST_WIDTH, 900):
        analysed.resize(width, 900)
        qtbot.waitUntil(lambda: section.width() > 0)
        section.table.selectRow(0)
        qtbot.waitUntil(lambda: section.table.horizontalScrollBar().maximum() == 0)
        narrow = width < 900
        assert section.table.isColumnHidden(6) == narrow
        assert section.detail.isVisible() == narrow
        if narrow:
            assert "Box" in section.detail.text()
            assert "Centroid" in section.detail.text()


def test_regions_and_outlines_are_written_where_no_evidence_lies(
    analysed: ResultPanel, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    analysed.layer.add("rectangle", [(1, 1), (9, 9)], label="mine")
    image, notes, analysis = session.picture, analysed.layer.annotations, session.analysis
    assert image
    assert notes
    assert analysis
    found = Findings(image.path.name, notes, analysis.localization, session.regions)
    with qtbot.waitSignal(analysed.writer.told) as done:
        analysed.writer.write("coco", found, tmp_path / "out" / "a.json", [image.path])
    assert done.args[0].startswith("Written")
    assert analysed.message.text() == done.args[0]
    sources = [
        entry["source"] for entry in json.loads((tmp_path / "out" / "a.json").read_text())["annotations"]
    ]
    assert sources == ["tool", "tool", "analyst"]
    with qtbot.waitSignal(analysed.writer.failed) as done:
        analysed.writer.write("csv", found, image.path.parent / "a.csv", [image.path])
    assert "holds evidence" in done.args[0]
    assert [path.name for path in image.path.parent.iterdir()] == ["picture.png"]


def test_sections_fold_by_key_and_stay_folded(analysed: ResultPanel) -> None:
    section = analysed.sections["threshold"]
    QTest.keyClick(section.heading, Qt.Key.Key_Space)
    assert not section.opened
    assert not analysed.threshold.isVisible()


def test_facts_are_shown_and_hashes_are_copied_whole(analysed: ResultPanel, session: Session) -> None:
    analysed.sections["facts"].set_opened(True)
    buttons = [button for button in analysed.facts.findChildren(QAbstractButton) if button.property("value")]
    hashes = [button for button in buttons if button.accessibleName() == "Copy: File"]
    assert session.picture
    hashes[0].click()
    assert QGuiApplication.clipboard().text() == session.picture.sha256
    analysed.facts.copy()
    text = QGuiApplication.clipboard().text()
    assert session.picture.pixels_sha256 in text
    assert "JPEG tables: Not run, because the file's type is PNG" in text
    assert "Metadata (EXIF): Not found" in text


def test_a_name_that_turns_its_letters_around_is_shown_with_an_escape(
    panel: ResultPanel, session: Session, tmp_path: Path
) -> None:
    session.set_picture(save_image(tmp_path, "<b>\u202egnp.exe\n.png"))
    panel.sections["facts"].set_opened(True)
    panel.facts.copy()
    assert "Name: <b>\\u202egnp.exe\\u000a.png" in QGuiApplication.clipboard().text()


def test_a_shape_drawn_in_the_viewer_becomes_an_outline_and_is_shown_there(
    analysed: ResultPanel, session: Session, qtbot: QtBot
) -> None:
    viewer = Viewer(session)
    qtbot.addWidget(viewer)
    viewer.resize(400, 300)
    analysed.connect_viewer(viewer)
    viewer.show()
    analysed.notes.draw_buttons["polygon"].click()
    analysed.notes.draw_buttons["rectangle"].click()
    assert not analysed.notes.draw_buttons["polygon"].isChecked()
    pane = viewer.panes[0]
    QTest.mousePress(pane.viewport(), LEFT, pos=QPoint(120, 100))
    QTest.mouseMove(pane.viewport(), QPoint(200, 160))
    QTest.mouseRelease(pane.viewport(), LEFT, pos=QPoint(200, 160))
    (outline,) = analysed.layer.outlines
    assert outline.kind == "rectangle"
    assert outline.author == "tester"
    assert analysed.layer.chosen == outline.id
    assert analysed.notes.table.isVisible()
    assert not analysed.notes.draw_buttons["rectangle"].isChecked()
    with qtbot.waitActive(viewer):
        viewer.activateWindow()
    viewer.setFocus()
    QTest.keyClick(pane, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not analysed.layer.outlines
    viewer.shutdown()


def test_every_control_has_a_name_and_can_be_reached_by_keyboard(analysed: ResultPanel) -> None:
    analysed.layer.add("rectangle", [(1, 1), (9, 9)])
    analysed.sections["facts"].set_opened(True)
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QPlainTextEdit, QTableView)
    controls: list[QWidget] = [
        child
        for kind in kinds
        for child in analysed.findChildren(kind)
        if child.isVisible()
        and not child.objectName().startswith("qt_")
        and "ScrollBar" not in type(child).__name__
        and "Corner" not in child.metaObject().className()
    ]
    assert len(controls) > 15
    for control in controls:
        named = control.accessibleName() or getattr(control, "text", str)()
        assert named, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


def test_nothing_is_cut_off_in_a_narrow_column(analysed: ResultPanel) -> None:
    analysed.layer.add("rectangle", [(1, 1), (9, 9)], label="a long name " * 12)
    analysed.sections["facts"].set_opened(True)
    analysed.resize(analysed.minimumWidth(), 700)
    inside = analysed.scroll_area.widget()
    assert inside
    assert (
        inside.minimumSizeHint().width()
        <= analysed.minimumWidth() - analysed.scroll_area.verticalScrollBar().width()
    )


def test_a_change_of_palette_repaints_without_an_endless_round(analysed: ResultPanel, qtbot: QtBot) -> None:
    for widget in (analysed, *analysed.findChildren(QWidget)):
        QGuiApplication.sendEvent(widget, QEvent(QEvent.Type.PaletteChange))
    assert not analysed.grab().isNull()
