"""A package comes back as it was written, and every way of altering it is caught and named."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irlnet_core.case.audit import AuditLog, sha256_of, verify_chain
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.case.marks import Mark
from irlnet_core.case.package import leave_out_paths, write_package
from irlnet_core.case.package_check import Check, check_package
from irlnet_core.case.package_file import NoPackageError, open_package
from irlnet_core.case.signing import SigningKey
from irlnet_core.errors import DataError, OutputError
from irlnet_core.files import sha256_of_bytes
from tests.core.case.conftest import fill

MEMBERS = [
    "a.mask.png", "a.probability.png", "a.overlay.png", "a.regions.coco.json", "a.regions.labelme.json",
    "a.analyst.json", "a.audit.json", "a.json", "a.report.html",
    "SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.pub.pem",
]  # fmt: skip
Members = dict[str, bytes]


def read_members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: Members) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def reseal(members: Members) -> None:
    """Make SHA256SUMS fit again, as a forger without the key would."""
    names = sorted(name for name in members if not name.startswith("SHA256SUMS"))
    lines = [f"{sha256_of_bytes(members[name])}  {name}\n" for name in names]
    members["SHA256SUMS"] = "".join(lines).encode()
    for name in ("SHA256SUMS.sig", "SHA256SUMS.pub.pem"):
        members.pop(name, None)


def edit_json(members: Members, name: str, change: Callable[[Any], object]) -> None:
    data = json.loads(members[name])
    change(data)
    members[name] = json.dumps(data).encode()


def problems_of(path: Path) -> str:
    found = [check for check in check_package(open_package(path)) if check.state == "differs"]
    return " ".join(sentence for check in found for sentence in check.sentences)


def states_of(path: Path) -> dict[str, str]:
    return {check.name: check.state for check in check_package(open_package(path))}


def test_a_package_holds_its_members_and_is_equal_in_every_check(package: Path) -> None:
    assert sorted(read_members(package)) == sorted(MEMBERS)
    assert set(states_of(package).values()) == {"equal"}


def test_everything_comes_back_from_a_package(package: Path, exhibit: Exhibit) -> None:
    back = open_package(package).exhibit(exhibit.image)
    assert replace(back.record, audit=None) == exhibit.record
    assert back.record.audit is not None
    assert (back.annotations, back.judgement, back.case) == (exhibit.annotations, exhibit.judgement, None)
    assert back.localization is not None
    assert exhibit.localization is not None
    assert np.array_equal(back.localization.probability16(), exhibit.localization.probability16())
    assert back.missing == ""
    assert "not part" in open_package(package).exhibit().missing


def test_the_log_of_a_package_withholds_what_was_done_to_other_pictures(package: Path) -> None:
    entries = open_package(package).audit()
    assert [entry.details is None for entry in entries] == [False, True, False, False]
    assert verify_chain(entries) == []
    assert b"another picture" not in read_members(package)["a.audit.json"]


def test_the_log_of_a_package_withholds_marks_of_unread_files_and_names_of_reports(
    tmp_path: Path, case_path: Path, exhibit: Exhibit
) -> None:
    assert exhibit.image is not None
    with CaseFile.create(case_path) as case:
        fill(case, exhibit)
        case.mark([Mark(tmp_path / "evidence" / "other.png", 5, 5, 3)])
        case.log("report written", file="other.report.pdf", sha256="0" * 64)
        (item,) = case.items()
        package = write_package(tmp_path / "out" / "a.record.zip", case.exhibit(item), case)
    told = {entry.action: entry.details for entry in open_package(package).audit()}
    assert told["unread file marked"] is None
    assert told["report written"] is None
    assert told["case made"]
    assert set(states_of(package).values()) == {"equal", "not run"}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_flipped_byte_in_any_member_is_caught_and_named(package: Path, name: str) -> None:
    members = read_members(package)
    for place in (0, len(members[name]) // 2, len(members[name]) - 1):
        data = bytearray(members[name])
        data[place] ^= 1
        write_members(package, {**members, name: bytes(data)})
        assert name in problems_of(package), place


@pytest.mark.parametrize("name", MEMBERS)
def test_a_byte_flipped_in_the_file_itself_is_caught_and_named(package: Path, name: str) -> None:
    with zipfile.ZipFile(package) as archive:
        member = archive.getinfo(name)
    place = member.header_offset + 30 + len(name) + member.compress_size // 2
    data = bytearray(package.read_bytes())
    data[place] ^= 4
    package.write_bytes(bytes(data))
    assert name in problems_of(package)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_member_is_named(package: Path, name: str) -> None:
    members = read_members(package)
    del members[name]
    write_members(package, members)
    assert name in problems_of(package)


def test_a_member_that_was_added_or_doubled_is_named(package: Path) -> None:
    members = read_members(package)
    write_members(package, {**members, "b.txt": b"!"})
    assert "b.txt is not listed" in problems_of(package)
    with zipfile.ZipFile(package, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.json", members["a.json"])
    assert "a.json is there twice" in problems_of(package)


# What a forger does who also mends SHA256SUMS and takes the signature away.
FORGERIES: dict[str, tuple[Callable[[Members], object], str]] = {
    "an edited threshold": (
        lambda m: edit_json(m, "a.json", lambda r: r["threshold"].update(value=0.6)),
        "a.json is not the record",
    ),
    "an edited region": (
        lambda m: edit_json(m, "a.json", lambda r: r["regions"]["listed"][0].update(area=65)),
        "regions are not those",
    ),
    "a region left out": (
        lambda m: edit_json(m, "a.json", lambda r: r["regions"].update(count=0, listed=[])),
        "regions are not those",
    ),
    "other weights": (
        lambda m: edit_json(m, "a.json", lambda r: r["model"].update(weights_sha256="1" * 64)),
        "a.json is not the record",
    ),
    "other evidence": (
        lambda m: edit_json(m, "a.json", lambda r: r["evidence"].update(sha256="1" * 64)),
        "a.json is not the record",
    ),
    "a check that was not run left out": (
        lambda m: edit_json(m, "a.json", lambda r: r.update(not_run=[])),
        "a.json is not the record",
    ),
    "an edited performance": (
        lambda m: edit_json(m, "a.json", lambda r: r["performance"].update(sentence="perfect")),
        "performance is not that",
    ),
    "a key that no record has": (
        lambda m: edit_json(m, "a.json", lambda r: r.update(verdict="fake")),
        "'verdict' was unexpected",
    ),
    "a swapped map": (
        lambda m: m.update({"a.probability.png": m["a.mask.png"]}),
        "a.probability.png is not the one",
    ),
    "a swapped mask": (
        lambda m: m.update({"a.mask.png": m["a.overlay.png"]}),
        "a.mask.png is not the one",
    ),
    "a swapped overlay": (
        lambda m: m.update({"a.overlay.png": m["a.probability.png"]}),
        "a.overlay.png is not the one",
    ),
    "an edited opinion": (
        lambda m: edit_json(m, "a.analyst.json", lambda a: a["judgement"].update(outcome="inconsistent")),
        "a.analyst.json is not the one",
    ),
    "an edited outline": (
        lambda m: edit_json(m, "a.regions.coco.json", lambda c: c["annotations"].pop()),
        "a.regions.coco.json is not the one",
    ),
    "a dropped audit row": (lambda m: edit_json(m, "a.audit.json", lambda a: a.pop(1)), "a.audit.json"),
    "a cut tail": (lambda m: edit_json(m, "a.audit.json", lambda a: a.pop()), "its end was cut"),
    "an emptied log": (lambda m: edit_json(m, "a.audit.json", lambda a: a.clear()), "its end was cut"),
    "a changed audit row": (
        lambda m: edit_json(m, "a.audit.json", lambda a: a[0].update(actor="nobody")),
        "Audit entry 1 was altered",
    ),
    "a nulled audit row": (
        lambda m: edit_json(m, "a.audit.json", lambda a: a[2].update(time=None)),
        "Audit entry 3 lacks a value",
    ),
    "an appended audit row": (
        lambda m: edit_json(m, "a.audit.json", lambda a: a.append({**a[-1], "number": 5})),
        "Audit entry 5",
    ),
    "a record without its log": (
        lambda m: edit_json(m, "a.json", lambda r: r.pop("audit")),
        "names no length and head",
    ),
    "a signature taken away": (lambda _: None, "SHA256SUMS.sig is missing"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_with_mended_hashes_is_caught_and_named(package: Path, forgery: str) -> None:
    members = read_members(package)
    change, words = FORGERIES[forgery]
    change(members)
    reseal(members)
    write_members(package, members)
    assert words in problems_of(package)


def test_a_cut_tail_whose_record_was_mended_too_no_longer_tells_of_its_writing(package: Path) -> None:
    members = read_members(package)
    entries = json.loads(members["a.audit.json"])[:-1]
    members["a.audit.json"] = json.dumps(entries).encode()
    head = {"length": len(entries), "head": entries[-1]["hash"]}
    edit_json(members, "a.json", lambda record: record.update(audit=head))
    reseal(members)
    write_members(package, members)
    assert "does not end with the writing of this record" in problems_of(package)


def test_a_signature_by_another_key_is_not_the_one_the_log_names(package: Path, tmp_path: Path) -> None:
    other = SigningKey.load_or_make(tmp_path / "other")
    members = read_members(package)
    sums = members["SHA256SUMS"]
    members |= {"SHA256SUMS.sig": other.sign(sums), "SHA256SUMS.pub.pem": other.public_pem}
    write_members(package, members)
    assert "not the key that the audit log names" in problems_of(package)


def test_a_file_that_is_no_zip_is_told_apart_from_one_that_was_cut(package: Path, tmp_path: Path) -> None:
    data = package.read_bytes()
    for size in (30, len(data) // 2, len(data) - 1):
        package.write_bytes(data[:size])
        assert "cut or altered" in problems_of(package)
    for no_zip in (b"", b"not a zip", b"\x89PNG\r\n\x1a\n"):
        package.write_bytes(no_zip)
        with pytest.raises(NoPackageError, match=r"a\.record\.zip: is no record"):
            open_package(package)
    with pytest.raises(NoPackageError, match="does not exist"):
        open_package(tmp_path / "none.zip")


def test_a_zip_that_is_no_record_lacks_everything(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    write_members(path, {"readme.txt": b"hello"})
    assert "SHA256SUMS is missing" in problems_of(path)


def test_json_of_wrong_kinds_is_told_and_never_breaks_the_check(package: Path) -> None:
    members = read_members(package)
    for name in ("a.json", "a.audit.json", "a.analyst.json"):
        for text in (b"", b"null", b"[]", b"{}", b"[1]", b'{"schema": 1}', b"NaN", b"[" * 100_000, b"\xff"):
            forged = {**members, name: text}
            reseal(forged)
            write_members(package, forged)
            assert name in problems_of(package), text[:20]


KINDS: list[tuple[tuple[str, ...], Any]] = [
    (("threshold", "value"), 1.5), (("threshold", "value"), "0.5"), (("threshold", "value"), None),
    (("audit", "length"), "3"), (("audit",), [1]), (("tiles",), []), (("model",), {}),
    (("model", "card"), {}),
    (("evidence", "width"), "a"), (("evidence", "width"), -5), (("regions", "listed"), [1]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), KINDS)
def test_a_value_of_another_kind_is_told_and_never_breaks_the_check(
    package: Path, place: tuple[str, ...], value: Any
) -> None:
    members = read_members(package)

    def change(data: Any) -> None:
        for key in place[:-1]:
            data = data[key]
        data[place[-1]] = value

    edit_json(members, "a.json", change)
    reseal(members)
    write_members(package, members)
    assert "a.json" in problems_of(package)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_others_can_check_hashes_and_signature_without_this_program(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    options = ["-rawin", "-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig"]
    openssl = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "SHA256SUMS.pub.pem", *options]
    for command in (openssl, ["sha256sum", "-c", "SHA256SUMS"]):
        assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_a_record_without_paths_names_no_folder(tmp_path: Path, exhibit: Exhibit) -> None:
    record = leave_out_paths(exhibit.record)
    path = tmp_path / "out" / "a.record.zip"
    write_package(path, replace(exhibit, record=record), AuditLog("x"))
    assert not any(str(tmp_path).encode() in data for data in read_members(path).values())
    assert "differs" not in states_of(path).values()
    assert states_of(path)["signature"] == "not run"


def test_a_package_is_not_written_beside_the_evidence(tmp_path: Path, exhibit: Exhibit) -> None:
    with pytest.raises(OutputError, match="holds evidence"):
        write_package(tmp_path / "evidence" / "a.record.zip", exhibit, AuditLog("x"))


def test_without_the_evidence_or_its_map_no_package_is_written(tmp_path: Path, exhibit: Exhibit) -> None:
    path = tmp_path / "out" / "a.record.zip"
    for broken in (replace(exhibit, image=None, missing="It is gone."), replace(exhibit, localization=None)):
        with pytest.raises(DataError, match="not at hand"):
            write_package(path, broken, AuditLog("x"))
    assert not path.exists()


def test_the_reports_are_made_from_the_record_as_it_is_written(tmp_path: Path, exhibit: Exhibit) -> None:
    seen: list[Exhibit] = []

    def make(told: Exhibit) -> dict[str, bytes]:
        seen.append(told)
        return {"report.html": b"x"}

    path = write_package(tmp_path / "out" / "a.record.zip", exhibit, AuditLog("x"), make_reports=make)
    assert seen[0].record == open_package(path).record()


def test_checks_are_plain_data() -> None:
    assert Check("a", "equal", ("b",)).as_dict() == {"name": "a", "state": "equal", "sentences": ("b",)}
    assert sha256_of({"b": 1, "a": 2}) == sha256_of({"a": 2, "b": 1})
    assert asdict(AuditLog("x").log("y"))["number"] == 1
