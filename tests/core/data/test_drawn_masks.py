"""Shapes of labelme and COCO become masks to the pixel; this program's own findings are never learned."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from irlnet_core.data.drawn_masks import decode_runs, fill_polygon, read_coco, read_labelme
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotation_export import run_lengths
from tests.core.data.trees import BOX, HEIGHT, WIDTH, Tree

SIZE = (HEIGHT, WIDTH)
TRUTH = np.zeros(SIZE, bool)
TRUTH[BOX] = True
CORNERS = [[20, 10], [50, 10], [50, 30], [20, 30]]


def bitmap() -> str:
    data = io.BytesIO()
    Image.fromarray(TRUTH[BOX]).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


SHAPES: dict[str, dict[str, Any]] = {
    "polygon": {"shape_type": "polygon", "points": CORNERS},
    "no type": {"points": CORNERS},
    "rectangle": {"shape_type": "rectangle", "points": [[50, 30], [20, 10]]},
    "mask": {"shape_type": "mask", "points": [[20, 10], [49, 29]], "mask": bitmap()},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_shape_of_labelme_marks_its_pixels(tmp_path: Path, shape: dict[str, Any]) -> None:
    path = Tree(tmp_path).write("a.json", {"imageHeight": HEIGHT, "imageWidth": WIDTH, "shapes": [shape]})

    assert np.array_equal(read_labelme(path, (1, 1)), TRUTH)


def test_a_circle_is_round_and_lines_have_no_area(tmp_path: Path) -> None:
    circle = {"shape_type": "circle", "points": [[40, 32], [40, 52]]}
    line = {"shape_type": "linestrip", "points": [[0, 0], [80, 0], [80, 64]]}
    path = Tree(tmp_path).write("a.json", {"shapes": [circle, line]})

    assert read_labelme(path, SIZE).sum() == pytest.approx(np.pi * 20**2, rel=0.01)


def test_what_the_tool_found_is_not_learned(tmp_path: Path) -> None:
    own = {**SHAPES["polygon"], "flags": {"tool": True, "analyst": False}}
    path = Tree(tmp_path).write("a.json", {"shapes": [own]})

    assert not read_labelme(path, SIZE).any()


@pytest.mark.parametrize(
    "segmentation",
    [
        [[20, 10, 50, 10, 50, 30, 20, 30]],
        {"size": list(SIZE), "counts": run_lengths(TRUTH[BOX], (20, 10), SIZE)},
        {"size": list(SIZE), "counts": "compressed by the test"},
    ],
    ids=["polygon", "run lengths", "compressed"],
)
def test_annotations_of_coco_mark_their_pixels(tmp_path: Path, segmentation: Any) -> None:
    if isinstance(segmentation, dict) and isinstance(segmentation["counts"], str):
        segmentation["counts"] = compress(run_lengths(TRUTH[BOX], (20, 10), SIZE))
    content = {
        "images": [{"id": 5, "file_name": "a.png", "height": HEIGHT, "width": WIDTH}],
        "annotations": [{"image_id": 5, "segmentation": segmentation}, {"image_id": 6}],
    }

    mask = read_coco(Tree(tmp_path).write("c.json", content), "5", (1, 1))

    assert np.array_equal(mask, TRUTH)


def compress(runs: list[int]) -> str:
    """Encode as rleToString of the COCO API (maskApi.c) does."""
    text = ""
    for number, run in enumerate(runs):
        value = run - (runs[number - 2] if number > 2 else 0)
        while True:
            code, value = value & 0x1F, value >> 5
            more = value != (-1 if code & 0x10 else 0)
            text += chr(48 + (code | (0x20 if more else 0)))
            if not more:
                break
    return text


@given(st.lists(st.booleans(), min_size=12, max_size=12))
def test_run_lengths_come_back_in_both_forms(bits: list[bool]) -> None:
    mask = np.array(bits).reshape(3, 4)
    runs = run_lengths(mask, (0, 0), (3, 4)) if mask.any() else [12]

    assert np.array_equal(decode_runs(runs, (3, 4)), mask)
    assert np.array_equal(decode_runs(compress(runs), (3, 4)), mask)


def test_boxes_alone_are_no_mask_and_own_categories_are_left_out(tmp_path: Path) -> None:
    tree, image = Tree(tmp_path), {"id": 1, "file_name": "a.png"}
    boxes = {"images": [image], "annotations": [{"image_id": 1, "bbox": [0, 0, 5, 5], "category_id": 2}]}
    with pytest.raises(DataError, match="only boxes"):
        read_coco(tree.write("boxes.json", boxes), "1", SIZE)

    own = {
        "images": [image],
        "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9]]}],
        "categories": [{"id": 1, "supercategory": "tool"}],
    }
    assert not read_coco(tree.write("own.json", own), "1", SIZE).any()


@pytest.mark.parametrize(
    "shape",
    [
        {"points": [[0, 0], ["x", 1], [2, 2]]},
        {"points": [[0, 0], [float("nan"), 1], [2, 2]]},
        {"shape_type": "mask", "points": [[0, 0]], "mask": "AAAA"},
        {"shape_type": "circle", "points": [[0, 0]]},
        {},
        "text",
    ],
)
def test_broken_shapes_name_their_file(tmp_path: Path, shape: object) -> None:
    path = Tree(tmp_path).write("bad.json", {"shapes": [shape]})

    with pytest.raises(DataError, match=r"bad\.json"):
        read_labelme(path, SIZE)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=3, max_size=3, unique=True))
def test_a_polygon_marks_the_pixels_whose_centres_are_inside(corners: list[tuple[int, int]]) -> None:
    mask = np.zeros((9, 12), bool)
    fill_polygon(mask, corners)

    (ax, ay), (bx, by), (cx, cy) = corners
    y, x = np.mgrid[0:9, 0:12] + 0.5
    turns = [
        (bx - ax) * (y - ay) - (by - ay) * (x - ax),
        (cx - bx) * (y - by) - (cy - by) * (x - bx),
        (ax - cx) * (y - cy) - (ay - cy) * (x - cx),
    ]
    inside = np.all([t > 0 for t in turns], axis=0) | np.all([t < 0 for t in turns], axis=0)
    on_edge = np.any([t == 0 for t in turns], axis=0)
    assert np.array_equal(mask & ~on_edge, inside & ~on_edge)
