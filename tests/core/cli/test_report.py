from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.case.loose_record import write_loose_record
from irlnet_core.case.signing import SigningKey
from irlnet_core.cli.main import main
from irlnet_core.evidence.export import write_results
from tests.core.case.test_package import edit_json, read_members, reseal, write_members
from tests.core.report.conftest import ExhibitOf, exhibit_of
from tests.core.report.pages import parse_html, read_pages, words_of

__all__ = ["exhibit_of"]


def _results(exhibit: Exhibit, folder: Path) -> Path:
    assert exhibit.image is not None
    assert exhibit.localization is not None
    return write_results(folder, exhibit.image, exhibit.localization, exhibit.record).record


def _package(exhibit: Exhibit, folder: Path, key: SigningKey | None = None) -> Path:
    assert exhibit.image is not None
    assert exhibit.localization is not None
    folder.mkdir()
    package = folder / "scene.record.zip"
    return write_loose_record(package, exhibit.image, exhibit.localization, exhibit.record, key=key)


def _case(exhibit: Exhibit, folder: Path) -> Path:
    assert exhibit.image is not None
    assert exhibit.localization is not None
    path = folder / "x.irlcase"
    with CaseFile.create(path) as case:
        case.add_analysis(case.add_item(exhibit.image), exhibit.localization, exhibit.record)
    return path


def _report(*arguments: object) -> int:
    return main(["report", *map(str, arguments), "--dpi", "60"])


def test_a_record_becomes_both_papers(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    record = _results(exhibit_of(), tmp_path / "results")

    assert _report(record, "--output", tmp_path / "out", "--examiner", "A. B.") == 0
    assert capsys.readouterr().out.split() == [
        str(tmp_path / "out" / f"scene.report.{k}") for k in ("html", "pdf")
    ]
    tree = parse_html((tmp_path / "out/scene.report.html").read_bytes())
    assert "A. B." in words_of(tree)
    assert len(tree.findall(".//img")) == 4
    assert "Page 1 of" in read_pages((tmp_path / "out/scene.report.pdf").read_bytes())[0]


def test_a_file_name_chooses_the_kind(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    assert _report(record, "--output", tmp_path / "out" / "mine.PDF") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.PDF"]


def test_nothing_is_written_beside_evidence(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    record = _results(exhibit, tmp_path / "results")
    folder = Path(exhibit.record.evidence["path"]).parent
    before = sorted(folder.iterdir())

    assert _report(record, "--output", folder / "report.pdf") == 64
    assert sorted(folder.iterdir()) == before


def test_moved_evidence_is_found_by_its_hash_and_other_files_are_not_taken(
    tmp_path: Path, exhibit_of: ExhibitOf
) -> None:
    exhibit = exhibit_of()
    record = _results(exhibit, tmp_path / "results")
    place = Path(exhibit.record.evidence["path"])
    moved = tmp_path / "moved" / "renamed.png"
    moved.parent.mkdir()
    place.rename(moved)
    place.write_bytes(b"other")

    assert _report(record, "--output", tmp_path / "a.html") == 0
    assert "No figures: " in words_of(parse_html((tmp_path / "a.html").read_bytes()))
    assert _report(record, "--output", tmp_path / "b" / "b.html", "--evidence", moved.parent) == 0
    assert "No figures: " not in words_of(parse_html((tmp_path / "b/b.html").read_bytes()))


def test_the_evidence_of_a_case_may_be_named_as_a_file(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    path, place = _case(exhibit, tmp_path / "cases"), Path(exhibit.record.evidence["path"])
    moved = tmp_path / "moved" / "renamed.png"
    moved.parent.mkdir()
    place.rename(moved)

    assert _report(path, "--output", tmp_path / "a.html", "--evidence", moved) == 0
    assert "No figures: " not in words_of(parse_html((tmp_path / "a.html").read_bytes()))


def test_evidence_is_looked_for_where_it_was_as_well(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    (tmp_path / "elsewhere").mkdir()
    assert _report(record, "--output", tmp_path / "a.html", "--evidence", tmp_path / "elsewhere") == 0
    assert "No figures: " not in words_of(parse_html((tmp_path / "a.html").read_bytes()))


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("evidence", {"width": 240, "height": 180, "sha256": "0" * 64}, "published form"),
        ("self_test", {"state": "weird"}, "published form"),
        ("tiles", [], "published form"),
        ("tiles", {"area": {"x": "0", "y": 0, "width": 9, "height": 9}}, "can't be used"),
    ],
)
def test_a_record_whose_parts_are_others_is_refused_in_words(
    tmp_path: Path,
    exhibit_of: ExhibitOf,
    part: str,
    value: object,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    told = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps({**told, part: value}), "utf-8")

    assert _report(record, "--output", tmp_path / "out.pdf") == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize("place", ["/" + "a" * 5000, "/a\0b"])
def test_evidence_at_a_place_that_cant_be_is_not_at_hand(
    tmp_path: Path, exhibit_of: ExhibitOf, place: str
) -> None:
    record = _results(exhibit_of(path=place), tmp_path / "results")
    assert _report(record, "--output", tmp_path / "a.html") == 0
    assert "No figures: " in words_of(parse_html((tmp_path / "a.html").read_bytes()))


def test_a_share_that_contradicts_the_map_is_refused(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    told = json.loads(record.read_text("utf-8"))
    told["regions"]["listed"][0]["area_fraction"] = 0.9
    record.write_text(json.dumps(told), "utf-8")

    assert _report(record, "--output", tmp_path / "out.pdf") == 2
    assert "other regions than its record" in capsys.readouterr().err


@pytest.mark.parametrize("dpi", [1, 29, 1201, 10**9])
def test_figures_that_are_too_coarse_or_too_fine_are_wrong_usage(
    tmp_path: Path, exhibit_of: ExhibitOf, dpi: int, capsys: pytest.CaptureFixture[str]
) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    assert main(["report", str(record), "--output", str(tmp_path / "out"), "--dpi", str(dpi)]) == 64
    assert "Choose 30 to 1200" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["cut", "bomb"])
def test_a_logo_that_can_t_be_decoded_is_refused_before_anything_is_written(
    tmp_path: Path, exhibit_of: ExhibitOf, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record, logo = _results(exhibit_of(), tmp_path / "results"), tmp_path / "logo.png"
    Image.new("1", (9, 9) if kind == "cut" else (5000, 4100)).save(logo)
    if kind == "cut":
        logo.write_bytes(logo.read_bytes()[:40])

    assert _report(record, "--output", tmp_path / "out", "--logo", logo) == 64
    assert "logo.png" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_case_that_was_put_among_evidence_is_not_written_there(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit = exhibit_of()
    path = _case(exhibit, tmp_path / "cases")
    among = path.rename(Path(exhibit.record.evidence["path"]).with_name("x.irlcase"))
    before = among.read_bytes()

    assert _report(among, "--output", tmp_path / "out") == 2
    assert "x.irlcase" in capsys.readouterr().err
    assert among.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_map_that_contradicts_its_record_is_refused(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    record = _results(exhibit_of(), tmp_path / "results")
    told = json.loads(record.read_text("utf-8"))
    told["threshold"]["value"] = 0.4
    record.write_text(json.dumps(told), "utf-8")

    assert _report(record, "--output", tmp_path / "out.pdf") == 2
    assert "other regions than its record" in capsys.readouterr().err
    assert not (tmp_path / "out.pdf").exists()


def test_a_package_is_reported_on_and_an_altered_one_refused(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    package = _package(exhibit_of(), tmp_path / "results")

    assert _report(package, "--output", tmp_path / "out") == 0
    with zipfile.ZipFile(package) as archive:
        told = json.loads(archive.read("scene.json"))
    assert told.pop("audit")
    alone = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    printed = hashlib.sha256(alone.encode()).hexdigest()
    assert printed in (tmp_path / "out" / "scene.report.html").read_text("utf-8")
    assert (tmp_path / "out/scene.report.pdf").exists()
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    package.write_bytes(data)
    assert _report(package, "--output", tmp_path / "again") == 2
    assert "irlnet verify" in capsys.readouterr().err


def test_a_package_whose_hashes_were_mended_is_refused(
    tmp_path: Path, exhibit_of: ExhibitOf, capsys: pytest.CaptureFixture[str]
) -> None:
    package = _package(exhibit_of(), tmp_path / "results", SigningKey.load_or_make(tmp_path / "keys"))
    members = read_members(package)
    edit_json(members, "scene.json", lambda record: record.update(not_run=[]))
    reseal(members)
    write_members(package, members)

    assert _report(package, "--output", tmp_path / "out") == 2
    assert "can't be reported on" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_where_moved_evidence_is_looked_for(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    record, case = _results(exhibit, tmp_path / "results"), _case(exhibit, tmp_path / "cases")
    place, moved = Path(exhibit.record.evidence["path"]), tmp_path / "moved" / "scene.png"
    moved.parent.mkdir()
    place.rename(moved)
    for source in (record, case):
        assert _report(source, "--evidence", moved.parent, "--output", moved.parent / "report") == 64
        assert list(moved.parent.iterdir()) == [moved]


def test_a_case_is_reported_on_and_its_log_tells_of_it(tmp_path: Path, exhibit_of: ExhibitOf) -> None:
    exhibit = exhibit_of()
    assert exhibit.image is not None
    assert exhibit.localization is not None
    path = tmp_path / "cases" / "harbour.irlcase"
    path.parent.mkdir()
    with CaseFile.create(path, number="C-9") as case:
        case.add_analysis(case.add_item(exhibit.image), exhibit.localization, exhibit.record)

    assert _report(path, "--output", tmp_path / "out") == 0
    assert "Case C-9" in read_pages((tmp_path / "out/harbour.report.pdf").read_bytes())[0]
    with CaseFile.open(path) as case:
        assert [entry.action for entry in case.audit()][-2:] == ["report written"] * 2
        assert case.verify() == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"PK\3\4", b"SQLite format 3\0broken"])
def test_a_source_that_is_none_is_refused_in_words(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert _report(tmp_path / "x.json", "--output", tmp_path / "out") == 2
    assert "x.json" in capsys.readouterr().err
    assert _report(tmp_path / "missing.json", "--output", tmp_path / "out") == 2
    assert _report(tmp_path / ("x" * 5000), "--output", tmp_path / "out") == 2
