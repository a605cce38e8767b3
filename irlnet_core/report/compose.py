"""From exhibits to a whole report as data: the brief, a part for each picture, and what holds for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from irlnet_core import __version__
from irlnet_core.case.exhibit import CaseFacts, Exhibit
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.record import format_utc
from irlnet_core.report.analyst_part import write_opinion, write_request, write_signatures
from irlnet_core.report.choices import OPTIONAL, Choices, Letterhead
from irlnet_core.report.document import Block, Document, Facts, Paragraph, Section, Table
from irlnet_core.report.file_part import write_file_part
from irlnet_core.report.method_part import (
    hashes_of,
    write_integrity,
    write_limits,
    write_method,
    write_verification,
)
from irlnet_core.report.performance_part import say_alarms, write_performance
from irlnet_core.report.redaction import leave_out_folders
from irlnet_core.report.result_part import say_result, write_results
from irlnet_core.report.texts import load_texts
from irlnet_core.report.visible import make_visible, shorten
from irlnet_core.report.wording import Words, in_range

MOST_CLOSELY = 20
_SECTION_KEYS = {"crops": "figure.crops"}


@dataclass(frozen=True)
class Scope:
    """Which pictures of a case are described closely: ``only`` is "" (all), "found", "marked" or "none".

    ``not_analysed`` are the names of pictures about which there is nothing to say.
    """

    only: str = ""
    not_analysed: tuple[str, ...] = ()

    def takes(self, exhibit: Exhibit) -> bool:
        judged = exhibit.judgement.status or exhibit.judgement.opinion or exhibit.judgement.outcome
        found = bool(exhibit.record.regions.count)
        return {"": True, "found": found, "marked": bool(judged), "none": False}[self.only]


def choose_scope(only: str | None, count: int, not_analysed: tuple[str, ...] = ()) -> Scope:
    """Return the pictures of a case that are described: "all", or what ``only`` names.

    None takes all of a few; of many the marked ones, for each takes some pages and a megabyte.
    """
    default = "all" if count <= MOST_CLOSELY else "marked"
    chosen = only or default
    return Scope("" if chosen == "all" else chosen, not_analysed)


@dataclass
class _Gathered:
    """What is kept of each picture while the others are read; no pixels."""

    brief: list[Block] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    found: int = 0
    part: int = 0
    outside: int = 0
    told: dict[str, int] = field(default_factory=dict)  # what was described, with which picture
    records: list[tuple[str, str, str]] = field(default_factory=list)
    limits: dict[str, None] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    audit: dict[str, Any] | None = None
    case: CaseFacts | None = None


def compose(
    exhibits: Iterable[Exhibit],
    count: int,
    head: Letterhead,
    choices: Choices,
    scope: Scope | None = None,
    told: Callable[[int], None] | None = None,
) -> Document:
    """Return the report on ``count`` exhibits, which are read one after the other and not kept.

    ``told`` hears the number of each finished picture. Raises :class:`ConfigError` for an unknown language,
    or an area to blacken that lies outside of its picture.
    """
    words, scope = Words(load_texts(choices.language), choices), scope or Scope()
    gathered = _Gathered()
    for number, exhibit in enumerate(exhibits, start=1):
        _gather(gathered, exhibit, number, count, words, scope)
        if told:
            told(number)
    head = _fill_in(head, gathered.case)
    report_id, now = str(uuid4()), format_utc(datetime.now(UTC))
    sections = [
        _about(gathered, report_id, now, count, words),
        _brief(gathered, count, words),
    ]
    if choices.has("request"):
        title = gathered.case.title if gathered.case else ""
        sections.append(write_request(head, title, count, words))
    if count != 1:
        sections.append(_overview(gathered, count, words, scope))
    sections += [*gathered.parts, *_closing(gathered, head, report_id, words)]
    document = _bind(sections, head, report_id, count, words)
    return document if choices.paths else leave_out_folders(document, gathered.places)


def _gather(
    gathered: _Gathered, exhibit: Exhibit, number: int, count: int, words: Words, scope: Scope
) -> None:
    evidence = exhibit.record.evidence
    _check_black(words.choices.blackened.get(evidence["sha256"], ()), evidence["width"], evidence["height"])
    gathered.places.add(evidence["path"])
    gathered.rows.append(_row(exhibit, number, words))
    gathered.records.append(hashes_of(exhibit))
    gathered.sizes.append((evidence["width"], evidence["height"]))
    gathered.limits.update(dict.fromkeys(map(str, exhibit.record.model["card"].get("limits") or ())))
    gathered.audit, gathered.case = exhibit.record.audit, exhibit.case
    gathered.found += exhibit.record.regions.count > 0
    gathered.part += bool(exhibit.record.tiles.get("area"))
    gathered.outside += in_range(exhibit.record) is False
    gathered.links.append(f"p{number}-picture" if scope.takes(exhibit) else "")
    if count == 1:
        gathered.brief = [*say_result(exhibit, words), Paragraph(say_alarms(exhibit.record, words))]
    if scope.takes(exhibit):
        gathered.parts += _picture(exhibit, number, count, words, gathered.told)


def _check_black(areas: Iterable[Area], width: int, height: int) -> None:
    """Refuse an area that blackens nothing, while the report would say that it did."""
    for area in areas:
        if area.x >= width or area.y >= height:
            reason = (
                f"The area to blacken at column {area.x}, row {area.y} lies outside of {width} x {height}."
            )
            raise ConfigError(reason, cure="Give it in pixels of the stored picture.")


def _picture(exhibit: Exhibit, number: int, count: int, words: Words, told: dict[str, int]) -> list[Section]:
    prefix = f"p{number}-"
    name = shorten(make_visible(exhibit.record.evidence["file_name"]))
    key = "picture" if count != 1 else "picture.single"
    heading = words.say(key, n=number, count=count, name=name)
    parts = [
        *write_results(exhibit, words, prefix, words.choices.resolution(count), brief=count != 1),
        *write_performance(exhibit, words, prefix, _told(told, number, *_model_of(exhibit))),
        *write_file_part(exhibit, words, prefix),
    ]
    if words.choices.has("opinion"):
        parts.append(write_opinion(exhibit, words, prefix))
    if words.choices.has("method"):
        surroundings = exhibit.record.environment
        parts.append(
            write_method(exhibit, words, prefix, _told(told, number, *_model_of(exhibit), surroundings))
        )
    return [Section(f"{prefix}picture", heading, (), 1, new_page=True), *parts]


def _model_of(exhibit: Exhibit) -> tuple[object, object]:
    return exhibit.record.model["weights_sha256"], exhibit.record.threshold


def _told(told: dict[str, int], number: int, *facts: object) -> int:
    """Return with which picture these facts were told, 0 where they are new; they are told from now on."""
    before = told.setdefault(repr(facts), number)
    return before if before != number else 0


def _row(exhibit: Exhibit, number: int, words: Words) -> tuple[str, ...]:
    evidence, regions = exhibit.record.evidence, exhibit.record.regions
    inside = {True: "yes", False: "no", None: "unknown"}[in_range(exhibit.record)]
    part = exhibit.record.tiles.get("area")
    return (
        str(number),
        make_visible(evidence["file_name"]),
        words.say("overview.part", regions=regions.count) if part else str(regions.count),
        words.texts.percent(regions.listed_fraction) if regions.count else "–",
        words.say(inside),
        words.say(f"status.{exhibit.judgement.status}"),
    )


def _fill_in(head: Letterhead, case: CaseFacts | None) -> Letterhead:
    """Take from the case what the letterhead leaves empty."""
    if case is None:
        return head
    return Letterhead(
        head.laboratory or case.laboratory,
        head.address,
        head.logo,
        head.examiner or case.examiner,
        head.reviewer,
        head.case_number or case.number,
        head.request,
    )


def _about(gathered: _Gathered, report_id: str, now: str, count: int, words: Words) -> Section:
    facts = [
        words.fact("report.id", report_id, mono=True),
        words.fact("report.date", words.time(now.split(".", maxsplit=1)[0] + "Z")),
        words.fact("report.program", f"IRL-Net {__version__}"),
    ]
    if words.choices.amends:
        facts.append(words.fact("report.amends", words.choices.amends, mono=True))
    if count == 1:
        facts.append(words.fact("file.name", gathered.records[0][0]))
        facts.append(words.fact("file.sha256", gathered.records[0][1], mono=True))
    return Section("about", words.say("about"), (Facts(tuple(facts)),))


def _brief(gathered: _Gathered, count: int, words: Words) -> Section:
    blocks: list[Block] = [*gathered.brief]
    if count != 1:
        found = gathered.found
        text = words.say("brief.case", count=count, found=found, none=count - found)
        blocks.append(Paragraph(text, "result"))
        if gathered.part:
            blocks.append(Paragraph(words.texts.count("brief.part", gathered.part), "caution"))
        if gathered.outside:
            blocks.append(Paragraph(words.texts.count("brief.outside", gathered.outside), "caution"))
    blocks.append(Paragraph(words.say("brief.explain"), "note"))
    if missing := _left_out(words):
        blocks.append(Paragraph(words.say("left_out", sections=missing), "note"))
    return Section("brief", words.say("brief"), tuple(blocks))


def _overview(gathered: _Gathered, count: int, words: Words, scope: Scope) -> Section:
    """Return the table of all pictures; the number of each that is described leads there."""
    head = tuple(
        words.say(f"overview.{key}") for key in ("number", "file", "regions", "area", "range", "status")
    )
    widths = (0.07, 0.44, 0.1, 0.1, 0.12, 0.17)
    blocks: list[Block] = []
    if scope.only:
        described = sum(map(bool, gathered.links))
        key = "left_out.only" if described else "left_out.all"
        which = words.say(f"only.{scope.only}")
        blocks.append(Paragraph(words.say(key, n=described, count=count, which=which)))
    if scope.not_analysed:
        names = ", ".join(shorten(make_visible(name)) for name in scope.not_analysed)
        text = words.texts.count("overview.not_analysed", len(scope.not_analysed), names=names)
        blocks.append(Paragraph(text, "caution"))
    if gathered.rows:
        numbers = frozenset({0, 2, 3})
        blocks.append(Table(head, tuple(gathered.rows), widths, numbers, links=tuple(gathered.links)))
    return Section("pictures", words.say("overview"), tuple(blocks))


def _left_out(words: Words) -> str:
    names = [words.say(_SECTION_KEYS.get(name, name)) for name in OPTIONAL if not words.choices.has(name)]
    if not words.choices.paths:
        names.append(words.say("left_out.paths"))
    if any(words.choices.blackened.values()):
        names.append(words.say("left_out.black"))
    return ", ".join(names)


def _closing(gathered: _Gathered, head: Letterhead, report_id: str, words: Words) -> list[Section]:
    sections = [write_limits(tuple(gathered.limits), words)]
    if words.choices.has("verification"):
        sections.append(write_verification(gathered.sizes, words))
    if words.choices.has("integrity"):
        sections.append(write_integrity(gathered.records, gathered.audit, words))
    if words.choices.has("signatures"):
        sections.append(write_signatures(head, report_id, words))
    return sections


def _bind(sections: list[Section], head: Letterhead, report_id: str, count: int, words: Words) -> Document:
    say = words.say
    footer = say("footer.report", id=report_id)
    if head.case_number:
        footer = f"{footer} · {say('footer.case', number=make_visible(head.case_number))}"
    return Document(
        id=report_id,
        title=say("title"),
        subtitle=say("subtitle") if count == 1 else say("subtitle.case", n=count),
        language=words.texts.language,
        laboratory=make_visible(head.laboratory),
        address=make_visible(head.address, lines=True),
        logo=head.logo,
        footer=footer,
        page=say("page", page="{page}", pages="{pages}"),
        contents=say("contents"),
        sections=tuple(sections),
    )
