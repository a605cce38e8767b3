"""``irlnet localize --record`` and ``irlnet verify``: what they write, say and return."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.loose_record import write_loose_record
from irlnet_core.case.package_file import open_package
from irlnet_core.cli.main import main
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions
from tests.core.case.test_package import edit_json, read_members, reseal, write_members
from tests.core.cli.localize_door import localize, make_picture


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def picture(evidence: Path) -> Path:
    return make_picture(evidence / "photo.png")


@pytest.fixture
def record(model: Path, picture: Path, tmp_path: Path) -> Path:
    assert localize(model, picture, "--output", tmp_path / "out", "--record", "--quiet") == 0
    return tmp_path / "out" / "photo.record.zip"


def verify(*words: object) -> int:
    return main(["verify", *map(str, words)])


def test_a_whole_record_is_equal_and_says_what_was_not_run(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(record) == 0
    out = capsys.readouterr().out
    assert "not run  run again" in out
    assert "not run  signature" in out
    assert "Everything that was checked is as it was recorded." in out


def test_the_evidence_and_the_result_come_out_again(
    record: Path, picture: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = shutil.move(picture, tmp_path / "elsewhere.png")
    assert verify(record, "--evidence", moved) == 0
    assert verify(record, "--evidence", moved, "--rerun", "--model", model) == 0
    out = capsys.readouterr().out
    assert "Largest difference 0.000000 (identical), mask IoU 1.000000" in out


def test_without_naming_it_the_evidence_is_looked_for_where_it_was(
    record: Path, picture: Path, model: Path
) -> None:
    assert verify(record, "--rerun", "--model", model) == 0
    shutil.move(picture, record.with_name("photo.png"))
    assert verify(record, "--rerun", "--model", model) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_evidence_whose_name_is_no_text_is_found_where_it_was(
    model: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = picture.rename(os.fsdecode(os.fsencode(picture.parent) + b"/caf\xe9 \\x41.png"))
    assert localize(model, odd, "--output", tmp_path / "out", "--record", "--quiet") == 0
    (record,) = (tmp_path / "out").glob("*.record.zip")
    assert verify(record, "--rerun", "--model", model) == 0
    assert main(["report", str(record), "--output", str(odd.parent), "--dpi", "60"]) == 64
    assert main(["report", str(record), "--output", str(tmp_path / "a.html"), "--dpi", "60"]) == 0
    assert "No figures" not in (tmp_path / "a.html").read_text("utf-8")


def test_2_only_where_evidence_or_model_are_not_there_or_it_is_no_zip(
    record: Path, picture: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    no_zip = tmp_path / "no.zip"
    no_zip.write_text("hello")
    assert verify(no_zip) == 2
    assert verify(tmp_path / "none.zip") == 2
    assert verify(record, "--evidence", tmp_path / "none.png") == 2
    assert verify(record, "--rerun") == 2  # the tiny model is not installed
    assert "is not on this machine" in capsys.readouterr().out
    assert verify(record, "--rerun", "--model", tmp_path) == 2
    picture.unlink()
    assert verify(record, "--rerun", "--model", model) == 2
    assert "could not be" in capsys.readouterr().out


def test_1_wins_over_2(record: Path, tmp_path: Path) -> None:
    members = read_members(record)
    members.pop("photo.mask.png")
    write_members(record, members)
    assert verify(record, "--evidence", tmp_path / "none.png", "--rerun") == 1


def test_other_evidence_is_told(
    record: Path, evidence: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_picture(evidence / "other.png", seed=1)
    assert verify(record, "--evidence", other, "--rerun", "--model", model) == 1
    assert "other.png is not the file of the record" in capsys.readouterr().out


@pytest.mark.parametrize("alter", ["cut", "garbage", "larger"])
def test_altered_evidence_is_altered_although_it_may_be_no_picture_any_more(
    record: Path, picture: Path, alter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = picture.read_bytes()
    if alter == "larger":
        with Image.open(picture) as whole:
            whole.resize((whole.width * 3, whole.height * 3)).save(picture)
    else:
        picture.write_bytes(data[: len(data) // 2] if alter == "cut" else b"garbage")
    assert verify(record, "--evidence", picture) == 1
    assert "photo.png is not the file of the record" in capsys.readouterr().out


def test_a_record_without_folders_never_takes_a_namesake_for_its_evidence(
    model: Path, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert localize(model, picture, "--output", out, "--record", "--no-paths", "--quiet") == 0
    (tmp_path / "here").mkdir()
    make_picture(tmp_path / "here" / "photo.png", seed=7)
    monkeypatch.chdir(tmp_path / "here")
    assert verify(out / "photo.record.zip", "--rerun", "--model", model) == 2
    shutil.copy(picture, out)
    assert verify(out / "photo.record.zip", "--rerun", "--model", model) == 0


@pytest.mark.parametrize("place", ["/dev/zero", "photo\0.png"])
def test_a_record_that_names_no_file_as_its_evidence_never_hangs_the_check(record: Path, place: str) -> None:
    members = read_members(record)
    edit_json(members, "photo.json", lambda told: told["evidence"].update(path=place, file_name=place))
    reseal(members)
    write_members(record, members)
    assert verify(record, "--rerun") == 1


def test_a_record_is_verified_against_a_printed_head(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = open_package(record).record().audit
    assert audit is not None
    assert verify(record, "--against", f"{audit['length']}:{audit['head']}") == 0
    assert "equal    end of the log" in capsys.readouterr().out
    assert verify(record, "--against", f"{audit['length']}:{'0' * 64}") == 1
    assert verify(record, "--against", f"{audit['length'] + 9}:{audit['head']}") == 1


def test_an_altered_member_is_named(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members = read_members(record)
    for name in members:
        write_members(record, {**members, name: members[name][:-2] + b"\0\0"})
        assert verify(record) == 1
        assert name in capsys.readouterr().out


def test_a_cut_file_is_altered_and_not_no_zip(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record.write_bytes(record.read_bytes()[:-100])
    assert verify(record) == 1
    assert "cut or altered" in capsys.readouterr().out


def test_another_result_is_told_even_where_everything_in_the_record_fits(
    record: Path, picture: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever forges a map can make a whole record around it; only the network itself tells."""
    package = open_package(record)
    told, image = package.record(), read_image(picture)
    values = package.localization(told).probability16()
    values[10:40, 10:40] = 0  # this network responds everywhere
    forged = Localization.from_probability16(values)
    told = replace(told, regions=find_regions(forged, told.threshold.value), audit=None)
    write_loose_record(record, image, forged, told)
    assert verify(record, "--evidence", picture) == 0
    assert verify(record, "--evidence", picture, "--rerun", "--model", model) == 1
    out = capsys.readouterr().out
    assert "differs  run again" in out
    assert "mask IoU 1.000000" not in out


@pytest.mark.parametrize(
    ("part", "key", "value", "reason"),
    [
        ("tiles", "overlap", 200, "can't overlap by 200"),
        ("tiles", "tile", "64", "tile = '64'"),
        ("tiles", "tile", 1 << 20, "tile = 1048576"),
        ("tiles", "area", {"x": 0, "y": 0, "width": "9", "height": 9}, "width = '9'"),
        ("tiles", "area", {"x": 500, "y": 0, "width": 9, "height": 9}, "outside the picture"),
        ("threshold", "value", 7, "value = 7"),
        ("threshold", "value", "high", "value = 'high'"),
        ("environment", "threads", 0, "threads = 0"),
        ("environment", "threads", True, "threads = True"),
        ("environment", "device", 3, "device = 3"),
        ("model", "weights_sha256", None, "weights_sha256 = None"),
    ],
)
def test_altered_parameters_differ_and_all_other_checks_are_told(
    record: Path,
    model: Path,
    part: str,
    key: str,
    value: object,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    members = read_members(record)
    edit_json(members, "photo.json", lambda told: told[part].update({key: value}))
    write_members(record, members)

    assert verify(record, "--rerun", "--model", model) == 1
    told = capsys.readouterr().out
    assert "differs  members" in told
    (line,) = [line for line in told.splitlines() if line.startswith("  differs  run again")]
    assert reason in line
    assert verify(record, "--rerun", "--model", model, "--json") == 1
    assert json.loads(capsys.readouterr().out)[-1]["name"] == "run again"


@pytest.mark.parametrize("part", ["tiles", "model", "environment"])
def test_a_part_of_another_kind_differs(record: Path, model: Path, part: str) -> None:
    members = read_members(record)
    edit_json(members, "photo.json", lambda told: told.update({part: []}))
    write_members(record, members)
    assert verify(record, "--rerun", "--model", model) == 1


def test_the_checks_as_json(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(record, "--json") == 0
    checks = json.loads(capsys.readouterr().out)
    assert {check["name"]: check["state"] for check in checks} == {
        "members": "equal",
        "signature": "not run",
        "schema": "equal",
        "audit log": "equal",
        "mask and regions": "equal",
        "evidence": "not run",
        "run again": "not run",
    }


def test_a_signed_record_prints_what_the_signature_proves(
    model: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert localize(model, picture, "--output", out, "--record", "--sign", "--no-paths", "--quiet") == 0
    assert verify(out / "photo.record.zip") == 0
    told = capsys.readouterr().out
    assert "equal    signature" in told
    assert "It does not show who that was, nor when" in told
    with zipfile.ZipFile(out / "photo.record.zip") as archive:
        assert str(tmp_path).encode() not in archive.read("photo.json")
    key = tmp_path / "data" / "irlnet" / "keys" / "signing-key.pem"
    assert key.stat().st_mode & 0o077 == 0


def test_options_about_a_record_need_one(model: Path, picture: Path, tmp_path: Path) -> None:
    assert localize(model, picture, "--output", tmp_path / "out", "--sign") == 64


def test_a_case_is_verified_against_a_printed_head(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases" / "x.irlcase"
    with CaseFile.create(path) as case:
        case.add_item(read_image(picture))
        head = case.head
    assert verify(path) == 0
    assert "not run  end of the log" in capsys.readouterr().out
    assert verify(path, "--against", head.text) == 0
    assert verify(path, "--against", f"{head.length + 1}:{head.head}") == 1
    assert "its end was cut" in capsys.readouterr().out
    assert verify(path, "--against", "nonsense") == 64
    assert verify(path, "--rerun") == 64


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("PRAGMA application_id = 7", "another program"),
        ("PRAGMA user_version = 99", "newer program"),
        ("PRAGMA user_version = 1", "older version"),
    ],
)
def test_a_database_that_cant_be_read_as_a_case_was_not_altered_but_not_checked(
    tmp_path: Path, change: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    CaseFile.create(tmp_path / "x.irlcase").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "x.irlcase")) as database:
        database.execute(change)
    assert verify(tmp_path / "x.irlcase") == 2
    assert reason in capsys.readouterr().err
