"""Regions and outlines leave as CSV, COCO and labelme JSON, exactly, and never mixed."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from irlnet_core.evidence.annotation_export import (
    Findings,
    guard_cell,
    run_lengths,
    to_coco,
    to_csv,
    to_labelme,
    write_coco,
    write_csv,
    write_labelme,
)
from irlnet_core.evidence.annotations import Annotations, Outline, clean_label, clean_note, make_outline
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions

HOSTILE = '=HYPERLINK("http://x")'


def ring_and_block() -> Localization:
    probability = np.zeros((60, 90), np.float32)
    probability[5:30, 5:30] = 0.9
    probability[12:20, 12:20] = 0.1  # a hole
    probability[40:60, 70:90] = 0.7  # ends at the last pixel
    probability[0:1, 50:52] = 0.8  # too small to list
    return Localization(probability)


def findings(localization: Localization | None = None) -> Findings:
    height, width = localization.probability.shape if localization else (60, 90)
    drawn = (
        make_outline("rectangle", [(1, 2), (11, 22)], (width, height), label="sky", note=HOSTILE),
        make_outline("polygon", [(0, 0), (10, 0), (10, 10)], (width, height), label=HOSTILE),
        make_outline("freehand", [(5, 5), (9, 5), (9, 8), (5, 8)], (width, height), label="sky"),
    )
    notes = Annotations("ab" * 32, width, height, drawn)
    regions = find_regions(localization, 0.5) if localization else None
    return Findings("a picture.jpg", notes, localization, regions)


def decode(segmentation: dict[str, Any]) -> np.ndarray:
    height, width = segmentation["size"]
    values = np.concatenate([np.full(count, i % 2, bool) for i, count in enumerate(segmentation["counts"])])
    rest = np.zeros(height * width - len(values), bool)
    return np.concatenate((values, rest)).reshape(width, height).T


@given(
    arrays.arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))), st.integers(0, 3), st.integers(0, 3)
)
def test_run_lengths_give_the_mask_back(mask: np.ndarray, left: int, top: int) -> None:
    whole = np.zeros((top + mask.shape[0], left + mask.shape[1]), bool)
    whole[top:, left:] = mask
    counts = run_lengths(mask, (left, top), whole.shape)
    assert sum(counts) <= whole.size
    assert all(count > 0 for count in counts[1:])
    assert np.array_equal(decode({"size": whole.shape, "counts": counts}), whole)


@given(arrays.arrays(np.float32, (24, 24), elements=st.sampled_from([0.0, 0.9, 1.0])), st.data())
def test_the_masks_of_the_regions_add_up_to_the_listed_area(small: np.ndarray, data: st.DataObject) -> None:
    localization = Localization(np.kron(small, np.ones((5, 5), np.float32)))
    coco = to_coco(findings(localization))
    tool = [entry for entry in coco["annotations"] if entry["source"] == "tool"]
    total = np.zeros((120, 120), int)
    for entry in tool:
        mask = decode(entry["segmentation"])
        assert mask.sum() == entry["area"]
        total += mask
    assert total.max(initial=0) <= 1
    assert not (total.astype(bool) & ~localization.mask(0.5)).any()


def test_coco_tells_the_tools_regions_and_the_analysts_outlines_apart() -> None:
    coco = to_coco(findings(ring_and_block()))
    kinds = {category["id"]: category["supercategory"] for category in coco["categories"]}
    assert [category["name"] for category in coco["categories"]] == [
        "response above threshold",
        "sky",
        HOSTILE,
    ]
    assert [kinds[entry["category_id"]] for entry in coco["annotations"]] == ["tool"] * 2 + ["analyst"] * 3
    assert len({entry["id"] for entry in coco["annotations"]}) == 5
    assert {entry["image_id"] for entry in coco["annotations"]} == {coco["images"][0]["id"]}
    assert coco["annotations"][2]["segmentation"] == [[1, 2, 11, 2, 11, 22, 1, 22]]
    assert (coco["images"][0]["width"], coco["images"][0]["height"]) == (90, 60)


def test_labelme_shapes_are_read_back_as_labelme_reads_them() -> None:
    localization = ring_and_block()
    data = to_labelme(findings(localization))
    assert (data["imageWidth"], data["imageHeight"], data["imageData"]) == (90, 60, None)
    total = np.zeros((60, 90), bool)
    for shape in data["shapes"]:
        assert isinstance(shape["label"], str)
        assert all(len(point) == 2 for point in shape["points"])
        assert all(isinstance(flag, bool) for flag in shape["flags"].values())
        if shape["shape_type"] == "mask":
            png = np.frombuffer(base64.b64decode(shape["mask"]), np.uint8)
            mask = np.asarray(cv2.imdecode(png, cv2.IMREAD_UNCHANGED)).astype(bool)
            (x1, y1), (x2, y2) = np.asarray(shape["points"]).astype(int)
            total[y1 : y2 + 1, x1 : x2 + 1] |= mask  # labelme's own rule: both corners belong to it
    small = np.zeros_like(total)
    small[0, 50:52] = True
    assert np.array_equal(total, localization.mask(0.5) & ~small)
    assert [shape["shape_type"] for shape in data["shapes"]] == [
        "mask",
        "mask",
        "rectangle",
        "polygon",
        "polygon",
    ]
    assert [shape["flags"]["analyst"] for shape in data["shapes"]] == [False, False, True, True, True]


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_no_text_of_the_analyst_breaks_the_table_or_runs_in_a_spreadsheet(label: str, note: str) -> None:
    outline = make_outline("rectangle", [(0, 0), (3, 4)], (9, 9), label=label, note=note)
    text = to_csv(Findings("x.png", Annotations("0" * 64, 9, 9, (outline,))))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["label"] == guard_cell(clean_label(label) or "outline")
    assert row["note"] == guard_cell(clean_note(note))
    assert not row["label"].startswith(("=", "+", "-", "@"))
    assert row["source"] == "analyst"
    assert row["area_pixels"] == "12.0"


def test_no_text_of_a_file_from_outside_runs_in_a_spreadsheet() -> None:
    outline = Outline("=1+1", "rectangle", ((0, 0), (3, 4)), "@a", "+b", author="-c", created="=d")
    text = to_csv(Findings("x.png", Annotations("0" * 64, 9, 9, (outline,))))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert not [name for name, cell in row.items() if cell.startswith(("=", "+", "-", "@"))]


def test_the_table_lists_regions_first_and_leaves_no_column_open() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(findings(ring_and_block())))))
    assert [row["source"] for row in rows] == ["tool"] * 2 + ["analyst"] * 3
    assert rows[0]["area_pixels"] == str(25 * 25 - 64)
    assert rows[1]["threshold"] == "0.5000"
    assert all(None not in row for row in rows)


def test_without_an_analysis_the_outlines_leave_alone() -> None:
    assert len(to_coco(findings())["annotations"]) == 3
    assert len(to_labelme(findings())["shapes"]) == 3


def test_all_three_are_written_as_files_that_hold_the_same(tmp_path: Path) -> None:
    found = findings(ring_and_block())
    write_csv(tmp_path / "a.csv", found)
    write_coco(tmp_path / "a.coco.json", found)
    write_labelme(tmp_path / "a.json", found)
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == to_csv(found).replace("\r\n", "\n")
    assert json.loads((tmp_path / "a.coco.json").read_text("utf-8")) == to_coco(found)
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == json.loads(json.dumps(to_labelme(found)))


def test_a_name_that_is_not_utf_8_is_written_with_escapes() -> None:
    found = Findings("bad\udcff.png", Annotations("0" * 64, 9, 9))
    assert to_labelme(found)["imagePath"] == "bad\\xff.png"
    json.dumps(to_coco(found)).encode("utf-8")
