"""Samples as tensors: picture and mask turn together, pairs are cropped together, authentic means empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from irlnet_core.config import ForgeConfig
from irlnet_core.data.dataset import (
    ForgedCrops,
    PairCrops,
    WithTraces,
    cut_piece,
    make_loader,
    to_input,
    to_tensors,
    turn,
)
from irlnet_core.data.pairs import read_pairs
from irlnet_core.data.photographs import find_photographs
from irlnet_core.data.truth import SizeMismatch
from irlnet_core.errors import DataError, ImageReadError
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.model.traces import PictureTraces


def save_pairs(folder: Path, count: int = 4) -> Path:
    """Grey pictures whose white square is the mask."""
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for number in range(count):
        picture = np.full((90, 120, 3), 90, np.uint8)
        picture[10 + number : 40, 20:60] = 255
        Image.fromarray(picture).save(folder / "images" / f"p{number}.png")
        Image.fromarray((picture[..., 0] == 255).astype(np.uint8) * 255).save(
            folder / "masks" / f"P{number}.png"
        )
    return folder


def test_a_photograph_that_cannot_be_read_is_left_for_its_reader_to_tell(photo_folder: Path) -> None:
    (photo_folder / "gone.jpg").symlink_to(photo_folder / "nowhere.jpg")
    found = find_photographs(photo_folder, without={"0" * 64})
    assert "gone.jpg" in {photo.path.name for photo in found}


def test_the_eight_turns_move_picture_and_mask_together_and_are_all_different() -> None:
    image = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    mask = image[..., 0] > 128

    turned = [turn(image, mask, which) for which in range(8)]

    assert all(np.array_equal(i[..., 0] > 128, m) for i, m in turned)
    assert len({i.tobytes() for i, _ in turned}) == 8


def test_forged_crops_are_the_forges_samples_counted_from_the_first(photo_folder: Path) -> None:
    config = ForgeConfig(engines={"telea": 1.0})
    forge = Forge(find_photographs(photo_folder), {"telea": load_engine("telea")}, config)

    whole, rest = ForgedCrops(forge, 64, 6), ForgedCrops(forge, 64, 3, first=3)

    for index in range(3):
        assert torch.equal(whole[3 + index][0], rest[index][0])
    images, masks = next(iter(make_loader(whole, 4, 0)))
    assert (images.shape, masks.shape) == ((4, 3, 64, 64), (4, 1, 64, 64))
    assert images.dtype == masks.dtype == torch.uint8


@pytest.mark.parametrize("workers", [0, 1])
def test_a_file_that_breaks_while_it_is_learned_from_is_named_by_a_worker_too(
    tmp_path: Path, workers: int
) -> None:
    pairs = read_pairs(save_pairs(tmp_path / "set", 1))
    whole = pairs[0].image.read_bytes()

    pairs[0].image.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageReadError) as cut:
        list(make_loader(PairCrops(pairs, 64, 2), 2, workers))
    Image.new("RGB", (50, 50)).save(pairs[0].image)
    with pytest.raises(SizeMismatch) as other:
        list(make_loader(PairCrops(pairs, 64, 2), 2, workers))

    assert cut.value.path == pairs[0].image
    assert str(cut.value).startswith(f"{pairs[0].image}: ")
    assert "Traceback" not in str(cut.value)
    assert other.value.path == pairs[0].mask
    assert "belongs to this picture" in other.value.cure


def test_pairs_match_by_stem_in_any_letter_case_and_their_crops_agree(tmp_path: Path) -> None:
    pairs = read_pairs(save_pairs(tmp_path / "set"))

    crops = PairCrops(pairs, 64, 12)

    assert [pair.image.stem for pair in pairs] == ["p0", "p1", "p2", "p3"]
    for image, mask in (crops[i] for i in range(12)):
        assert torch.equal(image[0] == 255, mask[0].bool())
    assert sum(bool(crops[i][1].any()) for i in range(12)) >= 8


def test_a_picture_smaller_than_the_crop_is_reflected() -> None:
    image = np.random.default_rng(0).integers(0, 255, (20, 90, 3), np.uint8)
    mask = image[..., 1] > 100

    piece, part = cut_piece(image, mask, 64, np.random.default_rng(0)).crop

    assert piece.shape == (64, 64, 3)
    assert np.array_equal(piece[..., 1] > 100, part)


def test_a_picture_without_a_mask_and_a_folder_of_another_kind_are_named(tmp_path: Path) -> None:
    folder = save_pairs(tmp_path / "set")
    (folder / "masks" / "P2.png").unlink()
    with pytest.raises(DataError, match=r"p2\.png"):
        read_pairs(folder)
    with pytest.raises(DataError, match="images/ and masks/"):
        read_pairs(tmp_path)


def test_a_mask_and_an_original_that_pictures_share_by_links_are_found_for_each(
    tmp_path: Path,
) -> None:
    folder = save_pairs(tmp_path / "set", 2)
    (folder / "masks" / "P1.png").unlink()
    (folder / "originals").mkdir()
    Image.fromarray(np.full((90, 120, 3), 90, np.uint8)).save(folder / "originals" / "p0.png")
    for part, name in (("masks", "P"), ("originals", "p")):
        (folder / part / f"{name}1.png").symlink_to(folder / part / f"{name}0.png")

    pairs = read_pairs(folder)

    assert [pair.mask and pair.mask.name for pair in pairs] == ["P0.png", "P1.png"]
    assert [pair.original and pair.original.name for pair in pairs] == ["p0.png", "p1.png"]


def test_the_networks_input_is_the_picture_between_0_and_1() -> None:
    batch = to_input(
        torch.tensor([[[[0, 255]], [[51, 0]], [[0, 0]]]], dtype=torch.uint8), torch.device("cpu")
    )

    assert batch.flatten().tolist() == pytest.approx([0, 1, 0.2, 0, 0, 0])


def test_a_crop_of_a_larger_picture_has_the_traces_that_it_has_in_that_picture(photo_folder: Path) -> None:
    config = ForgeConfig(engines={"telea": 1.0}, picture=160)
    forge = Forge(find_photographs(photo_folder), {"telea": load_engine("telea")}, config)
    crops = ForgedCrops(forge, 64, 12)

    sides = {len(crops.piece(number).image) for number in range(12)}
    for number in range(12):
        piece = crops.piece(number)
        image, mask, traces = WithTraces(crops)[number]
        whole = PictureTraces().of_picture(np.ascontiguousarray(piece.image))
        top, left = piece.top // 8, piece.left // 8

        assert torch.equal(traces, whole[:, top : top + 8, left : left + 8])
        assert torch.equal(image, to_tensors(*piece.crop)[0])
        assert (image.shape, mask.shape) == ((3, 64, 64), (1, 64, 64))
    assert len(sides) > 3
    assert max(sides) <= 160
