"""The analyst's layer: every step can be undone, nothing is lost, nothing is mixed with the tool's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from irlgui.models.outlines import OutlineLayer
from irlgui.models.outlines_keeper import OutlinesKeeper
from irlgui.models.outlines_list import OutlinesList
from irlgui.models.regions_table import SORT_ROLE, RegionsTable, to_text
from irlgui.session import Session
from irlgui.views.picture.sketch import Shape
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.regions import find_regions
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
def session() -> Session:
    return Session()


def keeper_of(session: Session, folder: Path) -> tuple[OutlineLayer, OutlinesKeeper]:
    layer = OutlineLayer()
    return layer, OutlinesKeeper(session, layer, folder, layer)


def test_outlines_and_notes_are_there_again_when_the_picture_is_opened_again(
    qapp: object, session: Session, tmp_path: Path
) -> None:
    first, second = save_image(tmp_path, "a.png"), save_image(tmp_path, "b.png", seed=1)
    layer, _ = keeper_of(session, tmp_path / "notes")
    session.set_picture(first)
    layer.add("rectangle", SQUARE, label="mine")
    layer.set_notes("look here")
    session.set_picture(second)
    assert not layer.outlines
    assert layer.annotations
    assert layer.annotations.notes == ""
    session.set_picture(first)
    assert [outline.label for outline in layer.outlines] == ["mine"]
    assert layer.annotations.notes == "look here"
    assert [path.stem for path in (tmp_path / "notes").iterdir()] == [first.sha256]


def test_a_change_is_written_soon_without_being_asked(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    image = save_image(tmp_path)
    layer, _ = keeper_of(session, tmp_path / "notes")
    session.set_picture(image)
    layer.set_notes("soon")
    path = tmp_path / "notes" / f"{image.sha256}.json"
    qtbot.waitUntil(path.exists)
    assert json.loads(path.read_text())["notes"] == "soon"


def test_deleting_the_last_outline_is_kept_too(qapp: object, session: Session, tmp_path: Path) -> None:
    session.set_picture(save_image(tmp_path))
    layer, keeper = keeper_of(session, tmp_path / "notes")
    outline = layer.add("rectangle", SQUARE)
    assert outline
    keeper.flush()
    layer.delete(outline.id)
    keeper.flush()
    again, _ = keeper_of(session, tmp_path / "notes")
    assert not again.outlines


def test_a_picture_without_notes_leaves_no_file(qapp: object, session: Session, tmp_path: Path) -> None:
    _, keeper = keeper_of(session, tmp_path / "notes")
    session.set_picture(save_image(tmp_path))
    keeper.flush()
    session.set_picture(None)
    assert not (tmp_path / "notes").exists()


def test_a_damaged_file_is_put_aside_and_told(qapp: object, session: Session, tmp_path: Path) -> None:
    image = save_image(tmp_path)
    path = tmp_path / "notes" / f"{image.sha256}.json"
    path.parent.mkdir()
    path.write_text("{ damaged")
    layer, keeper = keeper_of(session, tmp_path / "notes")
    told: list[str] = []
    keeper.failed.connect(told.append)
    session.set_picture(image)
    assert "can't be read" in told[0]
    layer.set_notes("new")
    keeper.flush()
    texts = {file.read_text()[:9] for file in path.parent.iterdir()}
    assert len(texts) == 2
    assert "{ damaged" in texts


def test_notes_are_never_written_beside_the_evidence(qapp: object, session: Session, tmp_path: Path) -> None:
    image = save_image(tmp_path)
    layer, keeper = keeper_of(session, image.path.parent / "notes")
    told: list[str] = []
    keeper.failed.connect(told.append)
    session.set_picture(image)
    layer.set_notes("x")
    keeper.flush()
    assert "evidence" in told[0]
    assert [path.name for path in image.path.parent.iterdir()] == ["picture.png"]
