from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.errors import ConfigError, DataError
from irlnet_core.evidence.regions import Regions
from irlnet_core.inference.analysis import summarize
from irlnet_core.report.texts import list_languages, load_texts
from irlnet_core.report.visible import make_visible, print_with, shorten
from irlnet_core.training.variants import VARIANTS


def _copy(folder: Path, code: str, **changes: str | None) -> None:
    entries = {**load_texts("en").entries, **changes}
    folder.mkdir(exist_ok=True)
    (folder / "en.json").write_text(json.dumps(load_texts("en").entries), "utf-8")
    kept = {key: text for key, text in entries.items() if text is not None}
    (folder / f"{code}.json").write_text(json.dumps(kept), "utf-8")


def test_another_language_is_one_more_file(tmp_path: Path) -> None:
    _copy(tmp_path, "de", language="Deutsch", decimal=",", title="Protokoll")

    assert list_languages(tmp_path) == {"de": "Deutsch", "en": "English"}
    texts = load_texts("de", tmp_path)
    assert texts.say("title") == "Protokoll"
    assert texts.percent(0.0512) == "5,12 %"


def test_a_catalogue_that_lacks_a_text_or_a_value_is_refused(tmp_path: Path) -> None:
    _copy(tmp_path, "de", title=None)
    with pytest.raises(DataError, match="lacks the text 'title'"):
        load_texts("de", tmp_path)
    _copy(tmp_path, "de", page="Seite {page}")
    with pytest.raises(DataError, match="names other values than English in 'page'"):
        load_texts("de", tmp_path)
    with pytest.raises(ConfigError, match=r"no report language '\.\./en'"):
        load_texts("../en", tmp_path)


def test_the_sentence_of_the_result_is_the_one_that_the_tool_writes_everywhere() -> None:
    texts = load_texts("en")
    own = texts.count("result", 2, threshold="0.5", percent="0.00 %")
    assert own == summarize(Regions(0.5, 64, 0.0, (), 0, 0)).replace("in 0 regions", "in 2 regions")


def test_every_change_that_false_alarms_are_counted_after_has_words() -> None:
    texts = load_texts("en")
    assert all(texts.has(f"marks.{variant}") for variant in VARIANTS)


def test_a_share_that_is_not_none_never_reads_as_none() -> None:
    assert load_texts("en").percent(0.00001) == "under 0.01 %"
    assert load_texts("en").percent(0) == "0.00 %"


@given(st.text())
def test_visible_text_turns_nothing_around_and_hides_nothing(text: str) -> None:
    shown = make_visible(text)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u200b\u200f\u00ad\n\t\r\0")
    assert make_visible(shown) == shown


def test_a_letter_that_the_font_lacks_is_printed_as_its_code() -> None:
    assert print_with("a\u05d0b", {ord("a"), ord("b")}) == "a‹U+05D0›b"


def test_a_long_name_keeps_both_ends() -> None:
    short = shorten("a" * 100 + "z.jpg")
    assert len(short) <= 70
    assert short.startswith("aaa")
    assert short.endswith("z.jpg")
