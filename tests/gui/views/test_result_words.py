"""The words of the result column claim no more than the analysis holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from irlgui.views import result_words
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.regions import find_regions
from irlnet_core.inference.analysis import summarize
from tests.gui.views.analysed import INSIDE, OUTSIDE, make_analysis, make_map, save_image


@pytest.fixture
def image(tmp_path: Path) -> SuspectImage:
    return save_image(tmp_path)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0\u00a0%"),
        (0.00001, "<\u200a0.01\u00a0%"),
        (0.00123, "0.12\u00a0%"),
        (0.041, "4.1\u00a0%"),
        (1, "100.0\u00a0%"),
    ],
)
def test_a_share_is_told_with_as_many_decimals_as_it_needs(share: float, words: str) -> None:
    assert result_words.percent(share) == words


def test_the_headline_names_threshold_regions_and_area() -> None:
    regions = find_regions(make_map((0, 0, 40, 30, 0.9), (100, 0, 20, 20, 0.8)), 0.62)
    assert result_words.headline(regions, regions.area_fraction, 0.62) == (
        "Above threshold 0.62",
        "2\u00a0regions\u00a0· 6.7\u00a0%\u00a0of\u00a0area",
    )
    one = find_regions(make_map((0, 0, 40, 30, 0.9)), 0.62)
    assert result_words.headline(one, 0.05, 0.62)[1].startswith("1\u00a0region\u00a0· ")
    assert result_words.headline(find_regions(make_map(), 0.62), 0.0, 0.62)[1].startswith(
        "No\u00a0region\u00a0· "
    )


def test_regions_of_another_threshold_are_not_told() -> None:
    regions = find_regions(make_map((0, 0, 40, 30, 0.9)), 0.62)
    assert result_words.headline(regions, 0.05, 0.7)[1].startswith("…\u00a0· ")
    assert result_words.headline(None, 0.05, 0.7)[1].startswith("…\u00a0· ")


def test_nothing_found_is_not_called_authentic_and_small_spots_are_told() -> None:
    regions = find_regions(make_map((0, 0, 3, 3, 0.9)), 0.62)
    remark = result_words.remark_on(regions, 0.62)
    assert "1 smaller spot" in remark
    assert "does not show that a picture is authentic" in remark


def test_the_headline_says_the_same_share_as_the_sentence_and_small_spots_are_told_apart() -> None:
    regions = find_regions(make_map((0, 0, 40, 30, 0.9), (100, 0, 3, 3, 0.9)), 0.62)
    assert "1\u00a0region\u00a0· 5.0\u00a0%" in result_words.headline(regions, regions.area_fraction, 0.62)[1]
    assert "in 1 region covering 5.00 % of the picture" in summarize(regions)
    assert result_words.remark_on(regions, 0.62) == "1 smaller spot (0.04\u00a0%) is not listed."


def test_the_rank_is_told_or_why_it_is_not_known(image: SuspectImage) -> None:
    ranked = make_analysis(image, rank={"rank": 3, "of": 312, "set": "Clean"})
    assert result_words.rank_line(ranked) == "Rank 3 of 312 clean pictures (Clean)"
    assert (
        result_words.rank_line(make_analysis(image, rank={"rank": 0, "of": 312}))
        == "Above all 312 clean pictures"
    )
    assert result_words.rank_line(make_analysis(image)).startswith("Not calibrated")
    part = make_analysis(image, make_map(area=Area(0, 0, 50, 50)))
    assert result_words.rank_line(part).startswith("Rank not run")
    assert "50 × 50 at 0, 0" in result_words.area_line(part)


@pytest.mark.parametrize(
    ("validity", "state", "words"),
    [
        ([OUTSIDE, INSIDE], "out of range", "quality is 61"),
        ([INSIDE], "in range", "In the range"),
        ([INSIDE, {**INSIDE, "state": "not known"}], "not known", "as far as the file tells"),
        ([], "not known", "Range not known"),
    ],
)
def test_the_range_has_three_states(
    image: SuspectImage, validity: list[dict[str, str]], state: str, words: str
) -> None:
    told = result_words.range_line(make_analysis(image, validity=validity))
    assert told[0] == state
    assert words in told[1]


def test_model_device_and_deviations_are_stated(image: SuspectImage) -> None:
    lines = result_words.model_lines(make_analysis(image, deviations=("The tile is 384.",)))
    assert lines == ["Model base · abababab · cpu, float32", "The tile is 384."]


def test_damaged_marks_are_left_out_and_indicative_ones_are_called_so(image: SuspectImage) -> None:
    marks = result_words.marks_of(make_analysis(image))
    assert [(mark.threshold, mark.label) for mark in marks] == [(0.41, "5\u00a0%"), (0.62, "1\u00a0%")]
    assert "1\u00a0% (indicative)" in result_words.marks_line(marks)
    assert "not calibrated" in result_words.marks_line(result_words.marks_of(make_analysis(image, card={})))


def test_the_default_threshold_is_the_cards_or_else_the_records(image: SuspectImage) -> None:
    assert result_words.default_threshold(make_analysis(image))[0] == 0.62
    assert result_words.default_threshold(make_analysis(image, card={})) == (0.62, "model card")
