"""The chain of the log: nothing in it can be dropped, doubled, nulled or changed without being told."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlnet_core.case.audit import AuditEntry, AuditLog, ChainHead, head_of, sha256_of, verify_chain
from irlnet_core.errors import DataError


def make_log(count: int = 5) -> list[AuditEntry]:
    log = AuditLog("someone")
    for number in range(count):
        log.log("done", number=number, word="größe \ud800")
    return list(log.audit())


def test_a_whole_log_has_no_problems_at_any_printed_length() -> None:
    entries = make_log()
    for length in range(1, 6):
        assert verify_chain(entries, head_of(entries[:length])) == []


@pytest.mark.parametrize("place", range(4))
def test_a_dropped_entry_leaves_a_gap(place: int) -> None:
    entries = make_log()
    del entries[place]
    assert "missing" in verify_chain(entries)[0]


def test_entries_that_change_places_or_come_twice_are_told() -> None:
    first, second, third, *_ = make_log()
    assert verify_chain([first, third, second])
    assert verify_chain([first, second, second])


def test_a_cut_tail_shows_only_against_a_printed_head() -> None:
    entries = make_log()
    assert verify_chain(entries[:3]) == []
    (problem,) = verify_chain(entries[:3], head_of(entries))
    assert "2 fewer" in problem
    assert "cut" in problem


def test_a_tail_that_was_made_anew_does_not_have_the_printed_head() -> None:
    entries = make_log()
    log = AuditLog("someone else")
    for _ in entries:
        log.log("done")
    (problem,) = verify_chain(log.audit(), head_of(entries))
    assert "entry 5" in problem


@given(
    field=st.sampled_from(["time", "actor", "action", "details_sha256", "previous", "hash"]),
    place=st.integers(0, 4),
    value=st.one_of(st.none(), st.just(""), st.text(min_size=1)),
)
def test_a_changed_or_nulled_value_is_told(field: str, place: int, value: str | None) -> None:
    entries = make_log()
    if getattr(entries[place], field) == value:
        return
    entries[place] = replace(entries[place], **{field: value})  # type: ignore[arg-type]
    assert any(f"entry {place + 1} " in problem for problem in verify_chain(entries))


@pytest.mark.parametrize("number", [None, True, "2", 2.0, 7])
def test_a_wrong_number_is_told(number: Any) -> None:
    entries = make_log()
    entries[1] = replace(entries[1], number=number)
    assert verify_chain(entries)


def test_changed_details_are_told_and_withheld_ones_are_not() -> None:
    entries = make_log()
    hidden = [entry.withheld() for entry in entries]
    assert verify_chain(hidden, head_of(entries)) == []
    entries[2] = replace(entries[2], details={**(entries[2].details or {}), "number": 7})
    assert verify_chain(entries) == ["Audit entry 3 has altered details."]


def test_withheld_details_cannot_be_guessed() -> None:
    one, other = AuditLog("x").log("judged", status=3), AuditLog("x").log("judged", status=3)
    assert one.details_sha256 != other.details_sha256
    assert one.details_sha256 != sha256_of({"status": 3})


def test_an_entry_comes_back_from_plain_data() -> None:
    for entry in make_log():
        assert AuditEntry.from_dict(asdict(entry)) == entry


def test_a_printed_head_is_read_back_and_anything_else_refused() -> None:
    head = head_of(make_log())
    assert ChainHead.parse(f" {head.text}\n") == head
    for text in (
        "",
        "5",
        f"5:{head.head[1:]}",
        f"-5:{head.head}",
        f"5:{head.head.upper()}g",
        "٥:" + head.head,
    ):
        with pytest.raises(DataError, match="LENGTH:HASH"):
            ChainHead.parse(text)
