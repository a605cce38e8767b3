"""The part of a report about the file itself: what pins it down, and what it says of itself."""

from __future__ import annotations

from typing import Any

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.report.document import Block, Fact, Facts, Paragraph, Section
from irlnet_core.report.visible import make_visible
from irlnet_core.report.wording import Words, flatten

GROUPS = ("exif", "jpeg", "thumbnail", "icc", "text")
_OF_TABLES = ("quantisation_tables", "ijg_quality", "ijg_tables_equal", "subsampling")


def write_file_part(exhibit: Exhibit, words: Words, prefix: str) -> list[Section]:
    """Return the sections about the file and its metadata, as far as they were chosen."""
    sections = []
    if words.choices.has("file"):
        sections.append(Section(f"{prefix}file", words.say("file"), _file(exhibit, words), 2))
    if words.choices.has("metadata"):
        sections.append(Section(f"{prefix}metadata", words.say("metadata"), _metadata(exhibit, words), 2))
    return sections


def _file(exhibit: Exhibit, words: Words) -> tuple[Block, ...]:
    facts, say = exhibit.record.evidence, words.say
    rows = [words.fact("file.name", facts["file_name"])]
    if words.choices.paths:
        rows.append(words.fact("file.path", facts["path"]))
    rows += [
        words.fact("file.size", say("file.bytes", n=f"{facts['size_bytes']:,}".replace(",", "\u00a0"))),
        words.fact("file.type", facts["type"]),
        words.fact("file.pixels", say("file.pixels.value", width=facts["width"], height=facts["height"])),
        words.fact("file.mode", say("file.mode.value", mode=facts["mode"], bits=facts["bit_depth"])),
        words.fact("file.orientation", _orientation(facts["orientation"], words)),
        words.fact("file.modified", words.time(facts["modified"])),
        words.fact("file.sha256", facts["sha256"], mono=True),
        words.fact("file.pixels_sha256", facts["pixels_sha256"], mono=True),
        words.fact("file.analysed", words.time(exhibit.record.times["started"])),
        *_jpeg(facts["metadata"]["jpeg"], words),
    ]
    for key in ("conversions", "not_analysed", "notes"):
        if facts[key]:
            rows.append(words.fact(f"file.{key}", " ".join(facts[key])))
    return (Facts(tuple(rows)),)


def _orientation(flag: int | None, words: Words) -> str:
    if flag is None:
        return words.say("file.absent")
    return words.say("file.orientation.turned", flag=flag) if flag != 1 else "1"


def _jpeg(fact: dict[str, Any], words: Words) -> list[Fact]:
    if fact["state"] != "found":
        return []
    values = fact["values"]
    kind = "exact" if values.get("ijg_tables_equal") else "near"
    rows = []
    if values.get("ijg_quality"):
        quality = words.say(f"file.quality.{kind}", quality=values["ijg_quality"])
        rows.append(words.fact("file.quality", quality))
    if values.get("subsampling"):
        rows.append(words.fact("file.subsampling", values["subsampling"]))
    return rows


def _metadata(exhibit: Exhibit, words: Words) -> tuple[Block, ...]:
    metadata = exhibit.record.evidence["metadata"]
    rows: list[Fact] = []
    for group in GROUPS:
        name, fact = words.say(f"metadata.{group}"), metadata[group]
        if fact["state"] != "found":
            why = f": {make_visible(fact['reason'])}" if fact.get("reason") else ""
            rows.append(Fact(name, words.say(f"state.{fact['state']}") + why))
            continue
        entries = {key: value for key, value in fact["values"].items() if key not in _OF_TABLES}
        rows += [
            Fact(words.say("metadata.entry", group=name, name=key.replace("_", " ")), value)
            for key, value in flatten(entries.items(), words)
        ]
    blocks: list[Block] = [Facts(tuple(rows))] if rows else []
    return (*blocks, *_tables(metadata["jpeg"], words), Paragraph(words.say("metadata.limits"), "note"))


def _tables(fact: dict[str, Any], words: Words) -> list[Block]:
    if not words.choices.technical or fact["state"] != "found":
        return []
    tables = fact["values"].get("quantisation_tables") or []
    rows = [
        Fact(words.say("file.table", n=number), _grid(table), mono=True)
        for number, table in enumerate(tables)
    ]
    return [Facts(tuple(rows))] if rows else []


def _grid(table: list[int]) -> str:
    """Return 64 numbers as eight lines of eight, in columns: its font is monospaced."""
    wide = max(len(str(value)) for value in table)
    cells = [str(value).rjust(wide, "\u00a0") for value in table]
    return "\n".join("\u00a0".join(cells[start : start + 8]) for start in range(0, len(cells), 8))
