"""An exhibit made without a network: a picture, a map with one disc, and its record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from irlnet_core.case.audit import AuditLog
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit, Judgement
from irlnet_core.case.package import write_package
from irlnet_core.case.signing import SigningKey
from irlnet_core.evidence.annotations import Annotations, make_outline
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from tests.core.evidence.conftest import PhotoAt, RecordOf, blob_map, photo_at, record_of

__all__ = ["blob_map", "photo_at", "record_of"]


@pytest.fixture
def image(tmp_path: Path, photo_at: PhotoAt) -> SuspectImage:
    return read_image(photo_at(tmp_path / "evidence" / "a.png"))


@pytest.fixture
def record(image: SuspectImage, blob_map: Localization, record_of: RecordOf) -> AnalysisRecord:
    return record_of(image, blob_map)


@pytest.fixture
def exhibit(image: SuspectImage, blob_map: Localization, record: AnalysisRecord) -> Exhibit:
    outline = make_outline("rectangle", [(3, 4), (30, 40)], (120, 90), label="a <b>", note="=1+1")
    annotations = Annotations(image.sha256, 120, 90, (outline,), "two\nlines")
    judgement = Judgement(2, "inconclusive", "It may be glare.", "A. Nalyst", "2026-01-02T03:04:05.000Z")
    return Exhibit(record, blob_map, annotations, judgement, image=image)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.load_or_make(tmp_path / "keys")


@pytest.fixture
def package(tmp_path: Path, exhibit: Exhibit, key: SigningKey) -> Path:
    """A signed package with a report and four entries in its log."""
    log = AuditLog("someone")
    log.log("evidence read", item=exhibit.record.evidence["sha256"])
    log.log("analysed", item="another picture's")
    log.log("threshold set", value=0.5)
    reports = {"report.html": b"<!doctype html>"}
    path = tmp_path / "out" / "a.record.zip"
    return write_package(path, exhibit, log, make_reports=lambda _: reports, key=key)


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    return tmp_path / "cases" / "one.irlcase"


def fill(case: CaseFile, exhibit: Exhibit) -> None:
    """Put a whole exhibit into a case."""
    assert exhibit.image is not None
    assert exhibit.localization is not None
    item = case.add_item(exhibit.image)
    case.add_analysis(item, exhibit.localization, replace(exhibit.record, audit=None))
    case.annotate(item, exhibit.annotations)
    case.judge(item, status=exhibit.judgement.status, outcome=exhibit.judgement.outcome)
