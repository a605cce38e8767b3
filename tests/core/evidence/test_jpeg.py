from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from irlnet_core.evidence.decode import pixels_of
from irlnet_core.evidence.jpeg import estimate_quality, find_end, name_subsampling


def jpeg_of(quality: int, **options: object) -> bytes:
    target = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(target, "JPEG", quality=quality, **options)
    return target.getvalue()


@pytest.mark.parametrize("quality", [1, 25, 50, 75, 90, 95, 100])
def test_the_quality_of_libjpeg_is_recognised_from_its_tables(quality: int) -> None:
    picture = JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg_of(quality)))
    tables = [list(picture.quantization[n]) for n in (0, 1)]
    assert estimate_quality(tables) == (quality, True)
    tables[0][5] += 1
    nearest, equal = estimate_quality(tables)
    assert abs(nearest - quality) <= 1
    assert not equal


@pytest.mark.parametrize(("code", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_subsampling_has_its_usual_name(code: int, name: str) -> None:
    picture = JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg_of(90, subsampling=code)))
    assert name_subsampling(picture.layer) == name


def test_the_end_is_found_behind_thumbnails_scans_and_restarts() -> None:
    for options in (
        {},
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"exif": b"Exif\0\0" + jpeg_of(30)},
    ):
        data = jpeg_of(80, **options)
        assert find_end(data) == len(data)
        assert find_end(data + b"\xff\xd9 more") == len(data)
        assert find_end(data[:-2]) is None
        assert find_end(data[: len(data) // 2]) is None


@pytest.mark.parametrize("filler", [b"\0\0\0", b"\x12\x34", b"\xff\x00", b"\xff\xff"])
@pytest.mark.parametrize("marker", [b"\xff\xdb", b"\xff\xc4", b"\xff\xda"])
def test_bytes_between_two_segments_that_decoders_pass_over_do_not_make_a_file_a_cut_one(
    marker: bytes, filler: bytes
) -> None:
    data = jpeg_of(80)
    place = data.index(marker)
    filled = data[:place] + filler + data[place:]
    assert find_end(filled) == len(filled)
    assert find_end(filled[:-2]) is None
    np.testing.assert_array_equal(pixels_of(filled)[0], pixels_of(data)[0])
