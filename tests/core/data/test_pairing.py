"""Pictures find their masks by every usual convention, per file; what does not pair is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.data.pairing import Pairing, find_pairs
from irlnet_core.errors import DataError
from tests.core.data.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def told(tree: Tree, pairing: Pairing) -> list[tuple[str | None, str | None]]:
    return [(tree.below(pair.image), tree.below(pair.mask)) for pair in pairing.pairs]


CONVENTIONS = {
    "inpainted/ + mask/": ["inpainted/a.jpg", "mask/a.png"],
    "images/ + masks/": ["images/a.jpg", "masks/a.png"],
    "IMGS/ + Mask/": ["IMGS/A.JPG", "Mask/a.PNG"],
    "forged/ + gt/": ["forged/a.png", "gt/a.bmp"],
    "tampered/ + groundtruth/": ["tampered/a.tif", "groundtruth/a.gif"],
    "fake/ + ground-truth/": ["fake/a.webp", "ground-truth/a.png"],
    "fake/ + Ground_Truth/": ["fake/a.webp", "Ground_Truth/a.png"],
    "Tp/ + Gt/ (name_gt)": ["Tp/Tp_D_1.tif", "Gt/Tp_D_1_gt.png"],
    "images/ + labels/": ["images/a.png", "labels/a.png"],
    "imgs/ + masks/": ["train/imgs/a.png", "train/masks/a.png"],
    "inpainted/ + masks/": ["inpainted/val/deep/a.png", "masks/val/deep/a.png"],
    "pictures + masks/": ["a.png", "masks/a.png"],
    "images/ + masks/ (name_mask)": ["images/a.png", "masks/a_mask.png"],
    "pictures + masks/ (a.jpg)": ["a.jpg", "masks/a.jpg.png"],
    "name_mask": ["a.jpg", "a_mask.png"],
    "name_masks": ["a.jpg", "a_masks.tif"],
    "name_gt": ["sub/a.jpg", "sub/A_GT.png"],
    "mask_name": ["a.jpg", "mask_a.png"],
    "name-mask": ["x_inpainted.png", "x-mask.png"],
    "mask": ["001/image.png", "001/mask.png"],
    "MVTec ground_truth/": ["bottle/test/broken/000.png", "bottle/ground_truth/broken/000_mask.png"],
    "original/ + inpainted/ (difference)": ["inpainted/a.jpg", "original/a.png"],
    "originals/ + images/ (difference)": ["images/a.jpg", "originals/a.png"],
}


@pytest.mark.parametrize(("convention", "files"), CONVENTIONS.items(), ids=CONVENTIONS.keys())
def test_a_picture_finds_its_mask(tree: Tree, convention: str, files: list[str]) -> None:
    pairing = find_pairs(tree.touch(*files).folder)

    assert told(tree, pairing) == [(files[0], files[1])]
    assert pairing.pairs[0].convention == convention
    assert pairing.pairs[0].derived == ("difference" in convention)
    assert (pairing.problems, pairing.authentic, pairing.ignored) == ((), (), ())


def test_one_folder_may_mix_all_conventions(tree: Tree) -> None:
    for number, files in enumerate(CONVENTIONS.values()):
        tree.touch(*(f"set{number}/{file}" for file in files))

    pairing = find_pairs(tree.folder)

    expected = {(f"set{n}/{files[0]}", f"set{n}/{files[1]}") for n, files in enumerate(CONVENTIONS.values())}
    assert set(told(tree, pairing)) == expected
    assert pairing.problems == ()


def test_two_conventions_with_the_same_names_do_not_cross(tree: Tree) -> None:
    tree.touch("images/a.png", "masks/a.png", "inpainted/a.png", "mask/a.png", "original/a.png")

    pairing = find_pairs(tree.folder)

    assert told(tree, pairing) == [("images/a.png", "masks/a.png"), ("inpainted/a.png", "mask/a.png")]
    assert {tree.below(pair.original) for pair in pairing.pairs} == {"original/a.png"}


def test_variants_of_one_picture_share_its_mask_but_other_folders_do_not(tree: Tree) -> None:
    tree.touch("images/a.png", "images/a.jpg", "masks/a.png", "inpainted/b.png", "images/b.png", "mask/b.png")

    pairing = find_pairs(tree.folder)

    assert told(tree, pairing) == [
        ("images/a.jpg", "masks/a.png"),
        ("images/a.png", "masks/a.png"),
        ("inpainted/b.png", "mask/b.png"),
    ]
    assert [tree.below(problem.file) for problem in pairing.problems] == ["images/b.png"]


def test_an_original_is_never_paired_with_the_mask_of_its_forgery(tree: Tree) -> None:
    pairing = find_pairs(tree.touch("original/a.png", "mask/a.png").folder)

    assert pairing.pairs == ()
    assert [tree.below(pair.image) for pair in pairing.authentic] == ["original/a.png"]
    assert [tree.below(problem.file) for problem in pairing.problems] == ["mask/a.png"]


def test_a_photograph_of_a_mask_is_a_picture_where_it_has_a_mask_itself(tree: Tree) -> None:
    pairing = find_pairs(tree.touch("images/face_mask.jpg", "masks/face_mask.png").folder)

    assert told(tree, pairing) == [("images/face_mask.jpg", "masks/face_mask.png")]


def test_what_does_not_pair_is_told_with_a_cure(tree: Tree) -> None:
    tree.touch("images/a.png", "masks/b.png", "c_mask.png", "d.heic", "notes.txt", ".hidden/x.png")

    pairing = find_pairs(tree.folder)

    problems = {tree.below(problem.file): problem for problem in pairing.problems}
    assert set(problems) == {"images/a.png", "masks/b.png", "c_mask.png", "d.heic"}
    assert "has no mask" in problems["images/a.png"].reason
    assert "no picture" in problems["masks/b.png"].reason
    assert all(problem.cure for problem in problems.values())
    assert [tree.below(path) for path in pairing.ignored] == ["notes.txt"]


def test_pictures_without_a_mask_are_authentic_only_when_asked_for(tree: Tree) -> None:
    tree.touch("images/a.png", "bottle/test/good/000.png", "Au/b.jpg")

    def authentic(pairing: Pairing) -> set[str | None]:
        return {tree.below(pair.image) for pair in pairing.authentic}

    assert authentic(find_pairs(tree.folder)) == {"bottle/test/good/000.png", "Au/b.jpg"}
    assert authentic(find_pairs(tree.folder, authentic=True)) == {
        "images/a.png",
        "bottle/test/good/000.png",
        "Au/b.jpg",
    }


def test_folders_named_train_and_val_are_told(tree: Tree) -> None:
    tree.touch("train/images/a.png", "train/masks/a.png", "images/Val/b.png", "masks/val/b.png")

    assert {p.image.stem: p.split for p in find_pairs(tree.folder).pairs} == {
        "a": "train",
        "b": "validation",
    }


@pytest.mark.parametrize(
    "text",
    [
        "image,mask\nx/a.png,y/b.png\n",
        "\ufeffFilename;Ground Truth\n.\\x\\a.png;y\\b.png\n",
        "id\timg_path\tmask_path\n1\t/home/other/set/x/a.png\t/home/other/set/y/b.png\n",
        "a.png,b.png\n",
    ],
    ids=["plain", "semicolons and backslashes", "absolute paths of another machine", "no header, bare names"],
)
def test_a_csv_manifest_names_the_pairs(tree: Tree, text: str) -> None:
    tree.touch("x/a.png", "y/b.png").write("list.csv", text)

    pairing = find_pairs(tree.folder)

    assert told(tree, pairing) == [("x/a.png", "y/b.png")]
    assert pairing.pairs[0].convention == "CSV manifest"
    assert pairing.problems == ()


def test_rows_of_a_manifest_that_lead_nowhere_are_told_with_their_line(tree: Tree) -> None:
    tree.touch("a.png", "b.png").write("m.csv", "image,mask\ngone.png,b.png\na.png,lost.png\n")

    reasons = {tree.below(p.file): p.reason for p in find_pairs(tree.folder).problems}

    assert "line 2 of m.csv" in reasons["gone.png"]
    assert "line 3 of m.csv" in reasons["lost.png"]
    assert "lost.png" in reasons["a.png"]


def test_a_list_of_another_kind_is_passed_over(tree: Tree) -> None:
    tree.touch("images/a.png", "masks/a.png").write("classes.csv", "file,label\na.png,fake\n")
    tree.write("package.json", {"name": "x"})

    pairing = find_pairs(tree.folder)

    assert len(pairing.pairs) == 1
    assert pairing.problems == ()
    assert {path.name for path in pairing.ignored} == {"classes.csv", "package.json"}


def test_labelme_finds_its_picture_beside_it_or_in_the_folder_for_images(tree: Tree) -> None:
    shape = {"shape_type": "polygon", "points": [[0, 0], [5, 0], [5, 5]]}
    tree.touch("a.jpg", "images/b.jpg", "c.png", "c_mask.png")
    tree.write("a.json", {"shapes": [shape], "imagePath": "..\\elsewhere\\a.jpg"})
    tree.write("labels/b.json", {"shapes": [shape]})
    tree.write("c.json", {"shapes": [shape], "imagePath": "c.png"})
    tree.write("d.json", {"shapes": [shape], "imagePath": "d.png"})
    tree.write("e.json", "{")

    pairing = find_pairs(tree.folder)

    assert told(tree, pairing) == [
        ("a.jpg", "a.json"),
        ("c.png", "c_mask.png"),
        ("images/b.jpg", "labels/b.json"),
    ]
    reasons = {tree.below(problem.file): problem.reason for problem in pairing.problems}
    assert set(reasons) == {"c.json", "d.json", "e.json"}
    assert "second mask" in reasons["c.json"]


def test_coco_tells_many_pictures_and_those_without_annotations_are_authentic(tree: Tree) -> None:
    tree.touch("images/a.jpg", "images/b.jpg", "images/c.jpg")
    pictures = [{"id": n, "file_name": f"{name}.jpg"} for n, name in enumerate("abx")]
    tree.write("annotations/all.json", {"images": pictures, "annotations": [{"image_id": 0}]})

    pairing = find_pairs(tree.folder)

    assert told(tree, pairing) == [("images/a.jpg", "annotations/all.json")]
    assert (pairing.pairs[0].kind, pairing.pairs[0].entry) == ("coco", "0")
    assert [tree.below(pair.image) for pair in pairing.authentic] == ["images/b.jpg"]
    assert {tree.below(p.file) for p in pairing.problems} == {"images/c.jpg", "annotations/x.jpg"}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        find_pairs(tmp_path / "nowhere")


_FOLDERS = [
    "",
    "images/",
    "masks/",
    "inpainted/",
    "mask/",
    "original/",
    "gt/",
    "train/images/",
    "good/",
    "x/",
]
_NAMES = ["a.png", "a.jpg", "A.PNG", "a_mask.png", "mask_a.png", "b.png", "b_gt.tif", "image.png", "mask.png",
          "n.txt", "a_original.png", "l.json", "m.csv", "b.jpg.png", "y.psd"]  # fmt: skip
_FILES = st.lists(
    st.builds(str.__add__, st.sampled_from(_FOLDERS), st.sampled_from(_NAMES)), max_size=25, unique=True
)


@given(_FILES, st.booleans())
def test_every_file_is_in_exactly_one_place_and_the_order_plays_no_part(
    files: list[str], authentic: bool
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = Tree(Path(one)).touch(*files), Tree(Path(other)).touch(*reversed(files))
        found = [find_pairs(tree.folder, authentic=authentic) for tree in (first, second)]

        assert _places(first, found[0]) == _places(second, found[1])
        pairs, *others = _places(first, found[0])
        in_pairs = {file for pair in pairs for file in pair if file}
        assert in_pairs | {file for group in others for (file,) in group} == first.files()
        assert len(in_pairs) + sum(map(len, others)) == len(first.files())


def _places(tree: Tree, pairing: Pairing) -> tuple[set[tuple[str | None, ...]], ...]:
    return (
        {tuple(map(tree.below, (p.image, p.mask, p.original))) for p in pairing.pairs},
        {(tree.below(p.image),) for p in pairing.authentic},
        {(tree.below(p.file),) for p in pairing.problems},
        {(tree.below(path),) for path in pairing.ignored},
    )
