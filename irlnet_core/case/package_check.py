"""Is a package whole, and does what it says follow from what it holds? Each check in three states."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import numpy as np

from irlnet_core.case.audit import AuditEntry, ChainHead, verify_chain
from irlnet_core.case.package import (
    AUDIT,
    MASK,
    PUBLIC_KEY,
    RECORD,
    SIGNATURE,
    SUMS,
    WRITTEN,
    core_sha256,
)
from irlnet_core.case.package_file import PackageFile
from irlnet_core.case.signing import fingerprint_of, is_signed
from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import find_regions
from irlnet_core.evidence.stored_map import read_stored_mask
from irlnet_core.files import sha256_of_bytes

State = Literal["equal", "differs", "not run"]
SCHEMA_NAME = "analysis-record.schema.json"


@dataclass(frozen=True)
class Check:
    """One check: "equal", "differs", or "not run", and why, in sentences."""

    name: str
    state: State
    sentences: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check_package(package: PackageFile) -> list[Check]:
    """Check a package by itself: no evidence and no model is needed."""
    return [
        _check("members", _members, package, f"{len(package.members)} members are as {SUMS} says."),
        _signature(package),
        _check("schema", _schema, package, "The record has the published form."),
        _check("audit log", _audit, package, _audit_sentence(package)),
        _check("mask and regions", _derived, package, "They follow from the map and the threshold."),
    ]


def _check(
    name: str, problems_of: Callable[[PackageFile], list[str]], package: PackageFile, good: str
) -> Check:
    try:
        problems = problems_of(package)
    except IrlnetError as error:
        problems = [error.reason]
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # values of another kind
        problems = [f"{package.stem}{RECORD} can't be followed ({error!r})."]
    return Check(name, "differs", tuple(problems)) if problems else Check(name, "equal", (good,))


def _members(package: PackageFile) -> list[str]:
    return [*package.problems, *package.wrong_hashes()]


def _signature(package: PackageFile) -> Check:
    there = [name for name in (SIGNATURE, PUBLIC_KEY) if name in package.members]
    if not there and not _signer(package):
        told = "Nothing tells whether it was signed." if package.problems else "The record is not signed."
        return Check("signature", "not run", (told,))
    return _check("signature", _signature_problems, package, f"Signed with the key {_signer(package)}.")


def _signature_problems(package: PackageFile) -> list[str]:
    missing = [name for name in (SIGNATURE, PUBLIC_KEY, SUMS) if name not in package.members]
    if missing:
        return [f"{name} is missing." for name in missing]
    public = package.members[PUBLIC_KEY]
    try:
        good = is_signed(package.members[SUMS], package.members[SIGNATURE], public)
        fingerprint = fingerprint_of(public)
    except DataError as error:
        return [f"{PUBLIC_KEY} {error.reason}"]
    problems = [] if good else [f"{SIGNATURE} is not the signature of {SUMS} by {PUBLIC_KEY}."]
    if fingerprint != _signer(package):
        problems.append(f"{PUBLIC_KEY} is not the key that the audit log names.")
    return problems


def _signer(package: PackageFile) -> str:
    """Return the fingerprint that the log names; "" where it names none or can't be read."""
    try:
        return str((_written(package.audit()) or {}).get("signer", ""))
    except DataError:
        return ""


def _written(entries: list[AuditEntry]) -> dict[str, Any] | None:
    """Return what the log tells of this package: its last entry."""
    last = entries[-1] if entries else None
    return last.details if last and last.action == WRITTEN and isinstance(last.details, dict) else None


def _schema(package: PackageFile) -> list[str]:
    return [f"{package.stem}{RECORD}: {problem}" for problem in schema_problems(package.json(RECORD))]


def schema_problems(record: Any) -> list[str]:
    """Return the first places at which a record's JSON has not the published form, and why each."""
    errors = jsonschema.Draft202012Validator(read_schema()).iter_errors(record)
    first = sorted(errors, key=lambda error: error.json_path)[:5]
    return [f"{error.json_path}: {error.message[:200]}" for error in first]


def _audit(package: PackageFile) -> list[str]:
    record, entries = package.record(), package.audit()
    name = package.stem + AUDIT
    if record.audit is None:
        return [f"{package.stem}{RECORD} names no length and head of its audit log."]
    printed = ChainHead(record.audit["length"], record.audit["head"])
    problems = [f"{name}: {sentence}" for sentence in verify_chain(entries, printed)]
    if len(entries) > printed.length:
        problems.append(f"{name} has {len(entries)} entries; the record tells of {printed.length}.")
    told = _written(entries)
    if told is None:
        return [*problems, f"{name} does not end with the writing of this record."]
    return problems + _unbound(package, record, told)


def _unbound(package: PackageFile, record: AnalysisRecord, told: Mapping[str, Any]) -> list[str]:
    """Return which parts are not those that the log tells of, although SHA256SUMS may fit."""
    problems = []
    if told.get("record") != core_sha256(record):
        problems.append(f"{package.stem}{RECORD} is not the record that the audit log tells of.")
    members = told.get("members")
    for suffix, sha256 in (members if isinstance(members, dict) else {}).items():
        data = package.members.get(package.stem + suffix)
        if data is not None and sha256_of_bytes(data) != sha256:
            problems.append(f"{package.stem}{suffix} is not the one that the audit log tells of.")
    return problems


def _audit_sentence(package: PackageFile) -> str:
    try:
        audit = package.record().audit
    except DataError:
        return ""
    if not isinstance(audit, dict):
        return ""
    return f"{audit.get('length')} entries, head {audit.get('head')}."


def _derived(package: PackageFile) -> list[str]:
    record = package.record()
    localization = package.localization(record)
    problems = []
    mask = read_stored_mask(package.member(MASK), record)
    if not np.array_equal(mask, localization.mask(record.threshold.value)):
        told = say_threshold(record.threshold.value)
        problems.append(f"{package.stem}{MASK} is not the map at the threshold {told}.")
    data = package.json(RECORD)
    if not alike(find_regions(localization, record.threshold.value).as_dict(), data["regions"]):
        problems.append(f"{package.stem}{RECORD}: the regions are not those of the map at the threshold.")
    if record.as_dict()["performance"] != data.get("performance"):
        problems.append(f"{package.stem}{RECORD}: the performance is not that of the card at the threshold.")
    return problems


def alike(one: Any, other: Any) -> bool:
    """Tell whether two regions' data agree; responses were averaged before the map was rounded to 16 bits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= 1 / 65535
    return bool(one == other)


@cache
def read_schema() -> dict[str, Any]:
    """Return the published form of a record. Raises :class:`DataError` when it is not installed."""
    package = Path(__file__).resolve().parents[1]
    for home in (package.parent / "resources", package / "resources"):
        if (home / SCHEMA_NAME).is_file():
            schema: dict[str, Any] = json.loads((home / SCHEMA_NAME).read_text("utf-8"))
            return schema
    raise DataError(f"{SCHEMA_NAME} is not installed.", cure="Install the program again.")
