from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irlgui.models.thumbnail_reader import decode, encode, read_thumbnail
from irlnet_core.errors import ImageReadError


def quarters(width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture whose upper left quarter is red and whose lower right one is blue."""
    pixels = np.full((height, width, 3), 200, np.uint8)
    pixels[: height // 2, : width // 2] = (220, 20, 20)
    pixels[height // 2 :, width // 2 :] = (20, 20, 220)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.bmp", "a.gif", "a.avif"])
def test_every_type_gets_a_thumbnail(tmp_path: Path, name: str) -> None:
    quarters().save(tmp_path / name)
    small = read_thumbnail(tmp_path / name, 64)

    assert (small.mode, small.size) == ("RGB", (64, 48))
    red, _, blue = small.getpixel((8, 8))  # type: ignore[misc]
    assert red > 180
    assert blue < 60


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_a_turned_picture_is_shown_upright(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[274] = 6  # a quarter turn to the right puts the upper left corner to the upper right
    quarters().save(tmp_path / name, exif=exif)
    small = read_thumbnail(tmp_path / name, 64)

    assert small.size == (48, 64)
    assert small.getpixel((40, 8))[0] > 180  # type: ignore[index]
    assert small.getpixel((8, 8))[1] > 150  # type: ignore[index]


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA", "1", "I;16"])
def test_every_colour_model_gets_a_thumbnail(tmp_path: Path, mode: str) -> None:
    picture = quarters().convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    place = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    picture.save(place)

    assert read_thumbnail(place, 32).mode == "RGB"


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    quarters(20, 10).save(tmp_path / "a.png")

    assert read_thumbnail(tmp_path / "a.png", 256).size == (20, 10)


def test_a_broken_file_says_why(tmp_path: Path) -> None:
    quarters().save(tmp_path / "whole.jpg")
    data = (tmp_path / "whole.jpg").read_bytes()
    files = {
        "empty.jpg": (b"", "empty"),
        "text.jpg": (b"hello", "not a picture"),
        "cut.jpg": (data[: len(data) // 2], "cut short"),
        "cut_with_end.jpg": (data[: len(data) // 2] + b"\xff\xd9", "cut short|decoded"),
    }
    for name, (content, reason) in files.items():
        (tmp_path / name).write_bytes(content)
        if name == "cut_with_end.jpg":
            continue  # a decoder may fill it in; the analysis decides
        with pytest.raises(ImageReadError, match=reason):
            read_thumbnail(tmp_path / name, 64)
    with pytest.raises(ImageReadError, match="No such file"):
        read_thumbnail(tmp_path / "missing.jpg", 64)
    with pytest.raises(ImageReadError):
        read_thumbnail(tmp_path, 64)


def test_a_thumbnail_survives_its_way_through_the_cache() -> None:
    small = quarters(64, 48)
    back = decode(encode(small))

    assert back.size == small.size
    assert np.abs(np.asarray(back, int) - np.asarray(small, int)).mean() < 5
    with pytest.raises(OSError, match="cannot identify"):
        decode(b"garbage")
