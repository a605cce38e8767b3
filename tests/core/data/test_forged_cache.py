"""Forged pictures kept on disk: made once, cut anew each time, the same for every process that reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from irlnet_core.config import ForgeConfig
from irlnet_core.data.dataset import as_learned
from irlnet_core.data.forged_cache import KEPT_NOTE, CachedCrops, bind_folder, find_kept
from irlnet_core.data.photographs import find_photographs
from irlnet_core.errors import DataError
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.model.traces import CHANNELS


@pytest.fixture
def make_crops(photo_folder: Path, tmp_path: Path) -> Callable[..., CachedCrops]:
    config = ForgeConfig(engines={"telea": 1.0}, pristine=0.0, postprocess=0.0, picture=160)
    forge = Forge(find_photographs(photo_folder), {"telea": load_engine("telea")}, config, seed=3)

    def make(first: int = 0, pictures: int = 2) -> CachedCrops:
        return CachedCrops(forge, tmp_path / "forged", pictures, 64, 20, first)

    return make


def test_each_picture_is_forged_once_and_read_back_the_same(
    make_crops: Callable[..., CachedCrops], tmp_path: Path
) -> None:
    crops = make_crops()
    made = [crops.picture(number) for number in (0, 1)]

    for index in range(6):
        assert all(torch.isfinite(part.float()).all() for part in as_learned(crops, traces=True)[index])

    assert sorted(path.name for path in (tmp_path / "forged").iterdir()) == ["000000.npz", "000001.npz"]
    for number, (image, mask, traces) in enumerate(made):
        kept_image, kept_mask, kept_traces = crops.picture(number)
        assert np.array_equal(kept_image, image)
        assert np.array_equal(kept_mask, mask)
        assert np.array_equal(kept_traces, traces)


def test_another_process_that_starts_later_gets_the_same_crop(make_crops: Callable[..., CachedCrops]) -> None:
    early, late = make_crops(), make_crops(first=4)

    items = (as_learned(early, traces=True)[5], as_learned(late, traces=True)[1])
    for one, other in zip(*items, strict=True):
        assert torch.equal(one, other)


def test_a_picture_that_comes_round_again_is_cut_elsewhere(make_crops: Callable[..., CachedCrops]) -> None:
    crops = make_crops(pictures=6)

    pieces = [crops.piece(index) for index in range(20)]

    assert any(piece.image.shape[0] > 64 for piece in pieces)
    assert len({(piece.mask.tobytes(), piece.top, piece.left) for piece in pieces}) > 6


def test_the_traces_are_those_of_the_place_that_was_cut(make_crops: Callable[..., CachedCrops]) -> None:
    crops = make_crops(pictures=1)
    for index in range(8):  # whatever the turn: a turn moves numbers, and makes none
        image, mask, traces = as_learned(crops, traces=True)[index]
        piece, kept = crops.piece(index), crops.picture(0)[2]
        top, left = piece.top // 8, piece.left // 8
        part = kept[:, top : top + 8, left : left + 8].astype(np.float32)

        assert image.shape == (3, 64, 64)
        assert mask.shape == (1, 64, 64)
        assert traces.shape == (CHANNELS, 8, 8)
        assert np.allclose(np.sort(traces.flatten(1).numpy()), np.sort(part.reshape(CHANNELS, -1)))
        assert int(mask.sum()) == int(piece.crop[1].sum())


def test_a_network_without_a_trace_stream_gets_pictures_and_masks_alone(
    make_crops: Callable[..., CachedCrops],
) -> None:
    crops = make_crops()

    for one, other in zip(
        as_learned(crops, traces=False)[3], as_learned(crops, traces=True)[3][:2], strict=True
    ):
        assert torch.equal(one, other)


def test_a_folder_is_shared_by_one_forge_alone(photo_folder: Path, tmp_path: Path) -> None:
    photographs, engines = find_photographs(photo_folder), {"telea": load_engine("telea")}
    config = ForgeConfig(engines={"telea": 1.0})
    bind_folder(tmp_path / "forged", Forge(photographs, engines, config, seed=3), 64)

    bind_folder(tmp_path / "forged", Forge(photographs, engines, config, seed=3), 64)
    others = (
        (Forge(photographs, engines, config, seed=4), 64),
        (Forge(photographs[1:], engines, config, seed=3), 64),
        (Forge(photographs, engines, replace(config, pristine=0.5), seed=3), 64),
        (Forge(photographs, engines, config, seed=3), 128),
    )
    for forge, size in others:
        with pytest.raises(DataError, match="another forge"):
            bind_folder(tmp_path / "forged", forge, size)


def test_a_folder_with_other_files_is_not_taken(photo_folder: Path) -> None:
    forge = Forge(
        find_photographs(photo_folder), {"telea": load_engine("telea")}, ForgeConfig({"telea": 1.0})
    )

    with pytest.raises(DataError, match="holds files"):
        bind_folder(photo_folder, forge, 64)


def test_what_another_forge_keeps_is_learned_from_as_well(photo_folder: Path, tmp_path: Path) -> None:
    photographs, engines = find_photographs(photo_folder), {"telea": load_engine("telea")}
    config = ForgeConfig(engines={"telea": 1.0}, pristine=0.0, postprocess=0.0)
    forge, other = (Forge(photographs, engines, config, seed=seed) for seed in (3, 4))
    bind_folder(tmp_path / "other", other, 64)
    kept_there = CachedCrops(other, tmp_path / "other", 2, 64, 20)
    there = [kept_there.picture(number)[0].tobytes() for number in (0, 1)]

    paths, note = find_kept(tmp_path / "other", forge, 64)
    crops = CachedCrops(forge, tmp_path / "forged", 2, 64, 20, others=paths)
    came = [crops.piece(index).image.tobytes() for index in range(4)]

    assert note["pictures"] == 2
    assert note["seed"] == 4
    assert len(set(came)) == 4
    assert set(there) < set(came)
    with pytest.raises(DataError, match="other photographs"):
        find_kept(tmp_path / "other", Forge(photographs[1:], engines, config), 64)
    with pytest.raises(DataError, match="note of a forge"):
        find_kept(photo_folder, forge, 64)
    note_file = tmp_path / "other" / KEPT_NOTE
    note_file.write_text(note_file.read_text().replace(f'"traces": {CHANNELS}', '"traces": 593'))
    with pytest.raises(DataError, match="other traces"):
        find_kept(tmp_path / "other", forge, 64)


def test_kept_pictures_that_are_smaller_than_the_crop_are_left_out(
    make_crops: Callable[..., CachedCrops], tmp_path: Path
) -> None:
    crops = make_crops(pictures=12)
    bind_folder(tmp_path / "forged", crops.forge, 64)
    sides = [len(crops.picture(number)[1]) for number in range(12)]
    assert min(sides) < 100 <= max(sides), "the pictures do not differ enough to tell"

    paths, note = find_kept(tmp_path / "forged", crops.forge, 100)

    assert [int(path.stem) for path in paths] == [number for number in range(12) if sides[number] >= 100]
    assert note["pictures"] == len(paths)
    with pytest.raises(DataError, match="of 200 pixels or more"):
        find_kept(tmp_path / "forged", crops.forge, 200)


def test_a_picture_that_is_gone_from_another_forges_folder_is_named_and_not_made_there(
    make_crops: Callable[..., CachedCrops], tmp_path: Path
) -> None:
    crops = make_crops()
    (tmp_path / "other").mkdir()
    gone = tmp_path / "other" / "000000.npz"

    with pytest.raises(DataError, match=r"other.000000\.npz: is not there any more\. Put it back"):
        replace(crops, others=(gone,)).picture(2)

    assert not gone.exists()


def test_half_written_files_of_a_folder_are_no_pictures_and_do_not_close_it_to_its_forge(
    make_crops: Callable[..., CachedCrops], tmp_path: Path
) -> None:
    crops, folder = make_crops(), tmp_path / "forged"
    folder.mkdir()
    (folder / ".tmp-note.json").write_text('{"forge"')
    bind_folder(folder, crops.forge, 64)
    crops.picture(0)
    whole = (folder / "000000.npz").read_bytes()
    for number, size in enumerate((0, 100, len(whole))):
        (folder / f".tmp-{number}.npz").write_bytes(whole[:size])

    paths, note = find_kept(folder, crops.forge, 64)

    assert paths == (folder / "000000.npz",)
    assert note["pictures"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-30],
        lambda whole: b"no archive",
        lambda whole: whole[whole.index(b"\x93NUMPY") :].partition(b"PK")[0],
        lambda whole: whole.replace(b"mask.npy", b"task.npy"),
        lambda whole: whole[:200] + b"\xff" * 60 + whole[260:],
    ],
    ids=["empty", "cut", "foreign", "an array", "without a mask", "altered"],
)
def test_a_damaged_picture_is_named_with_its_cure(
    make_crops: Callable[..., CachedCrops], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    crops = make_crops()
    bind_folder(tmp_path / "forged", crops.forge, 64)
    crops.picture(0)
    path = tmp_path / "forged" / "000000.npz"
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(DataError, match=r"000000\.npz: cannot be read as a kept picture .*Delete it"):
        crops.picture(0)
    path.unlink()
    crops.picture(0)


@pytest.mark.parametrize("text", ["", '{"seed": 3', "[]", '{"seed": 3}', "\udcff"])
def test_a_damaged_note_is_named_with_its_cure(
    make_crops: Callable[..., CachedCrops], tmp_path: Path, text: str
) -> None:
    crops, folder = make_crops(), tmp_path / "forged"
    bind_folder(folder, crops.forge, 64)
    crops.picture(0)
    (folder / KEPT_NOTE).write_bytes(text.encode("utf-8", "surrogateescape"))

    for read in (find_kept, bind_folder):
        with pytest.raises(DataError, match=r"forge\.json: .*Fill another folder"):
            read(folder, crops.forge, 64)
