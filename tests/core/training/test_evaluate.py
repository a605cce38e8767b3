"""What an evaluation runs, and how often."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from irlnet_core.errors import DataError, ImageReadError
from irlnet_core.evidence.localization import Localization
from irlnet_core.inference.localizer import Localizer
from irlnet_core.progress import Event, finish
from irlnet_core.training.evaluate import evaluate
from irlnet_core.training.summary import Row


class BrightnessLocalizer:
    """Responds with the brightness of the red channel, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def localize(self, pixels: np.ndarray) -> Generator[Event, None, Any]:
        self.asked.append(pixels.tobytes())
        probability = np.ascontiguousarray(pixels[..., 0] / np.float32(255), np.float32)
        yield from ()
        return SimpleNamespace(localization=Localization(probability))


def save(folder: Path, name: str, image: np.ndarray, mask: np.ndarray, original: np.ndarray | None) -> None:
    for part, pixels in (("images", image), ("masks", mask), ("originals", original)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        if pixels is not None:
            Image.fromarray(pixels).save(folder / part / f"{name}.png")


def photograph(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 60, (64, 64, 3), dtype=np.uint8)


def run(
    folders: list[Path], variants: tuple[str, ...] = ("as-is",), **more: Any
) -> tuple[list[Row], list[bytes]]:
    localizer = BrightnessLocalizer()
    rows = finish(evaluate(folders, cast(Localizer, localizer), 0.5, variants, **more))
    return rows, localizer.asked


def forge(folder: Path, name: str, seed: int, left: int = 8) -> None:
    original = photograph(seed)
    mask = np.zeros((64, 64), bool)
    mask[8:24, left : left + 16] = True
    save(folder, name, np.where(mask[..., None], 250, original).astype(np.uint8), mask, original)


def test_each_picture_runs_once_for_each_variant(tmp_path: Path) -> None:
    forge(tmp_path / "one", "a", 1)
    forge(tmp_path / "one", "b", 1, left=30)  # another forgery from the same photograph
    forge(tmp_path / "two", "c", 1, left=40)
    forge(tmp_path / "two", "d", 2)

    rows, asked = run([tmp_path / "one", tmp_path / "two"], ("as-is", "half"))

    assert len(asked) == len(set(asked)) == (4 + 2) * 2
    originals = [(r.set_name, r.variant) for r in rows if r.kind == "original"]
    assert sorted(originals) == [
        ("one", "as-is"),
        ("one", "half"),
        *[("two", "as-is")] * 2,
        *[("two", "half")] * 2,
    ]
    assert {r.f1 for r in rows if r.kind == "forged" and r.variant == "as-is"} == {1.0}


def test_an_untouched_picture_that_is_its_own_original_is_one_picture(tmp_path: Path) -> None:
    clean, nothing = photograph(3), np.zeros((64, 64), bool)
    save(tmp_path / "set", "same", clean, nothing, clean)
    save(tmp_path / "set", "brighter", (clean + 1).astype(np.uint8), nothing, clean)

    rows, asked = run([tmp_path / "set"])

    assert len(rows) == len(asked) == 2
    assert {row.kind for row in rows} == {"original"}
    assert len({row.group for row in rows}) == 1


def test_the_watcher_sees_every_measured_picture_with_its_truth_and_its_map(tmp_path: Path) -> None:
    forge(tmp_path / "set", "a", 1)
    seen = []

    run([tmp_path / "set"], ("as-is", "half"), watch=lambda row, image, truth, found: seen.append(
        (row.kind, row.variant, image.shape[:2] == truth.shape == found.probability.shape, truth.any())
    ))  # fmt: skip

    assert seen == [
        ("forged", "as-is", True, True),
        ("forged", "half", True, True),
        ("original", "as-is", True, False),
        ("original", "half", True, False),
    ]


def test_the_level_of_an_original_is_the_threshold_from_which_it_is_quiet(tmp_path: Path) -> None:
    clean = photograph(4)
    clean[20:40, 20:40] = 204  # 0.8 on a tenth of the picture
    save(tmp_path / "set", "a", clean, np.zeros((64, 64), bool), None)

    (row,), _ = run([tmp_path / "set"])

    assert row.false_alarm
    assert abs(row.level - 0.8) < 2e-4


@pytest.mark.parametrize("part", ["images", "masks", "originals", "size"])
def test_a_broken_file_is_named_before_anything_is_measured(tmp_path: Path, part: str) -> None:
    forge(tmp_path / "set", "a", 1)
    forge(tmp_path / "set", "b", 2)
    broken = tmp_path / "set" / ("masks" if part == "size" else part) / "b.png"
    if part == "size":
        Image.new("L", (9, 9)).save(broken)
    else:
        broken.write_bytes(broken.read_bytes()[:-40])
    localizer = BrightnessLocalizer()

    with pytest.raises((ImageReadError, DataError)) as error:
        finish(evaluate([tmp_path / "set"], cast(Localizer, localizer), 0.5))

    assert error.value.path == broken
    assert localizer.asked == []
