"""What comes from one source picture stays on one side; the split does not depend on the order of rows."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.data.duplicates import fingerprint, near_pairs
from irlnet_core.data.pair_check import CheckedPair
from irlnet_core.data.pairs import Pair, Problem
from irlnet_core.data.split import settle
from tests.core.data.trees import make_picture


def row(
    name: str, *, sha: str = "", mask_sha: str = "", bits: int | None = None, split: str = ""
) -> CheckedPair:
    image = Path("/data/images") / name
    pair = Pair(image, Path("/data/masks") / name, split=split)
    return CheckedPair(
        pair, image_sha256=sha or f"i{name}", mask_sha256=mask_sha or f"m{name}", fingerprint=bits
    )


def sides(rows: list[CheckedPair]) -> dict[str, str]:
    return {row.pair.image.name: row.side for row in rows}


def test_recompressed_resized_and_retouched_copies_are_near_and_other_pictures_are_not() -> None:
    pictures = [make_picture(seed, 160, 128) for seed in range(12)]
    first = pictures[0]
    coded = cv2.imencode(".jpg", first, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    jpeg = np.asarray(cv2.imdecode(coded, 1))
    small = cv2.resize(first, (70, 56), interpolation=cv2.INTER_AREA)
    touched = first.copy()
    touched[40:70, 50:90] = cv2.blur(first, (21, 21))[40:70, 50:90]
    prints = [fingerprint(p.astype(np.uint8)) for p in (*pictures, jpeg, small, touched)]

    near = near_pairs(prints)

    assert {pair for pair in near if pair[0] == 0} == {(0, 12), (0, 13), (0, 14)}
    assert all(i == 0 or i >= 12 for i, _ in near)


def test_a_picture_without_content_is_near_to_none() -> None:
    assert fingerprint(np.full((64, 64, 3), 90, np.uint8)) is None
    assert near_pairs([None, 5, None, 5]) == [(1, 3)]


@pytest.mark.parametrize(
    "names",
    [("a.png", "A.jpg"), ("a.png", "a_jpeg75.png"), ("a.png", "a_inpainted.png"), ("a.png", "a (2).png")],
)
def test_variants_of_one_name_are_one_group(names: tuple[str, str]) -> None:
    rows = settle([row(names[0]), row(names[1]), row("b.png")])

    assert rows[0].group == rows[1].group != rows[2].group


def test_numbered_pictures_are_sources_of_their_own() -> None:
    assert len({r.group for r in settle([row(f"IMG_{n:04}.png") for n in range(20)])}) == 20


def test_an_exact_copy_is_left_out_once_and_can_come_back() -> None:
    rows = settle([row("a.png", sha="x", mask_sha="y", bits=7), row("b.png", sha="x", mask_sha="y", bits=7)])

    assert [r.usable for r in rows] == [True, False]
    assert "duplicate of images/a.png" in (rows[1].problem.reason if rows[1].problem else "")
    assert settle(rows[1:])[0].usable


def test_the_same_picture_with_another_mask_stays_on_the_same_side() -> None:
    rows = settle([row(f"{n}.png", sha="x" if n < 2 else "", bits=None) for n in range(9)])

    assert all(r.usable for r in rows)
    assert rows[0].group == rows[1].group


def test_folders_that_say_train_and_validation_count_and_straddling_groups_go_to_training() -> None:
    rows = [row("a.png", split="train"), row("b.png", split="validation"), row("c.png", split="validation")]
    rows += [row("c_copy.png", split="train"), row("d.png")]

    settled = settle(rows)

    assert sides(settled) == {
        "a.png": "train",
        "b.png": "validation",
        "c.png": "train",
        "c_copy.png": "train",
        "d.png": "train",
    }
    assert any("moved to train" in note for note in settled[2].notes)


def test_a_folder_named_test_alone_is_no_split() -> None:
    assert set(sides(settle([row(f"{n}.png", split="validation") for n in range(5)])).values()) == {
        "train",
        "validation",
    }


@given(st.integers(1, 4), st.integers(0, 12), st.integers(0, 50))
def test_forgeries_are_on_both_sides_however_many_authentic_pictures_there_are(
    forged: int, authentic: int, seed: int
) -> None:
    rows = [replace(row(f"forged{n}.png"), marked=0.1) for n in range(forged)]
    rows += [row(f"authentic{n}.png") for n in range(authentic)]

    settled = settle(rows, seed=seed)

    marked = {r.side for r in settled if r.marked}
    assert marked == ({"train", "validation"} if forged > 1 else {"train"})
    assert {r.side for r in settled} == ({"train", "validation"} if len(rows) > 1 else {"train"})


def test_rows_with_a_problem_take_no_part() -> None:
    bad = replace(row("b.png"), problem=Problem(Path("/data/images/b.png"), "is broken."))

    settled = settle([row("a.png"), bad, row("c.png")])

    assert (settled[1].group, settled[1].side) == ("", "")
    assert {settled[0].side, settled[2].side} == {"train", "validation"}


def test_settling_again_changes_nothing() -> None:
    rows = [row(f"{n}.png", bits=n // 2) for n in range(8)]

    assert settle(settle(rows)) == settle(rows)


_ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["", "_copy", "_jpeg75"]), st.integers(0, 2**40)),
    min_size=2,
    max_size=40,
    unique_by=lambda parts: parts[:2],
)


@given(_ROWS, st.integers(0, 3), st.integers(0, 99))
def test_no_source_is_on_both_sides_some_are_held_out_and_order_plays_no_part(
    parts: list[tuple[int, str, int]], seed: int, shuffle: int
) -> None:
    rows = [row(f"p{number}{end}.png", bits=bits) for number, end, bits in parts]
    mixed = random.Random(shuffle).sample(rows, len(rows))

    settled = settle(rows, seed=seed)

    groups: dict[str, set[str]] = {}
    for entry in settled:
        groups.setdefault(entry.group, set()).add(entry.side)
    assert all(len(found) == 1 for found in groups.values())
    held = sum(found == {"validation"} for found in groups.values())
    assert held == (min(max(1, round(0.2 * len(groups))), len(groups) - 1))
    by_name = {entry.pair.image: entry for entry in settle(mixed, seed=seed)}
    assert all(by_name[entry.pair.image] == entry for entry in settled)
