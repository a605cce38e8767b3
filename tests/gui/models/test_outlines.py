"""The analyst's layer: every step can be undone, nothing is lost, nothing is mixed with the tool's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from irlgui.case_desk import CaseDesk
from irlgui.models.outlines import OutlineLayer
from irlgui.models.outlines_keeper import OutlinesKeeper
from irlgui.models.outlines_list import OutlinesList
from irlgui.models.regions_table import SORT_ROLE, RegionsTable, to_text
from irlgui.session import Session
from irlgui.views.picture.sketch import Shape
from irlnet_core.case.audit import user_name
from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.regions import find_regions
from tests.gui.conftest import OpenCaseAt
from tests.gui.views.analysed import make_map, save_image

SQUARE = [(10.0, 10.0), (30.0, 30.0)]


@pytest.fixture
def layer(qapp: object) -> OutlineLayer:
    layer = OutlineLayer(author="tester")
    layer.set_annotations(Annotations("ab" * 32, 200, 100))
    return layer


def test_without_a_picture_nothing_is_drawn(qapp: object) -> None:
    layer = OutlineLayer()
    assert layer.add("rectangle", SQUARE) is None
    assert layer.undo_stack.count() == 0


def test_a_click_without_a_shape_is_dropped(layer: OutlineLayer) -> None:
    layer.add_shape(Shape("polygon", ((1, 1),)))
    layer.add_shape(object())
    assert not layer.outlines


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "delete", "rename", "note", "move"]), st.integers(0, 9)),
        max_size=12,
    )
)
def test_undoing_every_step_and_doing_it_again_gives_the_same(
    qapp: object, steps: list[tuple[str, int]]
) -> None:
    layer = OutlineLayer()
    layer.set_annotations(Annotations("ab" * 32, 200, 100))
    for step, number in steps:
        chosen = layer.outlines[number % len(layer.outlines)].id if layer.outlines else ""
        if step == "add":
            layer.add("rectangle", [(number, number), (number + 20, number + 9)])
        elif step == "delete":
            layer.delete(chosen)
        elif step == "rename":
            layer.rename(chosen, f"name {number}")
        elif step == "note":
            layer.edit_note(chosen, f"note {number}")
        else:
            layer.move(chosen, number * 40 - 100, number * 30 - 90)
    after = layer.outlines
    while layer.undo_stack.canUndo():
        layer.undo_stack.undo()
    assert not layer.outlines
    while layer.undo_stack.canRedo():
        layer.undo_stack.redo()
    assert layer.outlines == after


def test_an_outline_is_moved_as_far_as_the_edge_and_keeps_its_shape(layer: OutlineLayer) -> None:
    outline = layer.add("rectangle", SQUARE)
    assert outline
    layer.move(outline.id, 1000, -4)
    assert list(layer.outlines[0].box) == [180, 6, 20, 20]
    layer.move(outline.id, 5, -2)
    layer.undo_stack.undo()
    assert layer.outlines[0].points == outline.points  # moves in a row are one step


def test_typing_a_note_is_one_step(layer: OutlineLayer) -> None:
    outline = layer.add("rectangle", SQUARE)
    assert outline
    for text in ("t", "to", "too"):
        layer.edit_note(outline.id, text)
    assert layer.undo_stack.count() == 2
    layer.undo_stack.undo()
    assert layer.outlines[0].note == ""


def test_another_picture_has_its_own_steps(layer: OutlineLayer) -> None:
    layer.add("rectangle", SQUARE)
    layer.set_annotations(Annotations("cd" * 32, 10, 10))
    assert not layer.outlines
    assert not layer.undo_stack.canUndo()
    assert layer.chosen is None


def test_the_list_follows_the_layer_and_renames_through_its_steps(layer: OutlineLayer) -> None:
    model = OutlinesList(layer)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    outline = layer.add("rectangle", SQUARE)
    layer.add("polygon", [(0, 0), (9, 0), (9, 9)])
    assert outline
    assert [model.index(0, column).data() for column in range(3)] == ["Outline 1", "rectangle", "400"]
    assert model.setData(model.index(0, 0), " shadow \n", Qt.ItemDataRole.EditRole)
    assert model.index(0, 0).data() == "shadow"
    assert not model.setData(model.index(0, 1), "x", Qt.ItemDataRole.EditRole)
    layer.undo_stack.undo()
    assert model.index(0, 0).data() == "Outline 1"
    layer.delete(outline.id)
    assert model.rowCount() == 1


def test_the_regions_table_passes_qts_own_tester_while_it_changes(qapp: object) -> None:
    model = RegionsTable()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    found = find_regions(make_map((0, 0, 40, 30, 0.9), (100, 0, 20, 20, 0.8)), 0.5)
    model.set_regions(found)
    assert model.rowCount() == 2
    assert model.row_of(2) == 1
    assert model.row_of(9) is None
    assert model.index(0, 1).data(SORT_ROLE) == 1200
    assert model.headerData(0, Qt.Orientation.Horizontal) == "#"
    assert len(to_text(list(found.listed)).splitlines()) == 3
    model.set_regions(None)
    assert model.rowCount() == 0


@pytest.fixture
def session(qapp: object) -> Session:
    return Session()


def keeper_of(session: Session, case: CaseDesk) -> tuple[OutlineLayer, OutlinesKeeper]:
    layer = OutlineLayer()
    return layer, OutlinesKeeper(session, layer, case, layer)


def open_picture(session: Session, case: CaseDesk, image: SuspectImage) -> None:
    session.set_picture(image)
    case.take_picture(image)


def test_outlines_and_notes_are_there_again_when_the_picture_is_opened_again(
    open_case: OpenCaseAt, session: Session, tmp_path: Path
) -> None:
    first, second = save_image(tmp_path, "a.png"), save_image(tmp_path, "b.png", seed=1)
    case = open_case()
    layer, _ = keeper_of(session, case)
    open_picture(session, case, first)
    layer.add("rectangle", SQUARE, label="mine")
    layer.set_notes("look here")
    open_picture(session, case, second)
    assert not layer.outlines
    assert layer.annotations
    assert layer.annotations.notes == ""
    session.set_picture(first)
    assert [outline.label for outline in layer.outlines] == ["mine"]
    assert layer.annotations.notes == "look here"
    assert case.shutdown()

    again, _ = keeper_of(session, open_case())
    assert [outline.label for outline in again.outlines] == ["mine"]


def test_a_change_is_written_soon_without_being_asked_and_counts_as_unsaved_until_then(
    open_case: OpenCaseAt, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    case = open_case()
    layer, _ = keeper_of(session, case)
    open_picture(session, case, save_image(tmp_path))
    qtbot.waitUntil(lambda: case.state.waiting == 0)
    layer.set_notes("soon")
    assert case.state.waiting == 1
    qtbot.waitUntil(lambda: case.state.waiting == 0)
    assert case.state.path
    assert case.shutdown()
    with CaseFile.open(case.state.path) as kept:
        assert kept.annotations(kept.items()[0]).notes == "soon"


def test_deleting_the_last_outline_is_kept_too(
    open_case: OpenCaseAt, session: Session, tmp_path: Path
) -> None:
    case = open_case()
    layer, keeper = keeper_of(session, case)
    open_picture(session, case, save_image(tmp_path))
    outline = layer.add("rectangle", SQUARE)
    assert outline
    keeper.flush()
    layer.delete(outline.id)
    keeper.flush()
    assert case.shutdown()
    again, _ = keeper_of(session, open_case())
    assert again.annotations
    assert not again.outlines


def test_a_picture_that_is_only_looked_at_leaves_no_annotation(
    open_case: OpenCaseAt, session: Session, tmp_path: Path
) -> None:
    case = open_case()
    _, keeper = keeper_of(session, case)
    open_picture(session, case, save_image(tmp_path))
    keeper.flush()
    session.set_picture(None)
    assert case.shutdown()
    assert case.state.path
    with CaseFile.open(case.state.path) as kept:
        assert [entry.action for entry in kept.audit()] == ["case made", "evidence added", "evidence seen"]


def test_as_long_as_no_case_is_open_nothing_can_be_drawn(
    qapp: object, session: Session, tmp_path: Path
) -> None:
    case = CaseDesk(tmp_path / "cases", tmp_path / "former")
    layer, _ = keeper_of(session, case)
    session.set_picture(save_image(tmp_path))
    assert layer.add("rectangle", SQUARE) is None


def test_an_outline_names_its_author(open_case: OpenCaseAt, tmp_path: Path, qtbot: QtBot) -> None:
    case, session, layer = open_case(), Session(), OutlineLayer()
    OutlinesKeeper(session, layer, case, layer)
    session.set_picture(save_image(tmp_path))
    first = layer.add("rectangle", SQUARE)
    case.set_facts(examiner="E. Xaminer")
    second = layer.add("rectangle", SQUARE)
    assert first
    assert second
    assert first.author == user_name()
    assert second.author == "E. Xaminer"
