from __future__ import annotations

import numpy as np
import pytest

from irlnet_core.errors import ConfigError
from irlnet_core.evidence import overlay
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.area import Area
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


def test_what_was_not_analysed_is_hatched_and_never_marked() -> None:
    image = np.full((60, 450, 3), 100, np.uint8)
    area = Area(100, 20, 200, 30)
    probability = np.zeros((60, 450), np.float32)
    probability[30:40, 150:200] = 0.9
    drawn = render_overlay(image, Localization(probability, area), 0.0, mode="mask")[:60]
    whole = render_overlay(image, Localization(probability), 0.0, mode="mask")[:60]
    assert (drawn[30:40, 150:200] == whole[30:40, 150:200]).all()
    outside = np.ones((60, 450), bool)
    outside[area.slices] = False
    grey = drawn[outside]
    assert (grey == grey[:, :1]).all()
    assert len(np.unique(grey)) == 2


def test_the_analyst_s_outlines_are_dashed_and_explained_and_the_rest_is_untouched() -> None:
    image = np.full((200, 450, 3), 100, np.uint8)
    found = Localization(np.zeros((200, 450), np.float32))
    plain = render_overlay(image, found, 0.5)
    box = Outline("1", "rectangle", ((50, 60), (250, 160)), "")
    drawn = render_overlay(image, found, 0.5, outlines=[box])
    changed = (drawn[:200] != plain[:200]).any(axis=2)
    drawn_share = (drawn[58:62, 55:245] == (86, 180, 233)).all(axis=2).any(axis=0).mean()
    assert 0.3 < drawn_share < 0.7  # dashes and gaps
    assert not changed[80:140, 70:230].any()
    assert not changed[:40].any()
    assert drawn.shape[0] > plain.shape[0]  # the sentence that says whose lines they are


@pytest.mark.parametrize("place", [(0, 0), (440, 0), (440, 195), (0, 195)])
def test_a_label_stays_inside_the_picture(place: tuple[int, int]) -> None:
    image = np.full((200, 450, 3), 100, np.uint8)
    found = Localization(np.zeros((200, 450), np.float32))
    x, y = place
    label = "a label much longer than the picture is wide " * 3
    outlines = [Outline("1", "polygon", ((x, y), (x + 9, y), (x, y + 4)), label)]
    plain, drawn = (render_overlay(image, found, 0.5, outlines=layer) for layer in (outlines[:0], outlines))
    assert (drawn[:200] != plain[:200]).any()
