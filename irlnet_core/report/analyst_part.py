"""The part of a report that is the analyst's, apart from the results: request, opinion, notes, outlines."""

from __future__ import annotations

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.annotations import Outline
from irlnet_core.report.choices import Letterhead
from irlnet_core.report.document import Blanks, Block, Fact, Facts, Paragraph, Section, Table
from irlnet_core.report.visible import make_visible, shorten
from irlnet_core.report.wording import Words

_LONGEST_NAME = 80  # on the line to sign on


def write_request(head: Letterhead, case_title: str, pictures: int, words: Words) -> Section:
    """Return who asked for what in which case; each entry is the analyst's."""
    entries = (
        ("case.number", head.case_number),
        *([("case.title", case_title)] if case_title else []),
        ("laboratory", head.laboratory),
        ("examiner", head.examiner),
        ("request.text", head.request),
    )
    rows = [
        Fact(words.say(key), make_visible(text, lines=True) or words.say("not_entered"))
        for key, text in entries
    ]
    rows.append(Fact(words.say("request.items"), words.texts.count("request.items", pictures)))
    blocks = (Paragraph(words.say("request.by"), "note"), Facts(tuple(rows)))
    return Section("request", words.say("request"), blocks)


def write_opinion(exhibit: Exhibit, words: Words, prefix: str) -> Section:
    """Return the analyst's status, outcome, opinion, notes and outlines of one picture."""
    judgement, say = exhibit.judgement, words.say
    blocks: list[Block] = [Paragraph(say("opinion.apart"), "note")]
    rows = []
    if judgement.status:
        rows.append(words.fact("opinion.status", say(f"status.{judgement.status}")))
    if judgement.outcome:
        rows.append(words.fact("opinion.outcome", say(f"outcome.{judgement.outcome}")))
    if judgement.opinion:
        rows.append(Fact(say("opinion.text"), make_visible(judgement.opinion, lines=True)))
    if rows and judgement.author:
        rows.append(words.fact("opinion.author", judgement.author))
    if rows and judgement.changed:
        rows.append(words.fact("opinion.changed", words.time(judgement.changed)))
    if not (judgement.outcome or judgement.opinion):
        blocks.append(Paragraph(say("opinion.none")))
    if notes := make_visible(exhibit.annotations.notes, lines=True):
        rows.append(Fact(say("opinion.notes"), notes))
    if rows:
        blocks.append(Facts(tuple(rows)))
    if exhibit.annotations.outlines:
        blocks.append(Paragraph(say("opinion.outlines"), "subheading"))
        blocks.append(_outlines(exhibit.annotations.outlines, words))
    return Section(f"{prefix}opinion", say("opinion"), tuple(blocks), 2)


def write_signatures(head: Letterhead, report_id: str, words: Words) -> Section:
    """Return the lines on which examiner and reviewer sign, and what it is that they sign."""
    labels = words.say("signatures.examiner"), words.say("signatures.reviewer")
    names = tuple(shorten(make_visible(name), _LONGEST_NAME) for name in (head.examiner, head.reviewer))
    what = Paragraph(words.say("signatures.what", id=report_id), "note")
    return Section("signatures", words.say("signatures"), (what, Blanks(labels, names)))


def _outlines(outlines: tuple[Outline, ...], words: Words) -> Table:
    rows = tuple(
        (
            make_visible(one.label),
            words.say(f"kind.{one.kind}"),
            "{:.0f}, {:.0f}; {:.0f} × {:.0f}".format(*one.box),
            make_visible(one.author),
            make_visible(one.note, lines=True),
        )
        for one in outlines
    )
    keys = ("label", "kind", "box", "author", "note")
    return Table(tuple(words.say(f"outline.{key}") for key in keys), rows, (0.22, 0.12, 0.24, 0.14, 0.28))
