"""A file against what the model was validated on: three states, and never a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.validity import check_validity, summarize_outside


def picture(path: Path, size: tuple[int, int] = (120, 80), **options: Any) -> SuspectImage:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return read_image(path)


@pytest.mark.parametrize(
    ("span", "state"),
    [([120, 120], "in range"), ([64, 119], "out of range"), ([121, 4000], "out of range")],
)
def test_the_long_side_is_compared_with_both_ends_of_the_range(
    tmp_path: Path, span: list[int], state: str
) -> None:
    (found,) = check_validity({"long_side": span, "source": "a test"}, picture(tmp_path / "a.png"))

    assert (found.check, found.state) == ("long_side", state)
    assert "long side of 120" in found.sentence


@pytest.mark.parametrize(("quality", "state"), [(92, "in range"), (60, "out of range")])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(tmp_path: Path, quality: int, state: str) -> None:
    image = picture(tmp_path / "a.jpg", quality=quality)

    (found,) = check_validity({"jpeg_quality": [75, 100]}, image)

    assert found.state == state
    assert f"JPEG quality of {quality}" in found.sentence


def test_what_a_file_cannot_tell_is_not_known_and_not_in_range(tmp_path: Path) -> None:
    validity = {"jpeg_quality": [75, 100], "scale": "0.5–1.5", "iso": [100, 800], "long_side": ["a", 3]}
    found = check_validity(validity, picture(tmp_path / "a.png"))

    assert [statement.state for statement in found] == ["not known"] * 4
    assert "PNG" in found[0].sentence
    assert "0.5–1.5" in found[1].sentence
    assert "100 to 800" in found[2].sentence
    assert summarize_outside(found) == ""


def test_all_that_is_out_of_range_stands_in_one_line(tmp_path: Path) -> None:
    validity = {"long_side": [200, 300], "megapixels": [0.001, 1], "short_side": [10, 20]}
    line = summarize_outside(check_validity(validity, picture(tmp_path / "a.png")))

    assert "\n" not in line
    assert "long side of 120 is outside of 200 to 300" in line
    assert "short side of 80 is outside of 10 to 20" in line
    assert "megapixels" not in line
