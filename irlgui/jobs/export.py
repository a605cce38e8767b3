"""Quick export: what ``irlnet localize`` writes, by the same code, at the analyst's threshold."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irlgui.jobs.output import check_place
from irlgui.session import Analysis
from irlnet_core.errors import DeviceError
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.export import Results, write_results
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.evidence.overlay import Mode
from irlnet_core.evidence.record import AnalysisRecord, Threshold
from irlnet_core.evidence.regions import find_regions
from irlnet_core.inference.analysis import check_unchanged, summarize
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True)
class ExportRequest:
    """One analysis to be written to ``output``, a folder that holds no evidence.

    ``source`` says who set ``threshold`` ("analyst", or what the analysis's own record says). ``outlines``
    are the analyst's; they are drawn into the overlay and are in none of the tool's results. ``evidence`` are
    the other pictures that are evidence.
    """

    image: SuspectImage
    analysis: Analysis
    output: Path
    threshold: float
    source: str = "analyst"
    mode: Mode = "heat"
    outlines: Sequence[Outline] = ()
    evidence: Sequence[Path] = ()


def export(request: ExportRequest) -> Generator[Event, None, Results]:
    """Write the four results of one analysis; run it as a :class:`irlgui.jobs.job.Job`.

    Raises :class:`OutputError` for a folder that holds evidence or can't be written, and
    :class:`ImageReadError` when the evidence is no longer what was analysed.
    """
    yield Progress("checking", 0, 0)
    check_place(request.output, [request.image.path, *request.evidence])
    check_unchanged(request.image)
    yield Progress("finding regions", 0, 0)
    try:
        record = record_at(request.analysis, request.threshold, request.source)
        yield Progress("writing", 0, 0)
        return write_results(
            request.output,
            request.image,
            request.analysis.localization,
            record,
            mode=request.mode,
            caption=captions(record),
            outlines=request.outlines,
        )
    except MemoryError as error:
        raise DeviceError(
            "There is not enough memory to write the results.", cure="Close other programs."
        ) from error


def record_at(analysis: Analysis, threshold: float, source: str) -> AnalysisRecord:
    """Return the record of an analysis with the regions of another threshold, and who set it."""
    record = analysis.record
    if record.threshold == Threshold(threshold, source):
        return record
    regions = find_regions(analysis.localization, threshold)
    return replace(record, threshold=Threshold(threshold, source), regions=regions)


def captions(record: AnalysisRecord) -> list[str]:
    """Return the lines below an exported picture: result, deviations, threshold, model and hashes."""
    model, threshold = record.model, record.threshold
    return [
        summarize(record.regions),
        *record.tiles.get("deviations", ()),
        f"Threshold {say_threshold(threshold.value)}, set by: {threshold.source}.",
        f"Model {model['name']}, SHA-256 {model['weights_sha256'][:16]}….",
        f"Evidence {record.evidence['file_name']}, SHA-256 {record.evidence['sha256']}.",
    ]
