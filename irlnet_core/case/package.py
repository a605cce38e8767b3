"""A record as one file to hand on, ``<stem>.record.zip``: everything that is needed to check it again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from irlnet_core.case.audit import AuditEntry, Log, head_of, sha256_of
from irlnet_core.case.exhibit import Exhibit
from irlnet_core.case.signing import SigningKey
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotation_export import Findings, to_coco, to_labelme
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.export import PACKAGE_SUFFIX, check_output, safe_stem, write_png
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.overlay import render_overlay
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.files import sha256_of_bytes, write_atomically

SUFFIX = PACKAGE_SUFFIX
RECORD, AUDIT, ANALYST = ".json", ".audit.json", ".analyst.json"
MASK, MAP, OVERLAY = ".mask.png", ".probability.png", ".overlay.png"
COCO, LABELME = ".regions.coco.json", ".regions.labelme.json"
REQUIRED = (RECORD, MASK, MAP, OVERLAY, COCO, LABELME, ANALYST, AUDIT)
SUMS, SIGNATURE, PUBLIC_KEY = "SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.pub.pem"

WRITTEN = "record written"  # the entry that binds a package's members to the log
REPORTED = "report written"
MakeReports = Callable[[Exhibit], Mapping[str, bytes]]


def write_package(
    path: Path,
    exhibit: Exhibit,
    log: Log,
    *,
    caption: Sequence[str] = (),
    make_reports: MakeReports | None = None,
    key: SigningKey | None = None,
) -> Path:
    """Write ``path`` (``<stem>.record.zip``) and return it; ``log`` gets an entry that binds its members.

    ``log`` is the case, or an :class:`irlnet_core.case.audit.AuditLog`; entries about other pictures go in
    without their details. ``caption`` are the lines below the overlay. ``make_reports`` gives members by
    their ending ("report.pdf"), from the exhibit with the log's final length and head. With a ``key``
    SHA256SUMS is signed.
    Raises :class:`DataError` when the evidence or its map is not at hand, :class:`OutputError` for a folder
    that holds evidence. The caller checks that the evidence is unchanged.
    """
    image, localization = _at_hand(exhibit)
    path = Path(path)
    check_output(path.parent, [image.path])
    stem = safe_stem(path.name.removesuffix(SUFFIX))
    members = {
        MASK: _png(localization.mask(exhibit.record.threshold.value)),
        MAP: _png(localization.probability16()),
        OVERLAY: _png(_overlay(image, localization, exhibit, caption)),
        COCO: _json(to_coco(_findings(exhibit))),
        LABELME: _json(to_labelme(_findings(exhibit))),
        ANALYST: _json(describe_analyst(exhibit)),
    }
    record = replace(exhibit.record, audit=None)
    log.log(WRITTEN, **_binding(record, members, key))
    entries = [_for_reader(entry, image.sha256) for entry in log.audit()]
    record = replace(record, audit=head_of(entries).as_dict())
    members[AUDIT] = (json.dumps([asdict(entry) for entry in entries], indent=1) + "\n").encode("ascii")
    members[RECORD] = _json(record.as_dict())
    reports = make_reports(replace(exhibit, record=record)) if make_reports else {}
    files = {stem + suffix: data for suffix, data in members.items()}
    files |= {f"{stem}.{ending}": data for ending, data in reports.items()}
    _write_zip(path, _seal(files, key), datetime.fromisoformat(record.times["finished"]))
    return path


def package_name(stem: str) -> str:
    """Return the file name of a package."""
    return stem + SUFFIX


def leave_out_paths(record: AnalysisRecord) -> AnalysisRecord:
    """Return the record without the folder in which the evidence lay."""
    return replace(record, evidence={**record.evidence, "path": record.evidence["file_name"]})


def core_sha256(record: AnalysisRecord) -> str:
    """Return the SHA-256 of a record without its audit head, which is made from it."""
    return sha256_of(replace(record, audit=None).as_dict())


def describe_analyst(exhibit: Exhibit) -> dict[str, Any]:
    """Return what the analyst added, as plain data: outlines and notes, judgement, case."""
    return {
        "annotations": exhibit.annotations.as_dict(),
        "judgement": asdict(exhibit.judgement),
        "case": asdict(exhibit.case) if exhibit.case else None,
    }


def map_sha256(localization: Localization) -> str:
    """Return the SHA-256 of a map's values: 16 bit, little-endian, row by row, however they are packed."""
    return sha256_of_bytes(localization.probability16().astype("<u2").tobytes())


def _at_hand(exhibit: Exhibit) -> tuple[SuspectImage, Localization]:
    record, image, localization = exhibit.record, exhibit.image, exhibit.localization
    name = record.evidence["file_name"]
    if image is None:
        raise DataError(f"{name} is not at hand, so no record can be written: {exhibit.missing}")
    if localization is None:
        raise DataError(f"The map of {name} is not at hand.", cure="Analyse it again.")
    if image.sha256 != record.evidence["sha256"]:
        raise DataError(f"{name} is not the picture of this record.", cure="Analyse it again.")
    return image, localization


def _overlay(
    image: SuspectImage, localization: Localization, exhibit: Exhibit, caption: Sequence[str]
) -> Any:
    record = exhibit.record
    return render_overlay(
        image.pixels,
        localization,
        record.threshold.value,
        regions=record.regions,
        caption=caption,
        outlines=exhibit.annotations.outlines,
    )


def _findings(exhibit: Exhibit) -> Findings:
    annotations: Annotations = exhibit.annotations
    name = str(exhibit.record.evidence["file_name"])
    return Findings(name, annotations, exhibit.localization, exhibit.record.regions)


def _binding(record: AnalysisRecord, members: Mapping[str, bytes], key: SigningKey | None) -> dict[str, Any]:
    return {
        "item": record.evidence["sha256"],
        "record": core_sha256(record),
        "threshold": record.threshold.value,
        "members": {suffix: sha256_of_bytes(data) for suffix, data in members.items()},
        "signer": key.fingerprint if key else "",
    }


def _for_reader(entry: AuditEntry, sha256: str) -> AuditEntry:
    """Withhold what was done to other pictures: the chain holds without it.

    A mark has no item, for it is about a file that nobody has read yet; nor has a report, which mostly bears
    the name of a picture.
    """
    details = entry.details or {}
    nameless = details.get("table") == "marks" or entry.action == REPORTED
    return entry.withheld() if nameless or details.get("item") not in (None, sha256) else entry


def _seal(files: Mapping[str, bytes], key: SigningKey | None) -> dict[str, bytes]:
    """Add the list of hashes in the form of sha256sum, and its signature."""
    lines = [f"{sha256_of_bytes(data)}  {name}\n" for name, data in sorted(files.items())]
    sums = "".join(lines).encode("utf-8")
    sealed = {**files, SUMS: sums}
    if key:
        sealed |= {SIGNATURE: key.sign(sums), PUBLIC_KEY: key.public_pem}
    return sealed


def _write_zip(path: Path, files: Mapping[str, bytes], when: datetime) -> None:
    date = (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second)
    with write_atomically(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, date)
            member.external_attr = 0o644 << 16
            packed = zipfile.ZIP_STORED if name.endswith((".png", ".pdf")) else zipfile.ZIP_DEFLATED
            archive.writestr(member, data, packed)


def _png(pixels: Any) -> bytes:
    data = io.BytesIO()
    write_png(data, pixels)
    return data.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
