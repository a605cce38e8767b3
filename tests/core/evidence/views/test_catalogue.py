"""Each declared view tells its three lines, and one of the three states in words."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.views.catalogue import CATALOGUE, METADATA, TABLES
from irlnet_core.evidence.views.view import View
from irlnet_core.progress import finish


def photograph(width: int = 240, height: int = 160) -> np.ndarray:
    rng = np.random.default_rng(5)
    picture = cv2.resize(rng.integers(40, 220, (6, 6, 3), dtype=np.uint8), (width, height))
    return np.asarray(picture, np.uint8)


def jpeg_of(pixels: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=92)
    return data.getvalue()


def save_with_thumbnail(path: Path, pixels: np.ndarray, thumbnail: bytes | None) -> SuspectImage:
    """Write a JPEG whose EXIF holds ``thumbnail`` in its second directory."""
    exif = b""
    if thumbnail is not None:
        entries = [(0x0103, 3, 6), (0x0201, 4, 0), (0x0202, 4, len(thumbnail))]
        first = 8 + 2 + 4  # an empty first directory
        start = first + 2 + 12 * len(entries) + 4
        entries[1] = (0x0201, 4, start)
        body = b"II*\0" + (8).to_bytes(4, "little") + (0).to_bytes(2, "little") + first.to_bytes(4, "little")
        body += len(entries).to_bytes(2, "little")
        for tag, kind, value in entries:
            body += tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little")
            body += value.to_bytes(4, "little")
        exif = b"Exif\0\0" + body + (0).to_bytes(4, "little") + thumbnail
    Image.fromarray(pixels).save(path, "JPEG", quality=92, exif=exif)
    return read_image(path)


def make(name: str, image: SuspectImage) -> View:
    kind = next(kind for kind in CATALOGUE if kind.id == name)
    assert kind.make is not None
    return finish(kind.make(image))


def shrunk(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def test_every_view_has_its_three_lines_and_a_name_of_its_own() -> None:
    kinds = (*CATALOGUE, TABLES, METADATA)
    assert len({kind.id for kind in kinds}) == len(kinds)
    assert all(line.endswith(".") for kind in kinds for line in (kind.what, kind.look_for, kind.ignore))


def test_error_levels_of_a_png_are_not_run_and_say_why(tmp_path: Path) -> None:
    Image.fromarray(photograph()).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    view = make("error-level", image)
    assert view.state == "not run"
    assert "PNG" in view.reason
    assert not view.layers
    assert make("noise", image).state == "found"
    assert make("ghosts", image).state == "found"


def test_the_maps_of_a_jpeg_cover_the_picture(tmp_path: Path) -> None:
    image = save_with_thumbnail(tmp_path / "a.jpg", photograph(), None)
    assert make("error-level", image).layers[0].pixels.shape == (160, 240)
    ghosts = make("ghosts", image)
    assert [layer.pixels.shape for layer in ghosts.layers] == [(10, 15)] * 12
    assert ghosts.layers[0].label == "Quality 40"


def test_a_file_without_a_thumbnail_says_so(tmp_path: Path) -> None:
    view = make("thumbnail", save_with_thumbnail(tmp_path / "a.jpg", photograph(), None))
    assert view.state == "not found"


def test_a_thumbnail_of_the_picture_differs_little_and_one_of_another_scene_much(tmp_path: Path) -> None:
    pixels = photograph()
    changed = pixels.copy()
    changed[60:100, 100:160] = 255
    means = []
    for number, source in enumerate((pixels, changed)):
        image = save_with_thumbnail(tmp_path / f"{number}.jpg", pixels, jpeg_of(shrunk(source, 150, 100)))
        view = make("thumbnail", image)
        assert view.state == "found"
        assert view.parameters["compared"]
        means.append(view.parameters["mean"])
        difference = view.layers[0].pixels
    assert means[0] < 3 < means[1]
    assert difference[50, 80] > 200
    assert difference[20, 20] < 60


def test_black_bars_of_a_camera_are_cut_off_before_comparing(tmp_path: Path) -> None:
    pixels = photograph()
    framed = np.zeros((120, 160, 3), np.uint8)
    framed[7:113] = shrunk(pixels, 160, 106)
    view = make("thumbnail", save_with_thumbnail(tmp_path / "a.jpg", pixels, jpeg_of(framed)))
    assert view.parameters["compared"]
    assert "bars" in view.statement
    assert view.parameters["mean"] < 5


def test_a_thumbnail_of_another_shape_is_shown_but_not_compared(tmp_path: Path) -> None:
    pixels = photograph()
    view = make("thumbnail", save_with_thumbnail(tmp_path / "a.jpg", pixels, jpeg_of(photograph(90, 120))))
    assert view.state == "found"
    assert not view.parameters["compared"]
    assert view.layers[0].pixels.shape == (120, 90, 3)


@pytest.mark.parametrize("thumbnail", [b"\xff\xd8\xffbroken", b"no picture at all"])
def test_a_broken_thumbnail_is_not_run_and_not_taken_for_none(tmp_path: Path, thumbnail: bytes) -> None:
    view = make("thumbnail", save_with_thumbnail(tmp_path / "a.jpg", photograph(), thumbnail))
    assert view.state == "not run"
    assert "thumbnail" in view.reason
