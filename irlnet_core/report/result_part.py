"""The part of a report about what the tool found: figures, regions, and every check with its state."""

from __future__ import annotations

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.area import Area
from irlnet_core.report.document import Block, Figure, Figures, Paragraph, Section, Table
from irlnet_core.report.figures import (
    CLOSE,
    WHOLE,
    Plate,
    Print,
    area_around,
    is_black,
    print_original,
    print_response,
)
from irlnet_core.report.file_part import GROUPS
from irlnet_core.report.visible import make_visible, shorten
from irlnet_core.report.wording import SELF_TEST, Words, capital, in_range, not_run

_MOST_CROPS, _MOST_ROWS = 6, 20


def say_result(exhibit: Exhibit, words: Words) -> list[Block]:
    """Return the result in brief: the sentence, what qualifies it, and how much did not run."""
    record = exhibit.record
    blocks: list[Block] = [Paragraph(words.result(record), "result")]
    regions, area = record.regions, record.tiles.get("area")
    if area:
        blocks.append(Paragraph(words.say("result.area", **area), "caution"))
    if odd := record.tiles.get("deviations", ())[
        bool(area) :
    ]:  # of an area the first says what is said above
        blocks.append(Paragraph(words.say("result.deviations", sentences=make_visible(" ".join(odd)))))
    if regions.small_count:
        small = words.texts.count("result.small", regions.small_count, pixels=regions.small_pixels)
        blocks.append(Paragraph(small))
    blocks.append(_say_range(exhibit, words))
    if checks := len(not_run(exhibit)) + _unread_metadata(exhibit) + _untested(exhibit):
        blocks.append(Paragraph(words.texts.count("not_run.brief", checks)))
    return blocks


def write_results(
    exhibit: Exhibit, words: Words, prefix: str, dpi: int, *, brief: bool = True
) -> list[Section]:
    """Return the sections with the figures, the table of regions and the table of checks.

    Without ``brief`` only the sentence of the result stands above the figures: the rest was said before.
    """
    figures, crops = _figures(exhibit, words, dpi)
    told = say_result(exhibit, words)
    results = (*(told if brief else told[:1]), *figures)
    sections = [
        Section(f"{prefix}results", words.say("results"), results, 2),
        Section(f"{prefix}checks", words.say("checks"), _checks(exhibit, words), 2),
    ]
    if exhibit.record.regions.listed:
        regions = Section(f"{prefix}regions", words.say("results.regions"), _regions(exhibit, words), 2)
        sections.insert(1, regions)
    if crops:
        sections.insert(2, Section(f"{prefix}crops", words.say("figure.crops"), tuple(crops), 2))
    return sections


def _say_range(exhibit: Exhibit, words: Words) -> Paragraph:
    statements, inside = exhibit.record.model.get("validity", []), in_range(exhibit.record)
    if inside is False:
        outside = " ".join(one["sentence"] for one in statements if one["state"] == "out of range")
        return Paragraph(words.say("outside", sentences=make_visible(outside)), "caution")
    if inside is None:
        return Paragraph(words.say("range.unknown"), "caution")
    known = sum(one["state"] == "in range" for one in statements)
    return Paragraph(words.say("inside", known=known, all=len(statements)))


def _unread_metadata(exhibit: Exhibit) -> int:
    groups = exhibit.record.evidence["metadata"]
    return sum(groups[group]["state"] == "not run" for group in GROUPS)


def _untested(exhibit: Exhibit) -> bool:
    test = exhibit.record.self_test
    return not test or test["state"] == "not run"


def _figures(exhibit: Exhibit, words: Words, dpi: int) -> tuple[list[Block], list[Block]]:
    """Return the figures of the whole picture and those of its regions, or why there are none."""
    if exhibit.image is None or exhibit.localization is None:
        no_picture = make_visible(exhibit.missing) or words.say("figure.no_picture")
        why = words.say("figure.no_map") if exhibit.localization is None else no_picture
        return [Paragraph(words.say("figure.missing", why=why), "caution")], []
    plate = Plate(
        exhibit.image.pixels,
        exhibit.localization,
        exhibit.record.regions,
        exhibit.annotations.outlines,
        words.choices.blackened.get(exhibit.record.evidence["sha256"], ()),
        dpi,
    )
    whole: list[Block] = [_draw_whole(exhibit, plate, words)]
    return whole, _draw_crops(plate, words) if words.choices.has("crops") else []


def _draw_whole(exhibit: Exhibit, plate: Plate, words: Words) -> Figures:
    say, texts = words.say, words.texts
    left = print_original(plate, plate.whole, WHOLE)
    right = print_response(plate, plate.whole, WHOLE, texts)
    black = texts.count("figure.black", len(plate.black)) if plate.black else ""
    scale, state = _scale(left, words) + black, _state(bool(black), words)
    extra = say("figure.outlines") if plate.outlines else ""
    extra += say("figure.hatched") if plate.localization.analysed else ""
    name = shorten(make_visible(exhibit.record.evidence["file_name"]))
    result = words.result(exhibit.record)
    return Figures(
        _figure(
            left, say("figure.original", name=name, state=state, scale=scale), say("figure.alt.original")
        ),
        _figure(
            right, say("figure.response", scale=extra + black), say("figure.alt.response", result=result)
        ),
    )


def _draw_crops(plate: Plate, words: Words) -> list[Block]:
    say = words.say
    listed = [one for one in plate.regions.listed if not is_black(plate, one)]
    blocks: list[Block] = []
    for region in listed[:_MOST_CROPS]:
        area = area_around(region, plate.whole)
        left = print_original(plate, area, CLOSE)
        black = _blackened(plate, area, words)
        told = {"state": _state(bool(black), words), "scale": _scale(left, words) + black}
        caption = say("figure.crop.original", n=region.id, **told, **area.as_dict())
        alt = say("figure.alt.crop", n=region.id)
        right = print_response(plate, area, CLOSE, words.texts)
        response = say("figure.crop.response", scale=black)
        blocks.append(Figures(_figure(left, caption, alt), _figure(right, response, alt)))
    if len(listed) > _MOST_CROPS:
        blocks.insert(0, Paragraph(say("figure.crops.first", shown=_MOST_CROPS, all=len(listed)), "note"))
    if hidden := len(plate.regions.listed) - len(listed):
        blocks.append(Paragraph(words.texts.count("figure.crops.black", hidden), "note"))
    return blocks


def _state(black: bool, words: Words) -> str:
    """Say that the picture is as it was stored, or what of it is not."""
    return words.say("figure.state.black" if black else "figure.state")


def _blackened(plate: Plate, area: Area, words: Words) -> str:
    spots = sum(
        one.x < area.x1 and area.x < one.x1 and one.y < area.y1 and area.y < one.y1 for one in plate.black
    )
    return words.texts.count("figure.black", spots) if spots else ""


def _scale(figure: Print, words: Words) -> str:
    if figure.ratio > 1:
        return words.say("figure.larger", times=round(figure.ratio))
    return (
        words.say("figure.smaller", percent=words.texts.percent(figure.ratio, 1)) if figure.ratio < 1 else ""
    )


def _figure(figure: Print, caption: str, alt: str) -> Figure:
    return Figure(figure.png, figure.width, figure.height, caption, alt)


def _regions(exhibit: Exhibit, words: Words) -> tuple[Block, ...]:
    regions, texts = exhibit.record.regions, words.texts
    listed = regions.listed if words.choices.technical else regions.listed[:_MOST_ROWS]
    keys = ("id", "place", "size", "area", "percent", "mean", "max", "centroid")
    rows = tuple(
        (
            str(one.id),
            f"{one.x}, {one.y}",
            f"{one.width} × {one.height}",
            str(one.area),
            texts.percent(one.area_fraction),
            texts.number(one.mean_response, 4),
            texts.number(one.max_response, 4),
            f"{texts.number(one.centroid_x, 1)}, {texts.number(one.centroid_y, 1)}",
        )
        for one in listed
    )
    head = tuple(words.say(f"region.{key}") for key in keys)
    widths = (0.06, 0.13, 0.14, 0.11, 0.11, 0.12, 0.13, 0.2)
    blocks: list[Block] = [Table(head, rows, widths, frozenset(range(8)))]
    if len(listed) < regions.count:
        blocks.append(Paragraph(words.say("results.first", shown=len(listed), all=regions.count), "note"))
    return (*blocks, Paragraph(words.say("results.rule", rule=regions.rule), "note"))


def _checks(exhibit: Exhibit, words: Words) -> tuple[Block, ...]:
    record, say = exhibit.record, words.say
    regions = record.regions
    if regions.count:
        percent = words.texts.percent(regions.listed_fraction)
        told = words.texts.count("check.response.found", regions.count, percent=percent)
    else:
        threshold = words.texts.threshold(regions.threshold)
        told = say("check.response.none", least=regions.least_area, threshold=threshold)
    state = "found" if regions.count else "not found"
    rows = [(say("check.response"), say(f"state.{state}"), told), _self_test(exhibit, words)]
    for group in GROUPS:
        fact = record.evidence["metadata"][group]
        name = say("check.metadata", group=say(f"metadata.{group}"))
        told = make_visible(fact.get("reason", "")) if fact["state"] == "not run" else "–"
        if fact["state"] == "found":
            told = words.texts.count("check.entries", len(fact["values"]))
        rows.append((name, say(f"state.{fact['state']}"), told))
    rows += [
        (capital(make_visible(check)), say("state.not run"), make_visible(why))
        for check, why in not_run(exhibit)
    ]
    head = (say("check"), say("check.state"), say("check.result"))
    return Paragraph(say("checks.explain"), "note"), Table(head, tuple(rows), (0.36, 0.13, 0.51))


def _self_test(exhibit: Exhibit, words: Words) -> tuple[str, str, str]:
    test, name = exhibit.record.self_test, words.say("check.self_test")
    if not test or test["state"] == "not run":
        reasons = [one.reason for one in exhibit.record.not_run if one.check == SELF_TEST]
        why = make_visible(" ".join(reasons) or str((test or {}).get("reason") or ""))
        return name, words.say("state.not run"), why or words.say("check.self_test.none")
    reason = make_visible(str(test.get("reason") or ""))
    difference = words.texts.number(test.get("largest_difference") or 0.0, 6)
    time = words.time(str(test.get("time", "")))
    told = words.say(f"check.self_test.{test['state']}", reason=reason, difference=difference, time=time)
    return name, words.say(f"state.{test['state']}"), told
