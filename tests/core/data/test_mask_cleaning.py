"""Masks as people save them become True and False; what had to be decided is told."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from irlnet_core.data.mask_cleaning import clean_mask, difference_mask, turn_back, turn_upright
from irlnet_core.errors import DataError
from irlnet_core.evidence.image import mask_levels
from tests.core.data.trees import BOX, make_mask, make_picture

TRUTH = make_mask() > 0


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> tuple[np.ndarray, int]:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return mask_levels(data.getvalue())


def palette(colour: tuple[int, int, int]) -> Image.Image:
    image = Image.fromarray(make_mask(1)).convert("P")
    image.putpalette([0, 0, 0, *colour, *[0] * 762])
    return image


ODDITIES = {
    "0/255": Image.fromarray(make_mask()),
    "0/1": Image.fromarray(make_mask(1)),
    "dark grey": Image.fromarray(make_mask(40)),
    "one bit": Image.fromarray(make_mask()).convert("1"),
    "colour": Image.fromarray(np.dstack([make_mask(), make_mask(0), make_mask(0)])),
    "palette": palette((128, 0, 0)),
    "dark palette": palette((0, 0, 60)),
    "16 bit 0/1": Image.fromarray(make_mask(1).astype(np.uint16)),
    "16 bit 0/65535": Image.fromarray(make_mask(1).astype(np.uint16) * 65535),
    "white with alpha": Image.fromarray(np.dstack([make_mask()] * 3 + [np.full((64, 80), 255, np.uint8)])),
}


@pytest.mark.parametrize("image", ODDITIES.values(), ids=ODDITIES.keys())
def test_the_higher_of_two_values_is_marked(image: Image.Image) -> None:
    assert np.array_equal(clean_mask(*saved(image)).mask, TRUTH)


def test_soft_edges_of_a_jpeg_are_cut_at_half() -> None:
    clean = clean_mask(*saved(Image.fromarray(make_mask()), "JPEG", quality=50))

    assert clean.levels == "soft edges"
    assert (clean.mask != TRUTH).mean() < 0.005


def test_the_middle_of_three_levels_is_told() -> None:
    levels = make_mask()
    levels[30:34, 20:50] = 100

    clean = clean_mask(levels, 255)

    assert np.array_equal(clean.mask, TRUTH)
    assert clean.levels == "three levels"
    assert "0, 100, 255" in clean.notes[0]


def test_numbered_objects_and_classes_are_all_marked() -> None:
    levels = make_mask(2)
    levels[40:50, 60:70] = 1

    clean = clean_mask(levels, 255)

    assert np.array_equal(clean.mask, levels > 0)
    assert clean.levels == "classes 0 to 2"


def test_a_dim_soft_mask_is_cut_at_half_of_its_own_range() -> None:
    levels = cv2.GaussianBlur(make_mask(100), (0, 0), 1).astype(np.uint8)
    levels[0, 0] = 1
    levels[levels % 3 == 0] = 0

    clean = clean_mask(levels, 255)

    assert np.array_equal(clean.mask, levels > levels.max() // 2)
    assert clean.mask[BOX].any()


def test_a_photograph_is_no_mask() -> None:
    with pytest.raises(DataError, match="photograph"):
        clean_mask(make_picture(3).max(axis=2), 255)


@pytest.mark.parametrize("white", [0, 1, 7, 255])
def test_one_single_value_marks_nothing_or_all(white: int) -> None:
    clean = clean_mask(np.full((64, 80), white, np.uint8), 255)

    assert clean.mask.mean() == (white > 0)
    assert clean.levels == f"one value, {white}"


@given(st.integers(0, 254), st.integers(1, 255), st.integers(0, 2**32 - 1))
def test_white_is_never_unmarked_where_black_is_marked(low: int, step: int, seed: int) -> None:
    values = np.array([low, min(low + step, 255)], np.uint8)
    levels = values[np.random.default_rng(seed).integers(0, 2, (9, 9))]

    mask = clean_mask(levels, 255).mask

    if mask.any() and not mask.all():
        assert levels[mask].min() > levels[~mask].max()


def test_lossless_twins_differ_exactly_where_they_were_changed() -> None:
    original, changed = make_picture(1), make_picture(1).copy()
    changed[BOX] = make_picture(2)[BOX]

    clean = difference_mask(changed, original)

    assert (clean.mask != TRUTH).mean() < 0.002
    assert "derived" in clean.notes[0]


def test_recompression_alone_is_no_difference_and_a_change_is_still_found() -> None:
    def recompress(pixels: np.ndarray) -> np.ndarray:
        coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        return np.asarray(cv2.imdecode(coded, 1))

    original, changed = make_picture(1), make_picture(1).copy()
    changed[BOX] = make_picture(2)[BOX]

    assert difference_mask(recompress(original), original).mask.mean() < 0.01
    found = difference_mask(recompress(changed), original)
    assert (found.mask & TRUTH).sum() / (found.mask | TRUTH).sum() > 0.6
    assert "coarse" in found.notes[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_mask_is_turned_as_viewers_turn_pictures_and_back(orientation: int) -> None:
    mask = np.random.default_rng(0).random((5, 8)) > 0.5
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Pillow's numbers, from its ImageOps.exif_transpose
    image = Image.fromarray(mask)
    upright = image.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else image

    assert np.array_equal(turn_upright(mask, orientation), np.asarray(upright))
    assert np.array_equal(turn_back(turn_upright(mask, orientation), orientation), mask)
