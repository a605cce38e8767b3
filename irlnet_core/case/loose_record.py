"""A record that belongs to no case: its package carries a small log of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from irlnet_core.case.audit import AuditLog, user_name
from irlnet_core.case.exhibit import Exhibit, no_annotations
from irlnet_core.case.package import MakeReports, leave_out_paths, map_sha256, write_package
from irlnet_core.case.signing import SigningKey
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord


def write_loose_record(
    path: Path,
    image: SuspectImage,
    localization: Localization,
    record: AnalysisRecord,
    *,
    annotations: Annotations | None = None,
    caption: Sequence[str] = (),
    make_reports: MakeReports | None = None,
    key: SigningKey | None = None,
    paths: bool = True,
) -> Path:
    """Write ``path`` (``<stem>.record.zip``) of one analysis.

    Without ``paths`` the folder of the evidence is not told.
    Raises :class:`OutputError`; the caller checks that the evidence is unchanged.
    """
    record = record if paths else leave_out_paths(record)
    log = AuditLog(user_name())
    item = image.sha256
    log.log("evidence read", item=item, pixels_sha256=image.pixels_sha256, size_bytes=image.size_bytes)
    model, threshold = record.model["weights_sha256"], record.threshold
    log.log("analysed", item=item, model=model, map_sha256=map_sha256(localization), times=record.times)
    log.log("threshold set", item=item, value=threshold.value, source=threshold.source)
    exhibit = Exhibit(record, localization, annotations or no_annotations(record), image=image)
    return write_package(path, exhibit, log, caption=caption, make_reports=make_reports, key=key)
