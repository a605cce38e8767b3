"""A frozen set is bound by hashes, brings every decision back, and notices every changed file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from irlnet_core.data.data_sets import CheckOptions, check_folders, freeze_folders
from irlnet_core.data.frozen_set import FrozenSet, freeze, read_frozen_set, verify
from irlnet_core.errors import DataError
from irlnet_core.files import sha256_of_file
from irlnet_core.progress import finish
from tests.core.data.trees import Tree, make_mask


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "data")
    for number in range(6):
        tree.picture(f"images/p{number}.png", number)
        tree.mask(f"masks/p{number}.png")
    tree.save("masks/p5.png", 255 - make_mask())
    return tree


def freeze_all(tree: Tree, *left_out: str) -> FrozenSet:
    check = finish(check_folders([tree.folder], CheckOptions(fixes=("invert",))))[0]
    return freeze(check, left_out={tree.folder / name for name in left_out})


def test_the_written_file_has_the_sets_hash_and_comes_back_equal(tree: Tree, tmp_path: Path) -> None:
    frozen = freeze_all(tree)

    frozen.write(tmp_path / "data.json")
    back = read_frozen_set(tmp_path / "data.json", tree.folder)

    assert back == frozen
    assert back.sha256 == sha256_of_file(tmp_path / "data.json")
    assert [pair.invert for pair in back.train + back.validation if pair.image.stem == "p5"] == [True]
    assert str(tmp_path) not in frozen.text


def test_the_sides_share_no_picture_and_both_have_some(tree: Tree) -> None:
    frozen = freeze_all(tree)

    train, held = ({pair.image for pair in side} for side in (frozen.train, frozen.validation))
    assert train
    assert held
    assert not train & held
    assert freeze_all(tree).sha256 == frozen.sha256


def test_what_the_analyst_leaves_out_is_kept_as_a_decision(tree: Tree) -> None:
    frozen = freeze_all(tree, "images/p1.png")

    decisions = {row.image: (row.decision, row.reason) for row in frozen.rows}
    assert decisions["images/p1.png"] == ("left out", "left out by the analyst")
    assert all(pair.image.stem != "p1" for pair in frozen.train + frozen.validation)
    assert frozen.facts["left_out"] == 1


def test_changed_and_missing_files_are_found(tree: Tree) -> None:
    frozen = freeze_all(tree)
    assert finish(verify(frozen)) == []

    tree.picture("images/p0.png", 99)
    (tree.folder / "masks/p1.png").unlink()

    assert {tree.below(problem.file) for problem in finish(verify(frozen))} == {
        "images/p0.png",
        "masks/p1.png",
    }


def test_a_frozen_set_is_refused_when_a_file_has_changed(tree: Tree, tmp_path: Path) -> None:
    freeze_all(tree).write(tmp_path / "data.json")
    job = freeze_folders([tree.folder], CheckOptions(), frozen=[tmp_path / "data.json"])
    assert len(finish(job)) == 1

    tree.mask("masks/p0.png", 254)

    with pytest.raises(DataError, match=r"p0\.png"):
        finish(freeze_folders([tree.folder], CheckOptions(), frozen=[tmp_path / "data.json"]))


def test_nothing_usable_and_one_source_only_are_told(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.picture("images/a.png", 1)
    tree.mask("masks/a.png", 0)
    with pytest.raises(DataError, match="no usable pair"):
        finish(freeze_folders([tmp_path], CheckOptions()))

    tree.mask("masks/a.png")
    with pytest.raises(DataError, match="one source only"):
        finish(freeze_folders([tmp_path], CheckOptions()))


def test_copies_in_two_folders_are_on_one_side(tmp_path: Path) -> None:
    one, two = Tree(tmp_path / "one"), Tree(tmp_path / "two")
    for number in range(5):
        one.picture(f"images/x{number}.png", number)
        one.mask(f"masks/x{number}.png")
        two.picture(f"images/y{number}.jpg", number, quality=80)
        two.mask(f"masks/y{number}.png")

    sets = finish(freeze_folders([one.folder, two.folder], CheckOptions()))

    def numbers(side: str) -> set[str]:
        return {pair.image.stem[1:] for part in sets for pair in getattr(part, side)}

    assert not numbers("train") & numbers("validation")
    assert numbers("train") | numbers("validation") == set("01234")


@pytest.mark.parametrize("damage", ["{", '{"format": 3, "pairs": [{}]}', "outside", "kind"])
def test_a_damaged_or_hostile_file_is_refused(tree: Tree, tmp_path: Path, damage: str) -> None:
    content = json.loads(freeze_all(tree).text)
    if damage == "outside":
        content["pairs"][0]["image"] = "../secret.png"
    if damage == "kind":
        content["pairs"][0]["kind"] = "pickle"
    path = tmp_path / "data.json"
    path.write_text(json.dumps(content) if damage in ("outside", "kind") else damage)

    with pytest.raises(DataError, match=r"data\.json"):
        read_frozen_set(path, tree.folder)


def test_names_whose_bytes_are_no_text_come_back(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "data")
    for name in ("caf\udce9", "b", "日本"):
        tree.picture(f"images/{name}.png", sum(map(ord, name)))
        tree.mask(f"masks/{name}.png")

    frozen = finish(freeze_folders([tree.folder], CheckOptions()))[0]
    frozen.write(tmp_path / "data.json")
    back = read_frozen_set(tmp_path / "data.json", tree.folder)

    assert finish(verify(back)) == []
    assert np.all([pair.image.is_file() for pair in back.train + back.validation])


def test_a_frozen_set_with_evidence_is_refused(tree: Tree, tmp_path: Path) -> None:
    original = tree.picture("originals/p0.png", 99)
    freeze_all(tree).write(tmp_path / "data.json")

    for path in (tree.folder / "images/p1.png", original):
        options = CheckOptions(evidence=frozenset([sha256_of_file(path)]))
        with pytest.raises(DataError, match=r"is evidence of the case") as error:
            finish(freeze_folders([tree.folder], options, frozen=[tmp_path / "data.json"]))
        assert error.value.path == path
