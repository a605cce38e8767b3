from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.errors import ConfigError
from irlnet_core.evidence import overlay
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.overlay import Mode, colorize, outline, read_palette, render_overlay

GREY = np.full((90, 120, 3), 100, np.uint8)


def test_colours_are_those_that_matplotlib_published() -> None:
    viridis, cividis = read_palette("viridis"), read_palette("cividis")
    assert viridis[[0, 255]].tolist() == [[68, 1, 84], [253, 231, 37]]
    assert np.abs(cividis[[0, 255]].astype(int) - [[0, 34, 78], [254, 232, 56]]).max() <= 1


def test_the_scale_is_fixed_and_not_stretched_to_the_maximum() -> None:
    weak = colorize(np.array([[0.0, 0.1]], np.float32))
    np.testing.assert_array_equal(weak[0], read_palette("viridis")[[0, 26]])


def test_an_outline_is_the_inner_edge_and_the_border_counts_as_one() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:7, 2:7] = True
    edge = outline(mask)
    assert edge.sum() == 16
    assert not edge[~mask].any()
    assert outline(np.ones((9, 9), bool)).sum() == 32
    assert not outline(np.zeros((9, 9), bool)).any()


@pytest.mark.parametrize("mode", ["heat", "mask", "outline"])
def test_the_picture_is_not_scaled_and_the_legend_lies_below_it(mode: Mode, blob_map: Localization) -> None:
    wide = np.full((300, 600, 3), 100, np.uint8)
    quiet = Localization(np.zeros((300, 600), np.float32))
    sheet = render_overlay(wide, quiet, 0.5, mode=mode)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == 600
    assert sheet.shape[0] > 300
    np.testing.assert_array_equal(sheet[:300], wide)
    narrow = render_overlay(GREY, blob_map, 0.5, mode=mode)
    left = (narrow.shape[1] - 120) // 2
    assert (narrow[:90, :left] == overlay.BACKGROUND).all()
    assert (narrow[89, left : left + 120] == 100).all()


def test_a_tiny_picture_gets_a_legend_that_can_be_read() -> None:
    sheet = render_overlay(
        np.full((40, 40, 3), 90, np.uint8), Localization(np.ones((40, 40), np.float32)), 0.5
    )
    assert sheet.shape[1] >= 400
    assert sheet[40:].max() > 220


def test_heat_leaves_low_responses_clear_and_the_mode_decides_the_rest(blob_map: Localization) -> None:
    left = 160
    heat = render_overlay(GREY, blob_map, 0.5, mode="heat")[:90, left : left + 120]
    clear = blob_map.probability < 0.09
    np.testing.assert_array_equal(heat[clear & ~_near(blob_map, 0.5)], 100)
    assert (heat[40, 50] != 100).any()
    lines = render_overlay(GREY, blob_map, 0.5, mode="outline")[:90, left : left + 120]
    assert (lines[40, 50] == 100).all()
    np.testing.assert_array_equal(lines[outline(blob_map.mask(0.5))], 255)
    filled = render_overlay(GREY, blob_map, 0.5, mode="mask", opacity=1.0)[:90, left : left + 120]
    assert filled[40, 50].tolist() == [213, 94, 0]


@pytest.mark.parametrize("mode", ["heat", "mask", "outline"])
def test_strips_leave_no_trace(mode: Mode, blob_map: Localization, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = render_overlay(GREY, blob_map, 0.5, mode=mode)
    monkeypatch.setattr(overlay, "_STRIP_PIXELS", 120 * 7)
    np.testing.assert_array_equal(render_overlay(GREY, blob_map, 0.5, mode=mode), whole)


def test_an_impossible_opacity_is_refused(blob_map: Localization) -> None:
    with pytest.raises(ConfigError, match="opacity"):
        render_overlay(GREY, blob_map, 0.5, opacity=1.5)


def _near(localization: Localization, threshold: float) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Tell which pixels lie in the dark line around the mask."""
    mask = localization.mask(threshold)
    grown = np.zeros_like(mask)
    for rows in (-1, 0, 1):
        for columns in (-1, 0, 1):
            grown |= np.roll(mask, (rows, columns), (0, 1))
    return grown
