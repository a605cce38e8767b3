"""The parts of a report on how it was done, where its limits are, and how anybody can check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from irlnet_core.case.audit import LIMIT
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.localization import cutoff16, say_threshold
from irlnet_core.report.document import Block, Bullets, Fact, Facts, Paragraph, Section, Table
from irlnet_core.report.visible import make_visible, shorten
from irlnet_core.report.wording import Words, record_sha256

_LIMITS = ("none", "other", "weaken", "edge", "score", "intent")


def write_method(exhibit: Exhibit, words: Words, prefix: str, told: int = 0) -> Section:
    """Return how the analysis was made: in a paragraph, or with every fact that repeats it.

    ``told`` is the number of the picture that the same model, program and machine were described with.
    """
    before = words.say("method.before", n=told)
    blocks: list[Block] = [Paragraph(before if told else words.say("method.plain"))]
    if not told:
        blocks.append(Facts(tuple(_model(exhibit, words))))
    if words.choices.technical:
        surroundings = [] if told else _environment(exhibit, words)
        blocks.append(Facts((*surroundings, *_tiles(exhibit, words))))
    return Section(f"{prefix}method", words.say("method"), tuple(blocks), 2)


def write_limits(exhibits_limits: Sequence[str], words: Words) -> Section:
    """Return the limits in plain words, and those that the model's card states."""
    blocks: list[Block] = [Bullets(tuple(words.say(f"limits.{name}") for name in _LIMITS))]
    if exhibits_limits:
        blocks.append(Paragraph(words.say("limits.model")))
        blocks.append(Bullets(tuple(make_visible(limit) for limit in exhibits_limits)))
    notes = [words.say("limits.fonts")]
    if words.texts.language != "en":
        notes.insert(0, words.say("limits.quoted"))
    return Section("limits", words.say("limits"), (*blocks, Paragraph(" ".join(notes), "note")))


def write_verification(sizes: Sequence[tuple[int, int]], words: Words) -> Section:
    """Return how to check the report without this program; ``sizes`` are (width, height) of the pictures."""
    if len(sizes) == 1:
        pixels = words.say("verification.pixels", width=sizes[0][0], height=sizes[0][1])
    else:
        pixels = words.say("verification.pixels.many")
    keys = ("mask", "package", "signature", "rerun")
    items = (words.say("verification.file"), pixels, *(words.say(f"verification.{key}") for key in keys))
    return Section("verification", words.say("verification"), (Bullets(items),))


def write_integrity(
    records: Sequence[tuple[str, str, str]], audit: Mapping[str, Any] | None, words: Words
) -> Section:
    """Return what pins the report's sources down: each picture's name and hashes, and the audit log."""
    log = words.say("integrity.audit.none")
    if audit:
        log = words.say("integrity.audit.value", length=audit["length"], head=audit["head"])
    rows = [Fact(words.say("integrity.audit"), make_visible(log), mono=bool(audit))]
    if len(records) == 1:
        rows.append(Fact(words.say("integrity.record"), records[0][2], mono=True))
    blocks: list[Block] = [Facts(tuple(rows)), Paragraph(words.say("integrity.record.how"), "note")]
    if audit:
        limit = words.say("integrity.audit.limit") if words.texts.language != "en" else LIMIT
        blocks.append(Paragraph(limit, "note"))
    blocks.append(Paragraph(words.say("integrity.amendment"), "note"))
    if len(records) != 1:
        blocks.append(_hashes(records, words))
    return Section("integrity", words.say("integrity"), tuple(blocks))


def _hashes(records: Sequence[tuple[str, str, str]], words: Words) -> Table:
    rows = tuple(
        (str(number), shorten(make_visible(name)), f"{file}\n{record}")
        for number, (name, file, record) in enumerate(records, start=1)
    )
    head = tuple(words.say(f"overview.{key}") for key in ("number", "file", "hashes"))
    return Table(head, rows, (0.07, 0.3, 0.63), frozenset({0}), frozenset({2}))


def hashes_of(exhibit: Exhibit) -> tuple[str, str, str]:
    """Return the file's name, its SHA-256 and that of its record without the log's head.

    So it is the same in a package, whose record names the log's head, and in the case, whose head moves on.
    """
    evidence, record = exhibit.record.evidence, replace(exhibit.record, audit=None)
    return evidence["file_name"], evidence["sha256"], record_sha256(record.as_dict())


def _model(exhibit: Exhibit, words: Words) -> list[Fact]:
    record = exhibit.record
    cut = cutoff16(record.threshold.value)
    program = record.environment["program"]
    return [
        words.fact("method.model", record.model["name"]),
        words.fact("method.weights", record.model["weights_sha256"], mono=True),
        words.fact("method.threshold", say_threshold(record.threshold.value)),
        words.fact("method.threshold.source", record.threshold.source),
        words.fact("method.mask", words.say("method.mask.value", cut=cut)),
        words.fact("method.program", f"{program['name']} {program['version']}"),
        *([words.fact("method.commit", program["commit"], mono=True)] if program.get("commit") else []),
        words.fact("method.device", record.environment["device"]),
    ]


def _area(exhibit: Exhibit, words: Words) -> str:
    area = exhibit.record.tiles.get("area")
    return words.say("method.area.value", **area) if area else words.say("method.area.whole")


def _environment(exhibit: Exhibit, words: Words) -> list[Fact]:
    environment = exhibit.record.environment
    architecture = exhibit.record.model["card"].get("architecture")
    rows = [words.fact("method.architecture", _pairs(architecture))] if architecture else []
    return [
        *rows,
        words.fact("method.libraries", _pairs(environment["libraries"])),
        words.fact("method.decoders", _pairs(environment["decoders"])),
        words.fact("method.python", environment["python"]),
        words.fact("method.platform", environment["platform"]),
        words.fact("method.precision", environment["precision"]),
        words.fact("method.threads", environment["threads"]),
    ]


def _tiles(exhibit: Exhibit, words: Words) -> list[Fact]:
    plan, times = exhibit.record.tiles, exhibit.record.times
    names = ("count", "tile", "overlap", "margin", "blended", "batch", "backend")
    told = {name: plan.get(name, words.say("unknown")) for name in names}
    rows = [
        words.fact("method.area", _area(exhibit, words)),
        words.fact("method.tiles", words.say("method.tiles.value", **told)),
    ]
    if odd := [*plan.get("deviations", ()), *plan.get("notes", ())]:
        rows.append(words.fact("method.deviations", " ".join(odd)))
    return [
        *rows,
        words.fact("method.started", words.time(times["started"])),
        words.fact("method.finished", words.time(times["finished"])),
        words.fact("method.seconds", words.say("method.seconds.value", seconds=times["seconds"])),
    ]


def _pairs(values: Any) -> str:
    """Return "name value" of each entry of a flat dictionary."""
    if not isinstance(values, Mapping):
        return str(values)
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)
