"""Photographs and smooth surfaces kept as clean pictures, as a training reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from irlnet_core.config import ForgeConfig
from irlnet_core.data.forged_cache import find_kept, read_kept
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.training.sources import split_photographs
from tests.core.conftest import save_photographs
from tests.core.packaging_scripts import load_script


def test_a_training_of_the_same_photographs_reads_smooth_ones_as_clean(
    photo_folder: Path, tmp_path: Path
) -> None:
    load_script("keep_smooth").main(photo_folder, tmp_path / "smooth", 1, 3)

    learned, _ = split_photographs(photo_folder)
    forge = Forge(learned, {"telea": load_engine("telea")}, ForgeConfig(engines={"telea": 1.0}))
    (path,), note = find_kept(tmp_path / "smooth", forge, 512)
    image, mask, traces = read_kept(path, "image", "mask", "traces")
    assert image.shape[:2] == mask.shape == (8 * traces.shape[1], 8 * traces.shape[2])
    assert not mask.any()
    assert note["smooth_by_seed"] == 3


@pytest.mark.parametrize("seed", range(4))
def test_half_of_a_picture_or_more_changes_by_a_level_a_pixel_at_most(seed: int) -> None:
    photograph = np.random.default_rng(9).integers(0, 256, (300, 400, 3), np.uint8)  # changes by 60 and more

    smooth = load_script("keep_smooth").make_smooth(photograph, np.random.default_rng(seed))

    assert np.median(np.abs(np.diff(smooth.astype(int), axis=0))) <= 1
    assert np.ptp(smooth) > 20  # yet it is not one even colour


def test_reduced_photographs_are_kept_where_enough_is_left(tmp_path: Path) -> None:
    photos, new = save_photographs(tmp_path / "photos", 5, side=640), tmp_path / "reduced"
    save_photographs(tmp_path / "small", 1, side=540)
    (tmp_path / "small" / "scene0.jpg").rename(photos / "small.jpg")

    load_script("keep_clean").main(photos, new, 5, reduced=True)

    kept = [read_kept(path, "image", "mask") for path in sorted(new.glob("*.npz"))]
    assert 0 < len(kept) < 6
    assert all(512 <= image.shape[0] <= 0.86 * 640 and not mask.any() for image, mask in kept)
