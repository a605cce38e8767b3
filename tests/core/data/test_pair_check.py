"""Every pair is looked into once: what is usable, what is wrong with the rest, what may be offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irlnet_core.data.check_report import describe_check
from irlnet_core.data.pair_check import CheckedPair, DataCheck, RowChecked, check_pair, check_pairs
from irlnet_core.data.pairing import find_pairs
from irlnet_core.data.truth import read_truth
from irlnet_core.evidence.image import read_image
from irlnet_core.files import sha256_of_file
from irlnet_core.progress import Progress, finish
from tests.core.data.trees import BOX, HEIGHT, MARKED, WIDTH, Tree, make_mask, make_picture


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def check_one(tree: Tree) -> CheckedPair:
    (pair,) = find_pairs(tree.folder).pairs
    return check_pair(pair)


def save_turned(tree: Tree, orientation: int) -> None:
    """A picture with an orientation flag, and a mask that was drawn on it as viewers show it."""
    image = Image.fromarray(make_picture(1))
    flags = image.getexif()
    flags[274] = orientation
    tree.save("images/a.jpg", image, exif=flags)
    tree.save("masks/a.png", np.rot90(make_mask(), -1))


def break_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("gone")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_usable_pair_tells_its_facts(tree: Tree) -> None:
    image, mask = tree.picture("images/a.png", 1), tree.mask("masks/a.png", 1)

    row = check_one(tree)

    assert row.usable
    assert (row.width, row.height, row.levels) == (WIDTH, HEIGHT, "0/1")
    assert row.marked == pytest.approx(MARKED)
    assert (row.image_sha256, row.mask_sha256) == (sha256_of_file(image), sha256_of_file(mask))


FAULTS: dict[str, tuple[Callable[[Tree], object], str, str]] = {
    "empty mask": (lambda t: t.mask("masks/a.png", 0), "masks/a.png", "empty"),
    "full mask": (
        lambda t: t.save("masks/a.png", np.full((HEIGHT, WIDTH), 255, np.uint8)), "masks/a.png", "full"
    ),
    "another size": (lambda t: t.save("masks/a.png", make_mask(255, 70)), "masks/a.png", "sizes differ"),
    "cut picture": (lambda t: cut_short(t.picture("images/a.png", 1)), "images/a.png", "cut short"),
    "cut mask": (lambda t: cut_short(t.save("masks/a.jpg", make_mask())), "masks/a.jpg", "cut short"),
    "no picture at all": (lambda t: t.write("images/a.png", "text"), "images/a.png", "not a picture"),
    "empty file": (lambda t: t.write("masks/a.png", ""), "masks/a.png", "0 bytes"),
    "too small": (lambda t: t.save("images/a.png", make_picture(1, 31, 31)), "images/a.png", "too small"),
    "photograph": (lambda t: t.picture("masks/a.png", 2), "masks/a.png", "photograph"),
    "link to nowhere": (lambda t: break_link(t.folder / "masks/a.png"), "masks/a.png", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "file", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_its_file_the_reason_and_a_cure(
    tree: Tree, make: Callable[[Tree], object], file: str, reason: str
) -> None:
    tree.picture("images/a.png", 1)
    if not file.endswith(".jpg"):
        tree.mask("masks/a.png")
    make(tree)

    row = check_one(tree)

    assert row.problem is not None
    assert tree.below(row.problem.file) == file
    assert reason in row.problem.reason
    assert row.problem.cure


def test_a_mostly_white_mask_is_a_question_never_a_silent_flip(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.save("masks/a.png", 255 - make_mask())

    asked = check_one(tree)
    inverted = check_pair(replace(asked.pair, invert=True))
    kept = check_pair(replace(asked.pair, invert=False))

    assert not asked.usable
    assert asked.offers == ("invert",)
    assert inverted.usable
    assert inverted.marked == pytest.approx(MARKED)
    assert kept.usable
    assert kept.marked == pytest.approx(1 - MARKED)


def test_a_mask_that_fits_after_turning_is_offered_and_then_lies_on_the_stored_pixels(tree: Tree) -> None:
    save_turned(tree, 6)

    asked = check_one(tree)
    turned = replace(asked.pair, turn=True)

    assert not asked.usable
    assert asked.offers == ("turn",)
    assert "orientation" in (asked.problem.reason if asked.problem else "")
    assert check_pair(turned).usable
    assert np.array_equal(read_truth(turned, read_image(turned.image)), make_mask() > 0)


def test_equal_sizes_with_an_orientation_flag_are_used_with_a_warning(tree: Tree) -> None:
    save_turned(tree, 3)
    tree.mask("masks/a.png")

    row = check_one(tree)

    assert row.usable
    assert any("orientation flag 3" in note for note in row.notes)


def test_twins_give_a_derived_mask_and_equal_or_unlike_ones_do_not(tree: Tree) -> None:
    changed = make_picture(1).copy()
    changed[BOX] = make_picture(9)[BOX]
    tree.picture("original/a.png", 1)
    tree.save("inpainted/a.png", changed)
    tree.picture("original/b.png", 2)
    tree.picture("inpainted/b.bmp", 2)
    tree.picture("original/c.png", 3)
    tree.picture("inpainted/c.png", 4)

    rows = [check_pair(pair) for pair in find_pairs(tree.folder).pairs]

    assert [row.usable for row in rows] == [True, False, False]
    assert rows[0].pair.derived
    assert rows[0].marked == pytest.approx(MARKED, rel=0.05)
    assert "does not differ" in (rows[1].problem.reason if rows[1].problem else "")
    assert "differs" in (rows[2].problem.reason if rows[2].problem else "")


def test_an_original_that_does_not_fit_is_left_out_and_the_pair_stays(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png")
    tree.save("originals/a.png", make_picture(1, 50, 50))

    row = check_one(tree)

    assert row.usable
    assert row.pair.original is None
    assert any("original a.png is left out" in note for note in row.notes)


def test_evidence_of_the_case_is_refused_also_as_a_copy_of_another_type(tree: Tree) -> None:
    evidence = read_image(tree.picture("images/a.png", 1))
    tree.picture("images/b.bmp", 1)
    for name in "ab":
        tree.mask(f"masks/{name}.png")

    sums = [evidence.sha256.upper(), evidence.pixels_sha256]
    check = finish(check_pairs(find_pairs(tree.folder), evidence=sums))

    assert check.usable == []
    assert all(row.problem and "evidence" in row.problem.reason for row in check.rows)


@pytest.mark.parametrize("of_pixels", [False, True])
def test_a_pair_whose_original_is_evidence_is_refused(tree: Tree, of_pixels: bool) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png")
    original = read_image(tree.picture("originals/a.bmp", 2))

    sums = [original.pixels_sha256 if of_pixels else original.sha256]
    (row,) = finish(check_pairs(find_pairs(tree.folder), evidence=sums)).rows

    assert row.problem is not None
    assert (row.problem.file, row.problem.reason) == (original.path, "is evidence of the case.")


def test_authentic_pictures_and_empty_masks_are_rows_only_when_asked_for(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png", 0)
    tree.picture("good/b.png", 2)
    pairing = find_pairs(tree.folder)

    assert finish(check_pairs(pairing)).usable == []
    usable = finish(check_pairs(pairing, authentic=True)).usable
    assert {(row.pair.image.name, row.marked) for row in usable} == {("a.png", 0), ("b.png", 0)}


def test_rows_and_progress_come_one_by_one_and_the_check_can_be_cancelled(tree: Tree) -> None:
    for number in range(3):
        tree.picture(f"images/{number}.png", number)
        tree.mask(f"masks/{number}.png")
    job = check_pairs(find_pairs(tree.folder))

    first, second = next(job), next(job)
    job.close()

    assert isinstance(first, RowChecked)
    assert first.row.pair.image.name == "0.png"
    assert second == Progress("check", 1, 3)


def test_fixes_answer_only_what_is_offered(tree: Tree) -> None:
    save_turned(tree, 8)
    tree.picture("images/b.png", 2)
    tree.save("masks/b.png", 255 - make_mask())
    tree.picture("images/c.png", 3)
    tree.mask("masks/c.png")

    rows = finish(check_pairs(find_pairs(tree.folder), fixes=("turn", "invert"))).rows

    assert all(row.usable for row in rows)
    assert [(row.pair.turn, row.pair.invert) for row in rows] == [(True, None), (False, True), (False, None)]


def test_the_report_names_every_unusable_file_once(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png")
    tree.picture("images/b.png", 2)
    tree.mask("masks/b.png", 0)
    tree.picture("images/c.png", 3)
    pairing = find_pairs(tree.folder)
    check = finish(check_pairs(pairing))

    report = describe_check(DataCheck(tree.folder, check.rows, pairing.problems))

    assert [(pair["image"], pair["mask"]) for pair in report["pairs"]] == [("images/a.png", "masks/a.png")]
    assert [p["file"] for p in report["problems"]] == ["images/b.png", "images/c.png", "masks/b.png"]
    assert "masks/b.png" in report["problems"][0]["reason"]


def test_nothing_is_written_into_the_folder(tree: Tree) -> None:
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png")
    before = {path: path.stat().st_mtime_ns for path in tree.folder.rglob("*")}

    finish(check_pairs(find_pairs(tree.folder)))

    assert {path: path.stat().st_mtime_ns for path in tree.folder.rglob("*")} == before
