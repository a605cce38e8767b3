"""A JPEG's own history: read from the file, and given to other pixels on the same block grid."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as PillowImage

from irlnet_core.forge.jpeg import JpegHistory, read_history, recompress

Image = NDArray[np.uint8]


def _photograph(height: int = 112, width: int = 128) -> Image:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.5).astype(np.float32)
    return np.asarray(np.clip((soft - 128) * 4 + 128, 0, 255), np.uint8)


def _jpeg(image: Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def _decode(data: bytes) -> Image:
    return np.asarray(PillowImage.open(io.BytesIO(data)).convert("RGB"))


def _history(data: bytes) -> JpegHistory:
    history = read_history(data)
    assert history is not None
    return history


def _gap(first: Image, second: Image) -> float:
    """Mean difference in the middle, where no block reaches over the border."""
    middle = np.s_[16:-16, 16:-16]
    return float(np.abs(first[middle].astype(int) - second[middle]).mean())


def test_tables_come_row_by_row_one_for_each_colour() -> None:
    luminance, blue, red = _history(_jpeg(_photograph(), quality=50)).tables
    assert luminance[:8] == (16, 11, 10, 16, 24, 40, 51, 61)  # ISO/IEC 10918-1, table K.1, first row
    assert blue == red
    assert blue[:4] == (17, 18, 24, 47)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_tables_and_subsampling_survive_a_round_trip_through_a_file(subsampling: int) -> None:
    tables = tuple(tuple(range(first, first + 64)) for first in (1, 20, 60))
    data = _jpeg(_photograph(), qtables=[list(table) for table in tables], subsampling=subsampling)
    assert _history(data) == JpegHistory(tables, subsampling)


def test_without_history_there_is_none() -> None:
    image = _photograph()
    png = io.BytesIO()
    PillowImage.fromarray(image).save(png, "PNG")
    assert read_history(png.getvalue()) is None
    assert read_history(b"no picture") is None
    assert read_history(_jpeg(image[..., 0])) is None
    assert read_history(_jpeg(image, keep_rgb=True)) is None


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_on_the_whole_picture_it_is_the_codec_itself(subsampling: int) -> None:
    image = _photograph()
    data = _jpeg(image, quality=70, subsampling=subsampling)
    np.testing.assert_array_equal(recompress(image, _history(data)), _decode(data))


@pytest.mark.parametrize(("row", "column"), [(5, 0), (0, 3), (13, 22), (40, 9)])
def test_a_crop_recompressed_at_its_own_phase_hardly_changes_and_at_another_it_does(
    row: int, column: int
) -> None:
    data = _jpeg(_photograph(), quality=60, subsampling=0)
    crop = _decode(data)[row : row + 64, column : column + 64]
    own = _gap(crop, recompress(crop, _history(data), (row, column)))
    other = _gap(crop, recompress(crop, _history(data), (row + 4, column + 4)))
    assert own < 0.25 * other


def test_a_forged_crop_gets_the_same_pixels_as_the_whole_file_would_have_given_it() -> None:
    image = _photograph()
    data = _jpeg(image, quality=60, subsampling=2)
    crop = recompress(image[21:101, 10:90], _history(data), (21, 10))
    assert _gap(crop, _decode(data)[21:101, 10:90]) == 0


@given(height=st.integers(1, 40), width=st.integers(1, 40), row=st.integers(0, 99), column=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_size_and_phase_keep_the_size(height: int, width: int, row: int, column: int) -> None:
    history = JpegHistory(((8,) * 64, (9,) * 64), 2)
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    result = recompress(image, history, (row, column))
    assert result.shape == image.shape
    assert result.dtype == np.uint8
