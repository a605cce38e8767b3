"""The part of a report about the model: how often it is wrong, what it finds, and whether this file fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.performance import describe_performance
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.report.document import Block, Paragraph, Section, Table
from irlnet_core.report.visible import make_visible
from irlnet_core.report.wording import Words, capital

_FIGURES = ("f1", "iou", "auc")
_COUNTED = {"alarms", "groups", "interval"}


def write_performance(exhibit: Exhibit, words: Words, prefix: str, told: int = 0) -> list[Section]:
    """Return the sections on the model's known performance and on the file's place in its range.

    ``told`` is the number of the picture that the same model and threshold were described with, 0 for none.
    """
    blocks: tuple[Block, ...] = (*_alarms(exhibit, words), *_detection(exhibit, words))
    if told:
        sentence = Paragraph(say_alarms(exhibit.record, words))
        before = Paragraph(words.say("performance.before", n=told))
        blocks = sentence, _rank(exhibit, words), before
    return [
        Section(f"{prefix}performance", words.say("performance"), blocks, 2),
        Section(f"{prefix}range", words.say("range"), _range(exhibit, words), 2),
    ]


def _alarms(exhibit: Exhibit, words: Words) -> Iterator[Block]:
    card, say = exhibit.record.model["card"], words.say
    yield Paragraph(say_alarms(exhibit.record, words), "result")
    if rule := dict(card.get("calibration") or {}).get("false_alarm_picture"):
        yield Paragraph(say("performance.alarm", rule=make_visible(str(rule))))
    yield Paragraph(say("performance.meaning"))
    yield _rank(exhibit, words)
    if words.choices.technical and (marks := _marks(card, words)):
        yield Paragraph(say("performance.marks"), "subheading")
        yield marks


def say_alarms(record: AnalysisRecord, words: Words) -> str:
    """Say how often clean pictures gave a false alarm at the threshold, or what is known of others."""
    card, threshold = record.model["card"], record.threshold.value
    texts, known = words.texts, describe_performance(card, threshold)
    state = known["state"]
    marks = [mark["threshold"] for mark in card.get("operating_points") or () if "threshold" in mark]
    if state == "not measured" and marks:
        state, known = "below", describe_performance(card, min(marks))
    if known["state"] == "not measured":
        return words.say("performance.not measured")
    low, high = known["interval"]
    return words.say(
        f"performance.{state}",
        false_alarms=known["false_alarms"],
        of=known["of"],
        set=make_visible(known["set"]) or words.say("unknown"),
        rate=texts.percent(known["false_alarms"] / known["of"], 1),
        low=texts.percent(low, 1),
        high=texts.percent(high, 1),
        at=texts.threshold(known["at"]),
    )


def _rank(exhibit: Exhibit, words: Words) -> Paragraph:
    rank = exhibit.record.model.get("rank")
    if not rank:
        return Paragraph(words.say("performance.no_rank"))
    sentence, name = make_visible(rank["sentence"]), make_visible(rank["set"])
    return Paragraph(words.say("performance.rank", sentence=sentence, set=name))


def _marks(card: Mapping[str, Any], words: Words) -> Table | None:
    """Return the table of the thresholds at which false alarms were counted, also on altered pictures."""
    marks = [mark for mark in card.get("operating_points") or () if set(mark) >= {"threshold", *_COUNTED}]
    rows = tuple(_mark(mark["threshold"], one, words) for mark in marks for one in _variants(mark))
    head = tuple(words.say(f"marks.{key}") for key in ("threshold", "variant", "alarms", "rate", "interval"))
    return Table(head, rows, (0.15, 0.32, 0.18, 0.13, 0.22), frozenset({0, 2, 3, 4})) if rows else None


def _variants(mark: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the counts on the set as it is and, where they were made, on altered copies of it."""
    return [one for one in mark.get("variants") or () if set(one) >= _COUNTED] or [mark]


def _mark(threshold: float, counts: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    texts, variant = words.texts, str(counts.get("variant", "as-is"))
    known = f"marks.{variant}"
    return (
        texts.threshold(threshold),
        words.say(known) if texts.has(known) else make_visible(variant),
        words.say("marks.of", alarms=counts["alarms"], of=counts["groups"]),
        texts.percent(counts["alarms"] / counts["groups"], 1),
        " – ".join(texts.percent(end, 1) for end in counts["interval"]),
    )


def _detection(exhibit: Exhibit, words: Words) -> Iterator[Block]:
    card, say, texts = exhibit.record.model["card"], words.say, words.texts
    yield Paragraph(say("performance.detection"), "subheading")
    tables = [entry for entry in dict(card.get("metrics") or {}).values() if _has_sets(entry)]
    if not tables:
        yield Paragraph(say("performance.detection.none"))
    own, default = exhibit.record.threshold.value, _default_threshold(card)
    for entry in tables:
        what = make_visible(str(entry.get("what") or words.say("unknown"))).rstrip(". ")
        told = {"what": what, "threshold": texts.threshold(default) if default else say("unknown")}
        if default == own:
            yield Paragraph(say("performance.detection.at", **told))
        else:
            yield Paragraph(say("performance.detection.other", own=texts.threshold(own), **told))
        yield _sets(entry["sets"], words)
    if tables:
        yield Paragraph(say("detection.explain"), "note")
    if notes := make_visible(str(card.get("notes") or "")):
        yield Paragraph(say("performance.card_notes"), "note")
        yield Paragraph(notes, "quote")


def _has_sets(entry: Any) -> bool:
    """Tell whether a part of the card's free metrics is a table of named sets."""
    sets = entry.get("sets") if isinstance(entry, dict) else None
    return isinstance(sets, dict) and bool(sets) and all(isinstance(one, dict) for one in sets.values())


def _default_threshold(card: Mapping[str, Any]) -> float | None:
    told = card.get("threshold")
    value = told.get("value") if isinstance(told, dict) else told
    return float(value) if isinstance(value, int | float) else None


def _sets(sets: Mapping[str, Mapping[str, Any]], words: Words) -> Table:
    head = tuple(words.say(f"detection.{key}") for key in ("set", "pictures", *_FIGURES))
    rows = tuple(
        (
            make_visible(str(name)),
            str(figures.get("pictures", "–")),
            *(_number(figures.get(key), words) for key in _FIGURES),
        )
        for name, figures in sets.items()
    )
    return Table(head, rows, (0.52, 0.12, 0.12, 0.12, 0.12), frozenset(range(1, 5)))


def _number(value: Any, words: Words) -> str:
    return words.texts.number(value, 3) if isinstance(value, int | float) else "–"


def _range(exhibit: Exhibit, words: Words) -> tuple[Block, ...]:
    model, say = exhibit.record.model, words.say
    statements = model.get("validity", [])
    if not statements:
        return (Paragraph(say("range.unknown"), "caution"),)
    head = tuple(say(f"range.{key}") for key in ("check", "state", "sentence"))
    rows = tuple(
        (
            capital(make_visible(one["check"].replace("_", " ").replace("jpeg", "JPEG"))),
            say(f"range.{one['state']}"),
            make_visible(one["sentence"]),
        )
        for one in statements
    )
    blocks: list[Block] = [Table(head, rows, (0.2, 0.15, 0.65))]
    if source := dict(model["card"].get("validity") or {}).get("source"):
        blocks.append(Paragraph(say("range.source", source=make_visible(str(source))), "note"))
    return tuple(blocks)
