"""What is written down about a finished map: the sentence, and that the evidence is still the evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions
from irlnet_core.inference.analysis import check_unchanged, summarize

NOT_A_FINDING = "This is a tool result, not a finding that the picture was manipulated."


def make_map() -> Localization:
    probability = np.zeros((100, 100), dtype=np.float32)
    probability[10:20, 10:30] = 0.9
    probability[60:80, 50:60] = 0.7
    probability[90, 90] = 1
    return Localization(probability)


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (0.5, "threshold 0.5 in 2 regions covering 4.00 % of the picture."),
        (0.8, "threshold 0.8 in 1 region covering 2.00 % of the picture."),
        (0.95, "threshold 0.95 in 0 regions covering 0.00 % of the picture."),
    ],
)
def test_the_sentence_counts_the_listed_regions_and_claims_no_manipulation(
    threshold: float, words: str
) -> None:
    sentence = summarize(find_regions(make_map(), threshold))
    assert sentence == f"The network's response exceeds the {words} {NOT_A_FINDING}"


def test_spots_too_small_to_be_regions_are_not_in_the_area() -> None:
    regions = find_regions(make_map(), 0.95)
    assert regions.listed_fraction == 0
    assert regions.small_count == 1


def test_evidence_that_changed_or_went_away_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (8, 8)).save(path)
    image = read_image(path)
    check_unchanged(image)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ImageReadError, match="changed while it was analysed"):
        check_unchanged(image)
    path.unlink()
    with pytest.raises(ImageReadError, match="can no longer be read"):
        check_unchanged(image)
