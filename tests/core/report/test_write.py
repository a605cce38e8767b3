from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irlnet_core.case.exhibit import CaseFacts, Exhibit, Judgement
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.annotation_export import Findings, to_csv
from irlnet_core.evidence.annotations import make_outline
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.legend import describe_result
from irlnet_core.inference.analysis import summarize
from irlnet_core.report.choices import OPTIONAL, Choices, Letterhead
from irlnet_core.report.compose import Scope, choose_scope, compose
from irlnet_core.report.document import Figures
from irlnet_core.report.html import render_html
from irlnet_core.report.pdf import render_pdf
from irlnet_core.report.write import Kind, make_reports, write_reports
from tests.core.report.conftest import HOSTILE, ExhibitOf
from tests.core.report.pages import count_pictures, decode, parse_html, read_bookmarks, read_pages, words_of

SMALL = Choices(dpi=60)
HEAD = Letterhead(
    "Example Laboratory", "1 Street", None, "A. Examiner", "B. Reviewer", "2026-7", "Filled in?"
)


def test_both_papers_say_the_same_about_a_picture_with_a_region(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    made = make_reports(exhibit, HEAD, SMALL)
    pdf, page = " ".join(read_pages(made["report.pdf"])), words_of(parse_html(made["report.html"]))

    evidence = exhibit.record.evidence
    for part in (
        "The network's response exceeds the threshold 0.5 in 1 region covering",
        "This is a tool result, not a finding that the picture was manipulated.",
        evidence["sha256"],
        evidence["pixels_sha256"],
        "8 of 160 untouched pictures or scenes of the set “160 clean scenes” gave a false alarm",
        "5.0 %; 95 % confidence interval 2.2 % to 9.6 %",
        "Out of range: this file lies outside of what the model was validated on.",
        "maker one",
        "It can't tell paint from plaster.",
        "the library is not installed",
        "Example Laboratory",
        "A. Examiner",
        "B. Reviewer",
        "2026-7",
        "Filled in?",
        "No opinion was entered.",
        "sha256sum FILE",
        "numpy",
    ):
        assert part in page, part
        assert part.replace(" ", "") in pdf.replace(" ", ""), part


def test_each_page_of_the_pdf_is_numbered_and_bears_the_reports_id(exhibit_of: ExhibitOf) -> None:
    document = compose([exhibit_of()], 1, HEAD, SMALL)
    pdf = render_pdf(document)
    pages = read_pages(pdf)

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert f"Report {document.id}" in page
        assert "Case 2026-7" in page
    assert b"/Lang (en)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/Helvetica" not in pdf  # every font that is named is embedded
    marks = read_bookmarks(pdf)
    assert [title for _, title, _ in marks][:4] == [
        "This report",
        "Result in brief",
        "Request and case",
        "Picture: scene.png",
    ]
    assert all(title in pages[place] for _, title, place in marks)


def test_the_figures_show_the_unaltered_picture_and_the_response_beside_it(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    document = compose([exhibit], 1, HEAD, Choices(dpi=150))
    pairs = [block for part in document.sections for block in part.blocks if isinstance(block, Figures)]
    original, response = (decode(figure.png) for figure in (pairs[0].left, pairs[0].right))

    assert exhibit.image is not None
    pixels = exhibit.image.pixels  # printed at twice its size
    assert np.array_equal(original[:360:2, :480:2], pixels)
    assert np.array_equal(original[1:360:2, 1:480:2], pixels)
    assert np.array_equal(response[340:360:2, :40:2], pixels[170:180, :20])  # no response there
    assert not np.array_equal(response[160, 200], pixels[80, 100])
    assert len(response) > len(original), "the legend lies below the picture"
    assert sum(count_pictures(render_pdf(document))) == 2 * len(pairs) == 4


def test_nothing_found_is_told_as_such_and_never_as_authentic(exhibit_of: ExhibitOf) -> None:
    made = make_reports(exhibit_of(threshold=0.95), HEAD, SMALL)
    page = words_of(parse_html(made["report.html"]))

    assert "No region of at least 64 pixels exceeds the threshold 0.95." in page
    assert "not a finding that the picture is authentic" in page
    assert "at exactly this threshold nothing was measured" in page.lower()
    assert "Regions closely" not in page


def test_what_did_not_run_is_told_with_its_reason(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    page = words_of(parse_html(make_reports(exhibit, HEAD, SMALL)["report.html"]))

    assert "3 checks did not run" in page or "4 checks did not run" in page
    for check, reason in (
        ("Likelihood ratio", "no reference set"),
        ("C2PA", "the library is not installed"),
        ("Metadata: JPEG tables", "the file's type is PNG"),
        ("Self-test of the model on this machine", "no self-test was made"),
    ):
        assert f"{check} not run {reason}" in page
    assert "Metadata: EXIF not found" in page


def test_a_threshold_below_all_measured_ones_is_told(exhibit_of: ExhibitOf) -> None:
    page = words_of(parse_html(make_reports(exhibit_of(threshold=0.3), HEAD, SMALL)["report.html"]))
    assert "This threshold lies below every measured one. At the lowest of those, 0.5000, 8 of 160" in page


def test_a_model_that_was_never_measured_says_so(exhibit_of: ExhibitOf) -> None:
    page = words_of(parse_html(make_reports(exhibit_of(card={}), HEAD, SMALL)["report.html"]))
    assert "How often this model gives a false alarm at this threshold was not measured." in page
    assert "holds no measured detection rates" in page
    assert "Rank among clean pictures: not run." in page


def test_without_the_evidence_the_report_says_why_there_are_no_figures(exhibit_of: ExhibitOf) -> None:
    exhibit = replace(exhibit_of(), image=None, missing="The file was found nowhere.")
    made = make_reports(exhibit, HEAD, SMALL)

    tree = parse_html(made["report.html"])
    assert "No figures: The file was found nowhere." in words_of(tree)
    assert not tree.findall(".//img")
    assert "No figures" in " ".join(read_pages(made["report.pdf"]))


def _hostile(exhibit: Exhibit) -> Exhibit:
    record = exhibit.record
    record = replace(record, evidence={**record.evidence, "file_name": HOSTILE})
    outline = make_outline("rectangle", [(5, 5), (50, 50)], (240, 180), label="<b>x</b>", note="&amp;")
    annotations = replace(exhibit.annotations, outlines=(outline,), notes=HOSTILE)
    judgement = Judgement(3, "inconsistent", HOSTILE, "<i>A</i>", "2026-01-02T03:04:05.000Z")
    return replace(exhibit, record=record, annotations=annotations, judgement=judgement)


def test_hostile_names_and_notes_come_out_escaped_and_visible(exhibit_of: ExhibitOf) -> None:
    head = Letterhead(HOSTILE, HOSTILE, None, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    made = make_reports(_hostile(exhibit_of()), head, SMALL)
    tree = parse_html(made["report.html"])
    text = words_of(tree)

    assert not tree.findall(".//script")
    assert not [element for element in tree.iter() if any(name.startswith("on") for name in element.attrib)]
    assert "\u202e" not in text
    assert '<script>alert("x")</script>&‹U+202E›gpj.exe' in text
    assert "😀‹U+000A›second" in text  # a name is one line; in notes the line end stays
    pages = " ".join(read_pages(made["report.pdf"]))
    assert '<script>alert("x")</script>&‹U+202E›gpj.exe' in pages
    assert "‹U+1F600›" in pages
    assert "inconsistent" in pages


def test_the_page_links_to_nothing_outside(exhibit_of: ExhibitOf) -> None:
    page = make_reports(exhibit_of(), HEAD, SMALL)["report.html"]
    tree = parse_html(page)

    addresses = [
        v for e in tree.iter() for k, v in e.attrib.items() if k in ("src", "href", "action", "data")
    ]
    assert addresses
    assert all(address.startswith(("data:image/", "#")) for address in addresses)
    assert not re.search(rb"url\(|@import|https?://", page)


def test_folders_and_blackened_areas_are_left_out(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    place = Path(exhibit.record.evidence["path"])
    exhibit = replace(exhibit, annotations=replace(exhibit.annotations, notes=f"copied from {place}"))
    black = {exhibit.record.evidence["sha256"]: (Area(0, 0, 240, 180),)}
    made = make_reports(exhibit, HEAD, replace(SMALL, paths=False, blackened=black))

    text = words_of(parse_html(made["report.html"]))
    assert str(place.parent) not in text
    assert "copied from …" in text
    assert "1 area was blackened for this report." in text
    assert (
        "by choice: the folders in which files lay, areas of the picture, blackened in the figures." in text
    )
    assert "1 region lies in a blackened area and is not shown closely." in text
    assert "unaltered" not in text
    document = compose([exhibit], 1, HEAD, replace(SMALL, blackened=black))
    pair = next(block for part in document.sections for block in part.blocks if isinstance(block, Figures))
    for figure in (pair.left, pair.right):
        sheet = decode(figure.png)
        middle = sheet[sheet.shape[1] // 4, sheet.shape[1] // 2 - 40 : sheet.shape[1] // 2 + 40]
        assert np.count_nonzero(middle) == 0


@pytest.mark.parametrize("section", OPTIONAL)
def test_what_is_left_out_by_choice_is_named(exhibit_of: ExhibitOf, section: str) -> None:
    document = compose([exhibit_of()], 1, HEAD, replace(SMALL, left_out=frozenset({section})))
    whole = compose([exhibit_of()], 1, HEAD, SMALL)

    gone = {part.id for part in whole.sections} - {part.id for part in document.sections}
    assert {name.removeprefix("p1-") for name in gone} == {section}
    assert "Left out of this report by choice: " in words_of(parse_html(render_html(document)))


def test_results_limits_and_what_was_not_run_cannot_be_left_out() -> None:
    for section in ("results", "checks", "performance", "limits"):
        with pytest.raises(ConfigError, match="can't be left out"):
            Choices(left_out=frozenset({section}))


def test_the_plain_report_is_shorter_and_says_no_less_about_limits(exhibit_of: ExhibitOf) -> None:
    plain = words_of(
        parse_html(make_reports(exhibit_of(), HEAD, replace(SMALL, depth="plain"))["report.html"])
    )
    technical = words_of(parse_html(make_reports(exhibit_of(), HEAD, SMALL)["report.html"]))

    assert len(plain) < len(technical)
    assert "Libraries" not in plain
    for part in ("does not mean that a picture is authentic", "gave a false alarm", "not run", "tool result"):
        assert part in plain


def test_what_was_done_otherwise_stands_beside_the_result_of_a_plain_report(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    area = {"x": 0, "y": 0, "width": 90, "height": 80}
    odd = ["Only the area was analysed.", "Tiles of 256 pixels were used; the model was made for 512."]
    for tiles, told in (({"deviations": odd[1:]}, odd[1]), ({"deviations": odd, "area": area}, odd[1])):
        record = replace(exhibit.record, tiles={**exhibit.record.tiles, **tiles})
        paper = make_reports(replace(exhibit, record=record), HEAD, replace(SMALL, depth="plain"))
        assert words_of(parse_html(paper["report.html"])).count(f"made for: {told}") == 1


def test_a_picture_of_which_only_a_part_was_analysed_is_told_in_a_report_on_many(
    exhibit_of: ExhibitOf,
) -> None:
    whole = exhibit_of(threshold=0.95)
    area = {"x": 0, "y": 0, "width": 90, "height": 80}
    part = replace(whole, record=replace(whole.record, tiles={**whole.record.tiles, "area": area}))
    text = words_of(parse_html(render_html(compose([whole, part], 2, HEAD, SMALL, Scope("none")))))
    assert "in 0 of 2 pictures" in text
    assert "Of 1 picture only a part was analysed; nothing is known about its rest." in text
    assert "0 (of a part)" in text


def test_an_area_that_blackens_nothing_is_refused(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    black = {exhibit.record.evidence["sha256"]: (Area(240, 0, 9, 9),)}
    with pytest.raises(ConfigError, match="lies outside of 240 x 180"):
        compose([exhibit], 1, HEAD, replace(SMALL, blackened=black))


def test_texts_longer_than_a_page_are_all_there(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    notes = "\n".join(f"line {number}" for number in range(150))
    outline = make_outline("rectangle", ((10, 10), (50, 50)), (240, 180), label="x", note=notes)
    exhibit = replace(
        exhibit,
        annotations=replace(exhibit.annotations, notes="word " * 4000, outlines=(outline,)),
        judgement=Judgement(opinion="\u8a3c" * 2000 + "the end"),  # letters that the font lacks, as codes
    )
    pages = " ".join(read_pages(make_reports(exhibit, HEAD, SMALL)["report.pdf"]))
    assert "line 149" in pages
    assert "the end" in pages.replace("\n", " ")
    assert pages.count("word") >= 4000
    names = tuple(f"IMG_{number:05d}.jpg" for number in range(2000))
    case = render_pdf(compose([exhibit, exhibit], 2, HEAD, SMALL, Scope("none", names)))
    assert "IMG_01999.jpg" in " ".join(read_pages(case))


def test_a_report_on_a_case_lists_all_pictures_and_describes_the_chosen_ones(exhibit_of: ExhibitOf) -> None:
    facts = CaseFacts("0" * 32, "C-9", "Harbour", "Lab of the case", "C. Examiner")
    loud = replace(exhibit_of(), case=facts)
    quiet = replace(exhibit_of(threshold=0.95, file_name="quiet.png"), case=facts)
    scope = Scope("found", ("never analysed.png",))
    document = compose([loud, quiet], 2, Letterhead(), SMALL, scope)
    text = words_of(parse_html(render_html(document)))

    assert document.laboratory == "Lab of the case"
    assert "Case C-9" in document.footer
    assert "Harbour" in text
    assert "quiet.png" in text
    assert "1 of the 2 pictures are described below: those with a region above the threshold." in text
    assert "The network's response exceeds the threshold in 1 of 2 pictures" in text
    assert "1 picture of the case was not analysed; nothing is said about it: never analysed.png." in text
    assert [part.title for part in document.sections if part.new_page] == ["Picture 1 of 2: scene.png"]
    assert len(read_pages(render_pdf(document))) > 2


def test_the_audit_logs_head_and_the_replaced_report_are_printed(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    exhibit = replace(exhibit, record=replace(exhibit.record, audit={"length": 41, "head": "a" * 64}))
    text = words_of(parse_html(make_reports(exhibit, HEAD, replace(SMALL, amends="old-id"))["report.html"]))

    assert f"41 entries, head {'a' * 64}" in text
    assert "Replaces report old-id" in text


def test_the_table_of_a_case_leads_to_the_pictures_and_what_they_share_is_told_once(
    exhibit_of: ExhibitOf,
) -> None:
    document = compose([exhibit_of(), exhibit_of(), exhibit_of(threshold=0.95)], 3, HEAD, SMALL)
    tree = parse_html(render_html(document))
    text = words_of(tree)

    table = next(one for one in tree.iter("section") if one.get("id") == "pictures")
    links = [link.get("href") for link in table.iter("a")]
    assert links == ["#p1-picture", "#p2-picture", "#p3-picture"]
    assert {link[1:] for link in links} <= {one.get("id") for one in tree.iter("section")}
    assert text.count("maker one") == 2  # for each threshold of its own
    assert text.count("Libraries") == 2
    assert "Model and threshold are those of picture 1: what was measured of them stands there." in text
    assert text.count("8 of 160 untouched pictures or scenes") == 2  # the figure itself stands with each


def test_many_pictures_are_listed_and_only_the_marked_ones_described() -> None:
    assert choose_scope(None, 20) == Scope("")
    assert choose_scope(None, 21) == Scope("marked")
    assert choose_scope("all", 500) == Scope("")
    assert choose_scope("found", 3, ("left.png",)) == Scope("found", ("left.png",))


def test_a_report_that_describes_no_picture_says_so(exhibit_of: ExhibitOf) -> None:
    document = compose([exhibit_of(), exhibit_of()], 2, HEAD, SMALL, Scope("none"))
    text = words_of(parse_html(render_html(document)))
    assert "None of the 2 pictures is described by itself (by choice). All are in this table." in text
    assert "Picture 1 of 2" not in text


def test_where_one_paper_can_t_be_made_none_is_written(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    targets: dict[Path, Kind] = {tmp_path / "a.html": "html", tmp_path / "a.pdf": "pdf"}
    broken = Letterhead(logo=b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(OSError, match="cannot identify"):
        write_reports(targets, [exhibit_of()], 1, broken, SMALL)
    assert not any(path.exists() for path in targets)


def test_a_threshold_is_told_with_all_its_digits_wherever_it_stands(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of(threshold=0.512345)
    document = compose([exhibit], 1, HEAD, SMALL)
    papers = words_of(parse_html(render_html(document))), " ".join(read_pages(render_pdf(document)))
    regions = exhibit.record.regions
    table = to_csv(Findings("scene.png", exhibit.annotations, exhibit.localization, regions))
    for text in (*papers, summarize(regions), describe_result(regions), table):
        assert set(re.findall(r"\b0\.51\d+", text)) == {"0.512345"}
