"""Photographs for the forge: found by folder or manifest, split by scene, credited."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.data.photographs import Photograph, cut, find_photographs, read_photograph, split_groups
from irlnet_core.errors import DataError, ImageReadError
from irlnet_core.files import sha256_of_file


def write_manifest(folder: Path, rows: str) -> None:
    (folder / "manifest.csv").write_text("file,split,group,licence,author,source\n" + rows, "utf-8")


def test_a_manifest_chooses_the_split_and_gives_group_and_credit(photo_folder: Path) -> None:
    write_manifest(
        photo_folder,
        "scene0.jpg,train,garden,CC0-1.0,Ann,example\nscene1.jpg,calibration,sea,CC0-1.0,Bo,example\n",
    )

    photos = find_photographs(photo_folder, split="train")

    assert [(p.path.name, p.group) for p in photos] == [("scene0.jpg", "garden")]
    assert photos[0].credit() == {
        "file": "scene0.jpg",
        "group": "garden",
        "licence": "CC0-1.0",
        "author": "Ann",
        "source": "example",
        "sha256": sha256_of_file(photo_folder / "scene0.jpg"),
    }


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")]
)
def test_a_manifest_is_read_however_excel_saved_it(photo_folder: Path, encoding: str, delimiter: str) -> None:
    rows = (("file", "split", "group", "author"), ("scene0.jpg", "train", "Küste", "Åsa"), ("", "", "", ""))
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    (photo_folder / "manifest.csv").write_bytes(text.encode(encoding))

    photos = find_photographs(photo_folder, split="train")

    assert [(p.path.name, p.group, p.author) for p in photos] == [("scene0.jpg", "Küste", "Åsa")]


def test_a_manifest_that_is_no_text_is_named(photo_folder: Path) -> None:
    (photo_folder / "manifest.csv").write_bytes("file\nscene0.jpg\n".encode("utf-16")[:-1])
    with pytest.raises(DataError, match=r"manifest\.csv: cannot be read as CSV .*Save it as UTF-8"):
        find_photographs(photo_folder)


def test_without_a_manifest_every_picture_is_a_scene_of_its_own(photo_folder: Path) -> None:
    photos = find_photographs(photo_folder)

    assert len({photo.group for photo in photos}) == len(photos) == 6


def test_an_empty_folder_a_missing_file_and_a_foreign_manifest_are_named(
    photo_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no usable photographs"):
        find_photographs(tmp_path / "empty")
    write_manifest(photo_folder, "gone.jpg,train,,,,\n")
    with pytest.raises(DataError, match=r"gone\.jpg"):
        find_photographs(photo_folder)
    (photo_folder / "manifest.csv").write_text("name\nx\n")
    with pytest.raises(DataError, match="no column 'file'"):
        find_photographs(photo_folder)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60), st.integers(0, 5))
def test_no_scene_stands_on_both_sides_of_a_split(groups: list[int], seed: int) -> None:
    photos = [Photograph(Path(f"{i}.jpg"), f"g{g}") for i, g in enumerate(groups)]
    if len(set(groups)) < 2:
        with pytest.raises(DataError, match="two different scenes"):
            split_groups(photos, 0.1, seed)
        return

    kept, held = split_groups(photos, 0.1, seed)

    assert held
    assert len(kept) + len(held) == len(photos)
    assert not {p.group for p in kept} & {p.group for p in held}


def test_adding_a_photograph_moves_no_other_across_the_split() -> None:
    photos = [Photograph(Path(f"{i}.jpg"), f"g{i}") for i in range(200)]

    held = split_groups(photos, 0.1)[1]
    more = split_groups([*photos, Photograph(Path("new.jpg"), "new")], 0.1)[1]

    assert {p.group for p in held} == {p.group for p in more} - {"new"}
    assert 5 <= len(held) <= 40


def test_reading_gives_stored_pixels_and_the_jpeg_history(photo_folder: Path) -> None:
    pixels, history = read_photograph(photo_folder / "scene0.jpg")

    assert pixels.shape == (160, 160, 3)
    assert history is not None
    assert history.subsampling == 2
    assert read_photograph(photo_folder / "scene0.jpg")[0] is pixels


def test_what_is_kept_in_memory_cannot_be_changed(photo_folder: Path) -> None:
    pixels, _ = read_photograph(photo_folder / "scene0.jpg")

    with pytest.raises(ValueError, match="read-only"):
        pixels[0] = 0


def test_a_photograph_that_is_cut_or_gone_is_named(photo_folder: Path) -> None:
    path = photo_folder / "scene1.jpg"
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ImageReadError, match=r"scene1\.jpg: "):
        read_photograph(path)
    with pytest.raises(ImageReadError, match=r"gone\.jpg: "):
        read_photograph(photo_folder / "gone.jpg")


def test_rows_without_a_split_belong_to_none_of_those_that_others_name(photo_folder: Path) -> None:
    write_manifest(photo_folder, "scene0.jpg,train,,,,\nscene1.jpg,calibration,,,,\nscene2.jpg,,,,,\n")

    sides = [find_photographs(photo_folder, split=split) for split in ("train", "calibration")]

    assert [[photo.path.name for photo in side] for side in sides] == [["scene0.jpg"], ["scene1.jpg"]]
    assert len(find_photographs(photo_folder)) == 3


def test_a_row_that_ends_before_its_file_is_named(photo_folder: Path) -> None:
    (photo_folder / "manifest.csv").write_text("group,file\na,scene0.jpg\nb\n")

    with pytest.raises(DataError, match=r"manifest\.csv: .*line 3"):
        find_photographs(photo_folder)


@given(st.integers(2, 4), st.integers(0, 10_000))
def test_a_split_of_few_scenes_leaves_some_on_either_side(count: int, seed: int) -> None:
    photographs = [Photograph(Path(f"{number}.jpg"), str(number)) for number in range(count)]

    kept, held = split_groups(photographs, 0.5, seed)

    assert kept
    assert held


def test_a_cut_is_a_piece_of_the_picture_at_its_offset() -> None:
    pixels = np.arange(50 * 40 * 3, dtype=np.uint8).reshape(50, 40, 3)

    piece, (top, left) = cut(pixels, (20, 30), np.random.default_rng(1))

    assert np.array_equal(piece, pixels[top : top + 20, left : left + 30])
