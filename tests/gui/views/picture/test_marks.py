from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from irlgui.views.picture.camera import Camera
from irlgui.views.picture.frame import FrameMaker, Look
from irlgui.views.picture.marks import least_index
from irlgui.views.picture.pyramid import build_map, flat_picture
from irlgui.views.picture.side import Response, Side
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.localization import Localization, find_cut
from irlnet_core.evidence.overlay import Brush, Mode, Palette
from irlnet_core.progress import finish


def on_screen(side: Side, look: Look) -> np.ndarray:
    """Return a whole picture at 100 % as the screen shows it, painted by Qt."""
    width, height = side.picture.width, side.picture.height
    camera, turn, maker = (
        Camera(width, height, width, height).at(0, 0, 1.0),
        Turn(width, height),
        FrameMaker(),
    )
    target = np.zeros((height, width), np.uint32)
    image = QImage(target.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for sheet in (
        maker.picture(side, turn, camera, look),
        maker.heat(side, turn, camera, look),
        maker.marks(side, turn, camera, look),
    ):
        if sheet is not None:
            rows, columns = sheet.pixels.shape
            pixels = np.ascontiguousarray(sheet.pixels)
            kind = QImage.Format.Format_ARGB32_Premultiplied
            painter.drawImage(sheet.x, sheet.y, QImage(pixels.data, columns, rows, 4 * columns, kind))
    painter.end()
    return np.stack([target >> 16 & 255, target >> 8 & 255, target & 255], axis=-1).astype(int)


@pytest.mark.parametrize("mode", ["heat", "mask", "outline"])
@pytest.mark.parametrize("palette", ["viridis", "cividis"])
def test_the_screen_and_the_report_agree(mode: Mode, palette: Palette) -> None:
    rng = np.random.default_rng(7)
    image = rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
    probability = np.clip(np.add.outer(np.linspace(-0.4, 0.6, 90), np.linspace(0, 0.6, 120)), 0, 1)
    probability = probability.astype(np.float32)
    response = Response(finish(build_map(probability)), Localization(probability).probability)

    shown = on_screen(
        Side(flat_picture(image), response, ""), Look(mode=mode, opacity=0.7, palette=palette, threshold=0.45)
    )
    printed = Brush(mode, 0.7, palette, find_cut(0.45), 1).paint(image, probability)

    assert np.abs(shown - printed).max() <= 2  # Qt and numpy round a blend differently


@given(threshold=st.floats(0, 1), value=st.floats(0, 1, width=32))
def test_on_small_sizes_the_mask_is_off_by_half_an_index_at_most(threshold: float, value: float) -> None:
    index = int(np.float32(value) * np.float32(255) + np.float32(0.5))
    marked = index >= least_index(threshold)

    if abs(value - threshold) > 1.01 / 255:
        assert marked == (value >= threshold)


def test_moving_the_threshold_computes_neither_picture_nor_heat_again() -> None:
    probability = np.random.default_rng(1).random((64, 64), np.float32)
    side = Side(
        flat_picture(np.zeros((64, 64, 3), np.uint8)),
        Response(finish(build_map(probability)), probability),
        "",
    )
    turn, camera, maker = Turn(64, 64), Camera(64, 64, 64, 64).at(0, 0, 1.0), FrameMaker()
    low, high = Look(threshold=0.3), Look(threshold=0.8)

    before = maker.picture(side, turn, camera, low), maker.heat(side, turn, camera, low)
    marks = maker.marks(side, turn, camera, low)
    after = maker.picture(side, turn, camera, high), maker.heat(side, turn, camera, high)

    assert all(
        a is not None and b is not None and a.pixels is b.pixels for a, b in zip(before, after, strict=True)
    )
    moved = maker.marks(side, turn, camera, high)
    assert marks is not None
    assert moved is not None
    assert not np.array_equal(marks.pixels, moved.pixels)


def test_the_views_border_is_no_edge_of_the_mask() -> None:
    probability = np.ones((400, 400), np.float32)
    side = Side(
        flat_picture(np.zeros((400, 400, 3), np.uint8)),
        Response(finish(build_map(probability)), probability),
        "",
    )
    camera = Camera(400, 400, 50, 50).at(200, 200, 1.0)

    sheet = FrameMaker().marks(side, Turn(400, 400), camera, Look(mode="outline"))

    assert sheet is not None
    inside = sheet.pixels[-sheet.y : -sheet.y + 50, -sheet.x : -sheet.x + 50]
    assert inside.shape == (50, 50)
    assert not inside.any()
