from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from irlnet_core.case.exhibit import Exhibit, Judgement
from irlnet_core.evidence.annotations import make_outline
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import read_image
from irlnet_core.report.choices import Choices, Letterhead
from irlnet_core.report.compose import compose
from irlnet_core.report.document import Figures, Paragraph, Section
from irlnet_core.report.pdf import render_pdf
from irlnet_core.report.write import make_reports
from tests.core.report.conftest import CARD, HOSTILE, ExhibitOf
from tests.core.report.pages import count_pictures, parse_html, read_pages, words_of

SMALL = Choices(dpi=60)
SECRET = (255, 0, 200)
SPOT = Area(90, 70, 40, 20)


def _draw_page(pdf: bytes, number: int) -> NDArray[np.uint8]:
    with pypdfium2.PdfDocument(pdf) as document:
        return np.array(document[number % len(document)].render(scale=1).to_pil().convert("L"))


def _with_secret(exhibit: Exhibit) -> Exhibit:
    """Paint a part of the picture, all else of which is grey, in a colour."""
    assert exhibit.image is not None
    pixels = np.repeat(exhibit.image.pixels[..., 1:2], 3, axis=2)
    pixels[SPOT.slices] = SECRET
    Image.fromarray(pixels).save(exhibit.image.path)
    image = read_image(exhibit.image.path)
    record = replace(exhibit.record, evidence={**exhibit.record.evidence, "sha256": image.sha256})
    return replace(exhibit, image=image, record=record)


def _pictures(made: dict[str, bytes]) -> list[bytes]:
    """Return every picture that the two papers hold, as PNG."""
    coded = re.findall(rb'src="data:image/png;base64,([^"]+)"', made["report.html"])
    found = [base64.b64decode(one) for one in coded]
    kind = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    with pypdfium2.PdfDocument(made["report.pdf"]) as document:
        for page in document:
            for one in page.get_objects(filter=kind):
                stream = io.BytesIO()
                one.get_bitmap().to_pil().save(stream, "PNG")
                found.append(stream.getvalue())
    return found


def _reddest(png: bytes) -> int:
    """Return how far red lies above green at the most: the secret's colour mixed into a figure shows."""
    pixels = np.array(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    return int((pixels[..., 0] - pixels[..., 1]).max())


def test_blackened_pixels_are_in_no_picture_of_either_paper(exhibit_of: ExhibitOf) -> None:
    exhibit = _with_secret(exhibit_of(card={}))
    black = {exhibit.record.evidence["sha256"]: (SPOT,)}

    shown = _pictures(make_reports(exhibit, None, SMALL))
    hidden = _pictures(make_reports(exhibit, None, replace(SMALL, blackened=black)))

    assert len(shown) == len(hidden) == 8
    assert max(map(_reddest, shown)) > 150
    assert max(map(_reddest, hidden)) < 100  # the colours of the scale alone
    assert all(not Image.open(io.BytesIO(one)).info.keys() - {"dpi"} for one in hidden), "no metadata"


def test_false_alarms_on_altered_pictures_are_told_too(exhibit_of: ExhibitOf) -> None:
    counts = {"alarms": 32, "groups": 160, "interval": [0.141, 0.2704]}
    as_is = {"variant": "as-is", "alarms": 8, "groups": 160, "interval": [0.0218, 0.0961]}
    mark = {"threshold": 0.5, **as_is, "variants": [as_is, {"variant": "half", **counts}]}
    exhibit = exhibit_of(card={**CARD, "operating_points": [mark]})
    text = words_of(parse_html(make_reports(exhibit, None, SMALL)["report.html"]))

    assert "0.5000 as they are 8 of 160 5.0 % 2.2 % – 9.6 %" in text
    assert "0.5000 reduced to half 32 of 160 20.0 % 14.1 % – 27.0 %" in text
    assert "The thresholds were chosen on this very set, so these counts are no independent test" in text


def test_no_heading_stands_alone_at_the_foot_of_a_page(exhibit_of: ExhibitOf) -> None:
    for lines in range(0, 40, 8):  # push everything below down the pages step by step
        exhibit = replace(exhibit_of(), judgement=Judgement(opinion="A line.\n" * lines))
        document = compose([exhibit], 1, Letterhead(request="Asked.\n" * (lines % 9)), SMALL)
        titles = {part.title for part in document.sections}
        titles |= {"What the model finds of known inpainting", "False alarms at the measured thresholds"}
        for page in read_pages(render_pdf(document)):
            body = page.rsplit(f"Report {document.id}", 1)[0].strip()
            assert not any(body.endswith(title) for title in titles), page


def test_a_picture_stays_on_the_page_of_its_caption(exhibit_of: ExhibitOf) -> None:
    document = compose([exhibit_of()], 1, Letterhead(), SMALL)
    blocks = [block for section in document.sections for block in section.blocks]
    figures = next(block for block in blocks if isinstance(block, Figures))
    for lines in range(14, 50):  # push them over the foot of the page line by line
        pushed = Section("s", "Title", (Paragraph("line\n" * lines), figures), 1)
        pdf = render_pdf(replace(document, sections=(pushed,)))
        captioned = ["The same with" in page for page in read_pages(pdf)]
        assert [count > 0 for count in count_pictures(pdf)] == captioned


def test_long_names_stay_on_the_lines_to_sign_on(exhibit_of: ExhibitOf) -> None:
    head = Letterhead(examiner=HOSTILE, reviewer=HOSTILE)
    document = compose([exhibit_of()], 1, head, SMALL)
    pdf = render_pdf(document)
    last = read_pages(pdf)[-1]

    assert f"Signed is report {document.id} as a whole." in last
    assert last.index("Signatures") < last.index("Examiner") < last.index("Reviewed by") < last.rindex("xxx")
    margin = _draw_page(pdf, -1)[:40]
    assert margin.min() == 255, "nothing runs over the upper edge"


def test_letters_that_the_font_lacks_are_their_codes_in_an_outlines_label(exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    outlines = [
        make_outline("rectangle", [(90, 60), (120, 90)], (240, 180), label=label)
        for label in ("😀abc", "abc", "‹U+1F600›abc")
    ]
    drawn = []
    for outline in outlines:
        marked = replace(exhibit, annotations=replace(exhibit.annotations, outlines=(outline,)))
        drawn.append(_pictures(make_reports(marked, None, Choices(dpi=150)))[1])

    assert drawn[0] == drawn[2] != drawn[1]
