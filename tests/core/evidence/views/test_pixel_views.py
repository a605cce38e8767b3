"""Error levels, noise and ghosts show what they promise, in strips or at once."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from irlnet_core.evidence.views import view
from irlnet_core.evidence.views.error_level import error_level, save_again
from irlnet_core.evidence.views.ghosts import jpeg_ghosts
from irlnet_core.evidence.views.noise import KERNEL, noise_residual
from irlnet_core.progress import Progress, finish


def scene(height: int = 160, width: int = 208, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 220, (9, 9, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(smooth + rng.normal(0, 5, smooth.shape), 0, 255), np.uint8)


def strips_of(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    monkeypatch.setattr(view, "_STRIP_PIXELS", pixels)


@pytest.mark.parametrize("size", [(160, 208), (77, 53), (8, 8), (1, 1), (3, 500)])
def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    picture = scene(*size)
    makers: tuple[Any, ...] = (error_level, noise_residual, jpeg_ghosts)
    whole = [finish(make(picture)) for make in makers]
    strips_of(monkeypatch, 16)
    for once, make in zip(whole, makers, strict=True):
        assert np.array_equal(finish(make(picture)), once)


def test_a_picture_saved_at_the_same_quality_hardly_changes_but_a_pasted_part_does() -> None:
    picture = save_again(scene(), 90)
    picture[48:96, 64:128] = scene(seed=2)[48:96, 64:128]
    levels = finish(error_level(picture, quality=90)).astype(float)
    inside = levels[48:96, 64:128].mean()
    outside = np.delete(levels, np.s_[48:96], axis=0).mean()
    assert inside > 3 * outside


def test_a_part_once_saved_at_60_is_darkest_there_while_the_rest_is_not() -> None:
    picture = save_again(scene(), 90)
    picture[48:96, 64:128] = save_again(save_again(scene(), 60), 90)[48:96, 64:128]
    qualities = (50, 55, 60, 65, 70, 80, 90)
    maps = finish(jpeg_ghosts(picture, qualities=qualities))
    ghost = maps[qualities.index(60)].astype(float)
    part = np.zeros(ghost.shape, bool)
    part[3:6, 4:8] = True
    assert ghost[part].mean() < ghost[~part].mean() / 2
    assert maps.min() == 0
    assert maps.max() == 255


def test_a_flat_picture_has_no_ghost_no_noise_and_no_error() -> None:
    grey = np.full((40, 40, 3), 128, np.uint8)
    assert np.all(finish(jpeg_ghosts(grey)) == 255)
    assert np.all(finish(noise_residual(grey)) == 128)
    assert np.all(finish(error_level(grey)) == 0)


def test_the_noise_filter_sums_to_zero_and_removes_a_slope() -> None:
    assert abs(float(KERNEL.sum())) < 1e-6
    slope = np.repeat(np.arange(100, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(30, axis=0)
    assert np.all(finish(noise_residual(slope))[:, 2:-2] == 128)


def test_one_bright_pixel_leaves_the_filters_shape() -> None:
    picture = np.full((21, 21, 3), 100, np.uint8)
    picture[10, 10] = 112
    residual = finish(noise_residual(picture, gain=1)).astype(int)
    assert residual[10, 10] == 128 - 12
    assert residual[10, 11] == 128 + 8
    assert residual[8, 8] == 128 - 1
    assert np.all(residual[:7] == 128)


def test_every_view_reports_its_way_to_the_end() -> None:
    for make in (error_level, noise_residual, jpeg_ghosts):
        events: list[Progress] = []
        finish(make(scene()), events.append)  # type: ignore[arg-type]
        assert events[-1].done == events[-1].total
        assert [event.done for event in events] == sorted(event.done for event in events)
