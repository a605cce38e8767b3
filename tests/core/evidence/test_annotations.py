"""The analyst's outlines survive the disk, stay inside the picture, and refuse what is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import (
    Annotations,
    Kind,
    Outline,
    clean_label,
    make_outline,
    read_annotations,
    write_annotations,
)

SIZE = (640, 480)
coordinates = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
texts = st.text(st.characters(), max_size=300)  # lone surrogates and control characters too


@st.composite
def outlines(draw: st.DrawFn) -> Outline:
    kind: Kind = draw(st.sampled_from(["polygon", "rectangle", "freehand"]))
    least, most = (2, 2) if kind == "rectangle" else (3, 12)
    points = draw(st.lists(coordinates, min_size=least, max_size=most))
    return make_outline(
        kind,
        points,
        SIZE,
        label=draw(texts),
        note=draw(texts),
        colour=draw(st.integers(0, 99)),
        author=draw(texts),
    )


@given(st.lists(outlines(), max_size=4), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_was_drawn_and_written_comes_back_from_the_disk_unchanged(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Outline], notes: str
) -> None:
    path = tmp_path_factory.mktemp("notes") / "a.json"
    annotations = Annotations("ab" * 32, *SIZE, tuple(drawn), notes)
    write_annotations(path, annotations)
    assert read_annotations(path) == annotations


@given(outlines())
def test_every_point_of_a_new_outline_lies_in_the_picture(outline: Outline) -> None:
    x, y, width, height = outline.box
    assert 0 <= x <= x + width <= SIZE[0]
    assert 0 <= y <= y + height <= SIZE[1]
    assert 0 <= outline.area <= SIZE[0] * SIZE[1]


def test_a_rectangle_has_the_area_of_its_box_whichever_corners_were_drawn() -> None:
    outline = make_outline("rectangle", [(50, 40), (10, 20)], SIZE)
    assert list(outline.box) == [10, 20, 40, 20]
    assert outline.area == 800
    assert outline.corners == ((10, 20), (50, 20), (50, 40), (10, 40))


def test_an_outline_is_timed_in_utc_and_has_a_name_of_its_own() -> None:
    one = make_outline("rectangle", [(0, 0), (1, 1)], SIZE)
    other = make_outline("rectangle", [(0, 0), (1, 1)], SIZE)
    assert one.id != other.id
    assert one.created.endswith("Z")


@given(texts)
def test_a_label_is_one_printable_line(text: str) -> None:
    label = clean_label(text)
    assert label == label.strip()
    assert label.isprintable()
    assert len(label) <= 200
    label.encode("utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": ((0.0, 0.0), (1.0, float("nan")))}, "not a number"),
        ({"points": ((0.0, 0.0),)}, "1 points"),
        ({"kind": "circle"}, "circle"),
        ({"colour": 8}, "colour 8"),
        ({"label": 7}, "text"),
    ],
)
def test_what_is_no_outline_is_refused(change: dict[str, object], words: str) -> None:
    outline = make_outline("rectangle", [(0, 0), (4, 4)], SIZE)
    with pytest.raises(DataError, match=words):
        replace(outline, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 3}', '{"format": {"id": "x", "version": 1}}']
)
def test_a_damaged_file_is_named_and_not_taken_for_an_empty_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"a\.json"):
        read_annotations(path)


def test_a_file_with_a_damaged_outline_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    outline = make_outline("rectangle", [(0, 0), (4, 4)], SIZE)
    write_annotations(path, Annotations("ab" * 32, *SIZE, (outline,)))
    data = json.loads(path.read_text())
    data["outlines"][0]["points"] = [[1, 2, 3]]
    path.write_text(json.dumps(data))
    with pytest.raises(DataError, match=r"a\.json"):
        read_annotations(path)
