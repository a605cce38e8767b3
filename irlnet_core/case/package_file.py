"""The members of a package as they are in the file, whatever was done to it."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irlnet_core.case.audit import AuditEntry
from irlnet_core.case.exhibit import Exhibit, case_facts_from, judgement_from, no_annotations
from irlnet_core.case.package import (
    ANALYST,
    AUDIT,
    MAP,
    PUBLIC_KEY,
    RECORD,
    REQUIRED,
    SIGNATURE,
    SUFFIX,
    SUMS,
)
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import annotations_from
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.stored_map import read_map
from irlnet_core.files import sha256_of_bytes

_MOST_BYTES = 2 << 30
_MOST_MEMBERS = 64
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\x00-\x1f\x7f]+)")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


class NoPackageError(DataError):
    """The file is missing or no ZIP at all, so there is nothing to be checked."""


@dataclass(frozen=True)
class PackageFile:
    """What could be read of a package: ``members`` by name, and ``problems`` with the others."""

    path: Path
    members: Mapping[str, bytes]
    problems: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Return what the members' names begin with; where none tells, what the file is called."""
        for suffix in sorted(REQUIRED, key=len, reverse=True):
            for name in self.members:
                if name.endswith(suffix):
                    return name.removesuffix(suffix)
        return self.path.name.removesuffix(SUFFIX)

    def member(self, suffix: str) -> bytes:
        """Return a member by what follows the stem. Raises :class:`DataError`."""
        try:
            return self.members[self.stem + suffix]
        except KeyError:
            raise DataError(f"{self.stem}{suffix} is missing or unreadable.", path=self.path) from None

    def json(self, suffix: str) -> Any:
        """Return a member's JSON. Raises :class:`DataError`."""
        try:
            return json.loads(self.member(suffix), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            reason = f"{self.stem}{suffix} can't be read as JSON ({error})."
            raise DataError(reason, path=self.path) from error

    def record(self) -> AnalysisRecord:
        """Return the record. Raises :class:`DataError`."""
        try:
            return AnalysisRecord.from_dict(self.json(RECORD))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = f"{self.stem}{RECORD} is no analysis record ({error!r})."
            raise DataError(reason, path=self.path) from error

    def localization(self, record: AnalysisRecord) -> Localization:
        """Return the response map. Raises :class:`DataError`."""
        return read_map(self.member(MAP), record)

    def audit(self) -> list[AuditEntry]:
        """Return the log, unchecked. Raises :class:`DataError`."""
        data = self.json(AUDIT)
        if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
            raise DataError(f"{self.stem}{AUDIT} is no audit log.", path=self.path)
        return [AuditEntry.from_dict(entry) for entry in data]

    def exhibit(self, image: SuspectImage | None = None, missing: str = "") -> Exhibit:
        """Return everything that the package tells of its picture. Raises :class:`DataError`."""
        record, data = self.record(), self.json(ANALYST)
        if not isinstance(data, dict):
            raise DataError(f"{self.stem}{ANALYST} can't be read.", path=self.path)
        case = data.get("case")
        notes = data.get("annotations")
        return Exhibit(
            record=record,
            localization=self.localization(record),
            annotations=annotations_from(notes) if notes else no_annotations(record),
            judgement=judgement_from(data.get("judgement") or {}),
            case=case_facts_from(case) if case else None,
            image=image,
            missing=missing or ("" if image else "The evidence is not part of the record."),
        )

    def wrong_hashes(self) -> list[str]:
        """Return what differs from SHA256SUMS, each in a sentence with the member's name."""
        listed, problems = self._listed()
        for name, sha256 in listed.items():
            if name not in self.members:
                problems.append(f"{name} is missing or unreadable, but listed in {SUMS}.")
            elif sha256_of_bytes(self.members[name]) != sha256:
                problems.append(f"{name} was altered: it does not have the hash in {SUMS}.")
        known = {*listed, SUMS, SIGNATURE, PUBLIC_KEY}
        problems += [f"{name} is not listed in {SUMS}." for name in self.members if name not in known]
        missing = [self.stem + suffix for suffix in REQUIRED if self.stem + suffix not in self.members]
        return problems + [f"{name} is missing." for name in missing if name not in listed]

    def _listed(self) -> tuple[dict[str, str], list[str]]:
        if SUMS not in self.members:
            return {}, [f"{SUMS} is missing or unreadable."]
        listed, problems = {}, []
        text = self.members[SUMS].decode("utf-8", "replace")
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            match = _LINE.fullmatch(line)
            if match and match[2] not in listed:
                listed[match[2]] = match[1]
            else:
                problems.append(f"{SUMS} was altered: line {number} can't be read.")
        return listed, problems


def open_package(path: Path) -> PackageFile:
    """Read all members of a package; what is wrong with them is told, not raised.

    Raises :class:`NoPackageError` when there is no such file or it is no ZIP at all.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_members(path, archive)
    except FileNotFoundError as error:
        raise NoPackageError("does not exist.", path=path, cure="Check the path.") from error
    except _BROKEN as error:
        if _begins_like_zip(path):
            return PackageFile(path, {}, (f"The file is cut or altered: {error}.",))
        raise NoPackageError(f"is no record ({error}).", path=path, cure="Name a .record.zip.") from error


def _read_members(path: Path, archive: zipfile.ZipFile) -> PackageFile:
    found = archive.infolist()
    problems = [*_doubled(found)]
    if len(found) > _MOST_MEMBERS or sum(member.file_size for member in found) > _MOST_BYTES:
        return PackageFile(path, {}, ("The file is larger, or has more members, than any record.",))
    members = {}
    for member in found:
        try:
            members[member.filename] = archive.read(member)
        except _BROKEN as error:
            problems.append(f"{member.filename} is unreadable: {error}.")
    return PackageFile(path, members, tuple(problems))


def _doubled(found: Iterable[zipfile.ZipInfo]) -> list[str]:
    names = [member.filename for member in found]
    return [f"{name} is there twice." for name in sorted({name for name in names if names.count(name) > 1})]


def _begins_like_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
