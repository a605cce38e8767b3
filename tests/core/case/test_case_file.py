"""A case keeps what it is given, says when it was altered, and can be open in one place only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irlnet_core.case.audit import ChainHead
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit, Judgement
from irlnet_core.case.items import Item
from irlnet_core.case.marks import Mark
from irlnet_core.case.package import write_package
from irlnet_core.case.package_check import check_package
from irlnet_core.case.package_file import open_package
from irlnet_core.case.tables import MIGRATIONS
from irlnet_core.errors import DataError, IrlnetError, OutputError
from irlnet_core.evidence.annotations import Annotations, make_outline
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.result_store import ResultKey
from tests.core.case.conftest import fill
from tests.core.evidence.conftest import PhotoAt, RecordOf

ROOT = Path(__file__).resolve().parents[3]
TEXTS = st.text(max_size=80)


@pytest.fixture
def filled(case_path: Path, exhibit: Exhibit) -> Path:
    with CaseFile.create(case_path, number="7/2026") as case:
        fill(case, exhibit)
    return case_path


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def problems_of(path: Path, printed: ChainHead | None = None) -> str:
    with CaseFile.open(path, read_only=True) as case:
        return " ".join(case.verify(printed))


def test_everything_comes_back_from_a_case(filled: Path, exhibit: Exhibit, image: SuspectImage) -> None:
    with CaseFile.open(filled) as case:
        (item,) = case.items()
        assert (item.sha256, item.name, item.places) == (image.sha256, "a.png", (image.path,))
        assert item.relative == ("../evidence/a.png",)
        back = case.exhibit(item)
        assert back.record == replace(exhibit.record, audit=case.head.as_dict())
        assert back.localization is not None
        assert exhibit.localization is not None
        assert np.array_equal(back.localization.probability16(), exhibit.localization.probability16())
        assert back.annotations == exhibit.annotations
        assert (back.judgement.status, back.judgement.outcome) == (2, "inconclusive")
        assert back.case is not None
        assert back.case.number == "7/2026"
        assert back.image is not None
        assert back.image.sha256 == image.sha256
        assert case.verify(case.head) == []


def test_the_log_tells_every_change_and_none_that_was_none(filled: Path, exhibit: Exhibit) -> None:
    actions = [
        *("case made", "evidence added", "evidence seen", "analysis added", "annotated", "judged"),
    ]
    with CaseFile.open(filled, actor="B. Other") as case:
        assert [entry.action for entry in case.audit()] == actions
        (item,) = case.items()
        case.judge(item, status=2)
        case.annotate(item, exhibit.annotations)
        case.set_facts(number="7/2026")
        assert exhibit.image is not None
        case.add_item(exhibit.image)
        assert len(case.audit()) == len(actions)
        case.judge(item, status=5)
        case.log("report written", file="a.pdf")
        assert [entry.actor for entry in case.audit()[-2:]] == ["B. Other"] * 2


def test_a_case_that_is_open_elsewhere_is_refused_clearly(filled: Path) -> None:
    code = "import sys; from irlnet_core.case.case_file import CaseFile; case = CaseFile.open(sys.argv[1])"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; print(1, flush=True); input()", str(filled)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"1"
        for read_only in (False, True):
            with pytest.raises(OutputError, match="is open in another program"):
                CaseFile.open(filled, read_only=read_only)
        other.kill()
    CaseFile.open(filled).close()


def test_two_readers_may_share_a_case_and_neither_can_write(filled: Path) -> None:
    with CaseFile.open(filled, read_only=True) as one, CaseFile.open(filled, read_only=True) as two:
        assert one.head == two.head
        with pytest.raises(OutputError, match="reading only"):
            one.log("done")


def test_a_new_case_never_replaces_a_file(filled: Path) -> None:
    before = filled.read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        CaseFile.create(filled)
    assert filled.read_bytes() == before


def test_what_is_no_case_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").write_bytes(b"")
    alter(tmp_path / "other.db", "CREATE TABLE x (y)")
    for name in ("none", "text", "empty", "other.db"):
        with pytest.raises(DataError, match=name):
            CaseFile.open(tmp_path / name)


def test_a_case_of_a_newer_program_is_refused_and_left_alone(filled: Path) -> None:
    alter(filled, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = filled.read_bytes()
    with pytest.raises(DataError, match="Use a newer program"):
        CaseFile.open(filled)
    assert filled.read_bytes() == before


def test_an_older_case_is_brought_up_to_date_and_the_log_tells_so(filled: Path) -> None:
    newer = (*MIGRATIONS, ("CREATE TABLE more (key TEXT)",))
    with pytest.raises(DataError, match="older version"):
        CaseFile.open(filled, read_only=True, migrations=newer)
    with CaseFile.open(filled, migrations=newer) as case:
        assert case.audit()[-1].action == "case brought up to date"
        assert case.verify(case.head) == []
    with CaseFile.open(filled, read_only=True, migrations=newer) as case:
        assert len(case.items()) == 1


def test_a_migration_that_fails_leaves_the_case_as_it_was(filled: Path) -> None:
    with pytest.raises(IrlnetError):
        CaseFile.open(filled, migrations=(*MIGRATIONS, ("CREATE TABLE more (key TEXT)", "no sql")))
    with CaseFile.open(filled) as case:
        assert case.verify(case.head) == []


ALTERATIONS = {
    "UPDATE judgements SET data = replace(data, '\"status\":2', '\"status\":4')": "of judgements was altered",
    "UPDATE annotations SET data = replace(data, 'two', 'six')": "of annotations was altered",
    "UPDATE facts SET data = replace(data, '7/2026', '8/2026')": "of facts was altered",
    "UPDATE analyses SET map = zeroblob(9)": "of analyses was altered",
    "UPDATE analyses SET data = replace(data, '0.5', '0.6')": "of analyses was altered",
    "UPDATE items SET data = replace(data, 'a.png', 'b.png')": "of items was altered",
    "DELETE FROM judgements": "of judgements is missing",
    "DELETE FROM places": "of places is missing",
    "INSERT INTO judgements VALUES ('x', 'x', '{}')": "x of judgements is not in the audit log",
    "DROP TRIGGER audit_refuses_UPDATE; UPDATE audit SET actor = 'nobody' WHERE number = 3": (
        "Audit entry 3 was altered"
    ),
    "DROP TRIGGER audit_refuses_UPDATE; UPDATE audit SET details = 'nonsense' WHERE number = 3": (
        "Audit entry 3 has altered details"
    ),
    "DROP TRIGGER audit_refuses_UPDATE; UPDATE audit SET hash = '' WHERE number = 3": "Audit entry 3 lacks",
    "DROP TRIGGER audit_refuses_DELETE; DELETE FROM audit WHERE number = 2": "Audit entry 2 is numbered 3",
    "DROP TRIGGER audit_refuses_DELETE; DELETE FROM audit": "The audit log is empty",
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_altered_case_is_told(filled: Path, alteration: str) -> None:
    alter(filled, *alteration.split("; "))
    assert ALTERATIONS[alteration] in problems_of(filled)


def test_a_cut_tail_shows_against_a_printed_head(filled: Path) -> None:
    with CaseFile.open(filled, read_only=True) as case:
        printed = case.head
    alter(filled, "DROP TRIGGER audit_refuses_DELETE", "DELETE FROM audit WHERE number = 6")
    alter(filled, "DELETE FROM judgements")  # so that rows and log fit again
    assert problems_of(filled) == ""
    assert "its end was cut" in problems_of(filled, printed)


def test_the_program_itself_cannot_change_the_log(filled: Path) -> None:
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            alter(filled, statement)


def test_a_torn_database_is_told_and_never_breaks_the_check(filled: Path) -> None:
    data = bytearray(filled.read_bytes())
    data[5000:9000] = bytes(4000)
    filled.write_bytes(data)
    try:
        assert problems_of(filled) != ""
    except IrlnetError as error:
        assert "damaged" in str(error)  # noqa: PT017 - either way of telling will do


def test_moved_evidence_is_found_again_by_its_hash(filled: Path, image: SuspectImage, tmp_path: Path) -> None:
    archive = tmp_path / "archive" / "2026"
    shutil.copytree(image.path.parent, archive / "deep")
    (archive / "deep" / "a.png").rename(archive / "deep" / "other name.tif")
    (archive / "decoy.png").write_bytes(bytes(image.size_bytes))
    shutil.rmtree(image.path.parent)
    with CaseFile.open(filled) as case:
        (item,) = case.items()
        assert case.locate(item) is None
        assert "found neither" in case.exhibit(item).missing
        found = archive / "deep" / "other name.tif"
        assert case.locate(item, [archive]) == found
        assert case.items()[0].places == (image.path, found)
        assert case.exhibit(item).missing == ""
        assert case.verify(case.head) == []


def test_evidence_that_moved_along_with_its_case_is_found_by_the_relative_path(
    filled: Path, image: SuspectImage, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.move(filled.parent, stick / "cases")
    shutil.move(image.path.parent, stick / "evidence")
    with CaseFile.open(stick / "cases" / "one.irlcase") as case:
        assert case.locate(case.items()[0]) == stick / "evidence" / "a.png"


def test_evidence_that_changed_is_not_taken_for_the_item(filled: Path, image: SuspectImage) -> None:
    image.path.write_bytes(image.path.read_bytes()[:-1] + b"\0")
    with CaseFile.open(filled) as case:
        told = case.exhibit(case.items()[0])
    assert told.image is None
    assert told.missing


def test_a_case_among_the_evidence_takes_none_in(image: SuspectImage) -> None:
    with (
        CaseFile.create(image.path.parent / "x.irlcase") as case,
        pytest.raises(OutputError, match="holds evidence"),
    ):
        case.add_item(image)


def judge_in_halves(case: CaseFile, item: Item) -> None:
    with case.together():
        case.judge(item, opinion="half")
        case.judge(item, status=9)


def test_changes_made_together_are_all_there_or_none(filled: Path) -> None:
    with CaseFile.open(filled) as case:
        head, item = case.head, case.items()[0]
        with pytest.raises(DataError):
            judge_in_halves(case, item)
        assert case.head == head
        with case.together():
            case.judge(item, opinion="whole")
            case.log("note")
        assert (case.judgement(item).opinion, case.head.length) == ("whole", head.length + 2)
        assert case.verify() == []


def test_a_glance_at_a_case_tells_items_results_and_words(filled: Path, exhibit: Exhibit) -> None:
    mark = Mark(Path("/somewhere/b.jpg"), 5, 6, 4)
    with CaseFile.open(filled) as case:
        case.mark([mark])
        seen, (item,) = case.overview(), case.items()
        assert list(seen.items) == [item.sha256]
        assert (seen.items[item.sha256].name, seen.items[item.sha256].places) == (item.name, item.places)
        found, regions = seen.findings[item.sha256], exhibit.record.regions
        assert (found.regions, found.model) == (regions.count, exhibit.record.model["name"])
        assert found.area == pytest.approx(regions.listed_fraction)
        assert exhibit.localization is not None
        assert found.response == pytest.approx(float(exhibit.localization.probability.max()), abs=1e-5)
        assert seen.judgements[item.sha256].outcome == "inconclusive"
        assert seen.annotations[item.sha256] == exhibit.annotations
        assert (seen.marks, seen.head) == ({mark.path: mark}, case.head)
        status = item.places[0].stat()
        assert seen.items[item.sha256].fits(status.st_size, status.st_mtime_ns)
        assert not seen.items[item.sha256].fits(status.st_size, status.st_mtime_ns + 10**9)
        assert case.verify() == []


def test_an_area_analysed_later_does_not_hide_the_whole_picture(
    case_path: Path, image: SuspectImage, blob_map: Localization, record: AnalysisRecord
) -> None:
    area = {"x": 0, "y": 0, "width": 10, "height": 10}
    part = replace(record, tiles={**record.tiles, "area": area}, times={**record.times, "seconds": 0.5})
    with CaseFile.create(case_path) as case:
        item = case.add_item(image)
        case.add_analysis(item, blob_map, part)
        only = case.newest(item)
        assert only is not None
        assert only.record.tiles["area"] == area
        case.add_analysis(item, blob_map, record)
        case.add_analysis(item, blob_map, part)
        newest = case.newest(item)
        assert newest is not None
        assert newest.record == record


def test_an_analysis_is_found_by_what_was_asked_for(
    case_path: Path, image: SuspectImage, blob_map: Localization, record: AnalysisRecord
) -> None:
    key = ResultKey(image.sha256, "2" * 64, 256, 64)
    with CaseFile.create(case_path) as case:
        item = case.add_item(image)
        case.add_analysis(item, blob_map, record, key)
        found = case.find_analysis(key)
        assert found is not None
        assert found.record == record
        assert case.find_analysis(replace(key, overlap=32)) is None


def test_a_package_of_a_case_carries_its_chain_without_other_pictures(
    filled: Path, tmp_path: Path, photo_at: PhotoAt, record_of: RecordOf, blob_map: Localization
) -> None:
    other = read_image(photo_at(tmp_path / "evidence" / "secret.png", seed=1))
    with CaseFile.open(filled) as case:
        item = case.add_item(other)
        case.add_analysis(item, blob_map, record_of(other, blob_map))
        case.judge(item, opinion="secret")
        path = write_package(tmp_path / "out" / "a.record.zip", case.exhibit(case.items()[0]), case)
        package = open_package(path)
        assert {check.state for check in check_package(package)} == {"equal", "not run"}
        assert all(b"secret" not in data for data in package.members.values())
        audit = package.record().audit
        assert audit is not None
        printed = ChainHead(audit["length"], audit["head"])
        case.log("something later")
        assert case.verify(printed) == []


@settings(max_examples=12)  # each makes a file that is flushed to the disk
@given(number=TEXTS, title=TEXTS, opinion=TEXTS, note=TEXTS, label=TEXTS, status=st.integers(0, 5))
def test_whatever_an_analyst_writes_comes_back(
    number: str, title: str, opinion: str, note: str, label: str, status: int
) -> None:
    image = _sample()
    outline = make_outline("polygon", [(0, 0), (5, 0), (5, 5)], (50, 50), label=label, note=note)
    annotations = Annotations(image.sha256, image.facts.width, image.facts.height, (outline,), note)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.irlcase")
        with CaseFile.create(path, number=number, title=title) as case:
            facts, item = case.facts, case.add_item(image)
            case.annotate(item, annotations)
            judgement = case.judge(item, opinion=opinion, status=status)
        with CaseFile.open(path) as case:
            item = case.items()[0]
            assert (case.facts, case.annotations(item), case.judgement(item)) == (
                facts,
                annotations,
                judgement,
            )
            assert case.verify(case.head) == []


@cache
def _sample() -> SuspectImage:
    folder = ROOT / "resources" / "samples"
    return read_image(next(path for path in sorted(folder.iterdir()) if path.suffix in (".jpg", ".png")))


@pytest.mark.parametrize("wrong", [{"status": 6}, {"status": True}, {"outcome": "fake"}, {"opinion": 5}])
def test_a_judgement_that_is_none_is_refused_and_nothing_is_written(
    filled: Path, wrong: dict[str, Any]
) -> None:
    with CaseFile.open(filled) as case:
        head, item = case.head, case.items()[0]
        with pytest.raises(DataError):
            case.judge(item, **wrong)
        assert case.head == head


def test_an_untouched_item_has_no_judgement(case_path: Path, image: SuspectImage) -> None:
    with CaseFile.create(case_path) as case:
        item = case.add_item(image)
        assert case.judgement(item) == Judgement()
        with pytest.raises(DataError, match="holds no analysis of a"):
            case.exhibit(item)
