"""The first look at a large JPEG shows the same picture, only smaller; all else is the real reader's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from irlnet_core.evidence.preview import read_preview
from tests.core.evidence.conftest import PhotoAt


def test_a_large_jpeg_is_shown_smaller_but_not_below_the_side(tmp_path: Path, photo_at: PhotoAt) -> None:
    path = photo_at(tmp_path / "a.jpg", size=(1200, 900))
    preview = read_preview(path, side=256)
    assert preview is not None
    assert (preview.width, preview.height, preview.path) == (1200, 900, path)
    assert preview.pixels.shape == (225, 300, 3)
    small = Image.open(path).convert("RGB").resize((300, 225), Image.Resampling.BOX)
    assert np.abs(preview.pixels.astype(int) - np.asarray(small)).mean() < 6


def test_other_types_small_pictures_and_broken_files_have_none(tmp_path: Path, photo_at: PhotoAt) -> None:
    assert read_preview(photo_at(tmp_path / "a.png", size=(1200, 900)), side=256) is None
    assert read_preview(photo_at(tmp_path / "b.jpg", size=(500, 400)), side=256) is None
    assert read_preview(photo_at(tmp_path / "c.jpg", size=(1200, 900)), side=256, max_pixels=100) is None
    assert read_preview(tmp_path / "missing.jpg") is None
    cut = photo_at(tmp_path / "d.jpg", size=(1200, 900))
    cut.write_bytes(cut.read_bytes()[:2000])
    assert read_preview(cut, side=256) is None


def test_a_preview_knows_which_way_the_picture_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (640, 480)).save(tmp_path / "turned.jpg", exif=exif)
    Image.new("RGB", (640, 480)).save(tmp_path / "plain.jpg")
    turned, plain = (read_preview(tmp_path / name, side=160) for name in ("turned.jpg", "plain.jpg"))

    assert turned is not None
    assert (turned.orientation, turned.width, turned.height) == (6, 640, 480)
    assert plain is not None
    assert plain.orientation is None
