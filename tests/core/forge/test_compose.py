"""A forged sample: the original outside the hole to the bit, the same from the same seed, history handled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from irlnet_core.config import ForgeConfig
from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.errors import ConfigError, DataError
from irlnet_core.forge.compose import Forge, Host, compose
from irlnet_core.forge.engine import Image, Mask, load_engine
from irlnet_core.forge.jpeg import history_of_quality, recompress
from irlnet_core.model.grid_votes import count_zeros

PLAIN = ForgeConfig(engines={"retouch": 1.0, "telea": 0.5, "random-generator": 1.0}, postprocess=0.0)


def make_forge(folder: Path, config: ForgeConfig = PLAIN, seed: int = 5) -> Forge:
    return Forge(find_photographs(folder), {n: load_engine(n) for n in config.engines}, config, seed=seed)


def test_outside_the_mask_every_pixel_is_the_originals(photo_folder: Path) -> None:
    forge = make_forge(photo_folder)

    samples = [forge.make(index, 96) for index in range(40)]

    assert {sample.history for sample in samples} >= {"kept", "matched", "reduced"}
    for sample in samples:
        assert np.array_equal(sample.image[~sample.mask], sample.original[~sample.mask])
    changed = [s for s in samples if s.mask.any() and (s.image != s.original).any()]
    assert len(changed) > 20


def test_a_sample_depends_on_the_seed_and_its_number_only(photo_folder: Path) -> None:
    config = replace(PLAIN, postprocess=1.0)
    one, two = make_forge(photo_folder, config), make_forge(photo_folder, config)

    two.make(3, 64)  # another order of asking
    again, first = two.make(7, 64), one.make(7, 64)

    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.mask, again.mask)
    assert not np.array_equal(first.image, one.make(8, 64).image)
    assert not np.array_equal(first.image, make_forge(photo_folder, config, seed=6).make(7, 64).image)


def test_the_share_of_pristine_samples_is_the_recipes_and_they_may_be_processed(photo_folder: Path) -> None:
    forge = make_forge(photo_folder, replace(PLAIN, pristine=1.0, processed_pristine=0.5))

    samples = [forge.make(index, 64) for index in range(24)]

    assert not any(sample.mask.any() for sample in samples)
    assert {"none", "processing"} <= {sample.engine for sample in samples}


def test_finished_samples_keep_their_size_and_name_what_was_done(photo_folder: Path) -> None:
    forge = make_forge(photo_folder, replace(PLAIN, postprocess=1.0))

    samples = [forge.make(index, 80) for index in range(16)]

    assert {sample.image.shape for sample in samples} == {(80, 80, 3)}
    assert {sample.mask.shape for sample in samples} == {(80, 80)}
    assert all("recoded or filtered" in sample.finish for sample in samples)
    assert any("resize" in sample.finish for sample in samples)


def test_an_engine_that_must_not_look_gets_no_answer_from_the_hole(photo_folder: Path) -> None:
    """With reconstruct off, what stood in the hole has no influence on the fill."""
    picture = make_forge(photo_folder).make(2, 96).original
    mask = np.zeros((96, 96), bool)
    mask[30:60, 40:96] = True
    other = picture.copy()
    other[mask] = 255 - other[mask]

    for name in ("telea", "navier-stokes", "exemplar", "retouch", "random-generator"):
        one, two = (
            load_engine(name).fill(view, mask, np.random.default_rng(0), reconstruct=False)[mask]
            for view in (picture, other)
        )
        assert np.array_equal(one, two), name


def test_matched_fills_carry_the_photographs_own_jpeg_blocks(photo_folder: Path) -> None:
    """Recompressing the forgery with the same tables changes a matched fill less than an unmatched one."""
    from irlnet_core.data.photographs import read_photograph
    from irlnet_core.forge.jpeg import recompress

    photo = find_photographs(photo_folder)[0]
    pixels, history = read_photograph(photo.path)
    assert history is not None
    fill = np.random.default_rng(0).integers(0, 255, pixels.shape, np.uint8)
    mask = np.zeros(pixels.shape[:2], bool)
    mask[40:120, 40:120] = True
    matched = compose(pixels, recompress(compose(pixels, fill, mask), history), mask)
    raw = compose(pixels, fill, mask)

    inner = np.s_[48:112, 48:112]
    moved = [np.abs(recompress(x, history)[inner].astype(int) - x[inner]).mean() for x in (matched, raw)]

    assert moved[0] < 0.5 * moved[1]


def test_coded_hosts_have_a_jpeg_history_that_a_third_of_the_fills_share(photo_folder: Path) -> None:
    forge = make_forge(photo_folder, replace(PLAIN, host_jpeg=1.0, pristine=0.0))

    samples = [forge.make(index, 64) for index in range(24)]

    matched = sum(sample.history == "coded, matched" for sample in samples)
    assert {sample.history for sample in samples} == {"coded", "coded, matched"}
    assert 2 <= matched <= 14
    for sample in samples:
        assert np.array_equal(sample.image[~sample.mask], sample.original[~sample.mask])


def test_compose_takes_the_fill_inside_only() -> None:
    rng = np.random.default_rng(0)
    original, filled = (rng.integers(0, 255, (9, 9, 3), np.uint8) for _ in range(2))
    mask = rng.random((9, 9)) > 0.5

    forged = compose(original, filled, mask)

    assert np.array_equal(forged[mask], filled[mask])
    assert np.array_equal(forged[~mask], original[~mask])


def test_a_missing_engine_an_unknown_engine_and_no_photographs_are_named(photo_folder: Path) -> None:
    with pytest.raises(DataError, match="telea"):
        Forge(find_photographs(photo_folder), {}, ForgeConfig(engines={"telea": 1.0}))
    with pytest.raises(ConfigError, match="random-generator"):
        load_engine("no-such-engine")
    with pytest.raises(DataError, match="no photographs"):
        Forge([], {}, ForgeConfig(engines={"telea": 1.0}))


class Blackout:
    """A fake engine that paints the hole black."""

    name = "blackout"

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        return np.zeros_like(image)


def test_a_photograph_smaller_than_the_crop_is_enlarged_and_said_so(photo_folder: Path) -> None:
    photos = [Photograph(p.path, p.group) for p in find_photographs(photo_folder)]
    config = ForgeConfig(engines={"blackout": 1.0}, pristine=0.0, postprocess=0.0)

    sample = Forge(photos, {"blackout": Blackout()}, config).make(0, 256)

    assert sample.history == "enlarged"
    assert (sample.image[sample.mask] == 0).all()


def test_a_fill_that_was_coded_has_the_most_zeros_on_a_grid_of_8_pixels(photo_folder: Path) -> None:
    config = replace(PLAIN, engines={"telea": 1.0}, pristine=0.0, history=(1.0, 0.0, 0.0), hole_min=0.3)

    def rhythm(share: float) -> float:
        forge = make_forge(photo_folder, replace(config, fill_jpeg=share))
        samples = [forge.make(index, 96) for index in range(6)]
        assert all(np.array_equal(s.image[~s.mask], s.original[~s.mask]) for s in samples)
        votes = [count_zeros(s.image)[0] * s.mask for s in samples]
        return float(np.mean([np.ptp(vote.reshape(12, 8, 12, 8).mean((0, 2))) for vote in votes]))

    assert rhythm(1.0) > 1.5 * rhythm(0.0)


def test_with_surroundings_the_hole_is_in_a_larger_picture_that_is_the_originals_elsewhere(
    photo_folder: Path,
) -> None:
    config = replace(PLAIN, engines={"telea": 1.0}, pristine=0.0, picture=160, postprocess=0.0)
    forge = make_forge(photo_folder, config)

    samples = [forge.make(index, 64) for index in range(24)]

    sides = [len(sample.image) for sample in samples]
    assert min(sides) >= 64
    assert 64 < max(sides) <= 160
    for sample in samples:
        assert np.array_equal(sample.image[~sample.mask], sample.original[~sample.mask])
        assert sample.mask.any()


def test_a_matched_fill_in_its_surroundings_is_coded_on_the_hosts_grid(photo_folder: Path) -> None:
    config = replace(PLAIN, engines={"random-generator": 1.0}, hole_min=0.35, picture=160)
    forge, rng = make_forge(photo_folder, config), np.random.default_rng(0)
    tables, phase = history_of_quality(70, 0), (3, 5)
    noise = rng.normal(0, 25, (160, 160, 3)) + np.linspace(60, 190, 160)[:, None]
    pixels = recompress(np.clip(noise, 0, 255).astype(np.uint8), tables, phase)

    def change(image: Image, mask: Mask, at: tuple[int, int]) -> float:
        again = recompress(image, tables, at)
        return float(np.abs(again[mask].astype(int) - image[mask]).mean())

    for _ in range(4):
        image, mask, _ = forge._forge(Host(pixels, tables, phase, "matched"), 64, rng)
        deep = cv2.erode(mask.astype(np.uint8), np.ones((9, 9))).astype(bool)

        assert change(image, deep, phase) < 0.5 * change(image, deep, (phase[0] + 4, phase[1] + 2))
