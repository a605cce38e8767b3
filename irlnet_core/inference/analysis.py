"""From a finished map to what is written down: the analysis's record and its sentence. No torch here."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from irlnet_core import files
from irlnet_core.errors import ImageReadError
from irlnet_core.evidence import record
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.record import AnalysisRecord, NotRun, Threshold
from irlnet_core.evidence.regions import Regions, find_regions

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import LocalizationResult
    from irlnet_core.model.checkpoint import LoadedModel

_CARD_FACTS = (
    "architecture",
    "tile",
    "overlap",
    "threshold",
    "operating_points",
    "metrics",
    "licence",
    "limits",
    "notes",
)


def choose_threshold(model: LoadedModel, value: float | None, source: str = "--threshold") -> Threshold:
    """Return the threshold ``value`` set by ``source``, or with None the one on the model's card."""
    if value is not None:
        return Threshold(value, source)
    return Threshold(model.card.threshold, f"model card: {model.card.threshold_source}")


def make_record(
    image: SuspectImage,
    model: LoadedModel,
    result: LocalizationResult,
    threshold: Threshold,
    started: datetime,
) -> AnalysisRecord:
    """Return the record of one analysis that began at ``started`` (with a time zone) and ends now."""
    card = json.loads(model.card.to_json())
    described = record.describe_model(model.card.name, model.sha256, {key: card[key] for key in _CARD_FACTS})
    environment = record.describe_environment(
        torch_version=result.torch_version,
        device=f"{result.device.id} ({result.device.name})",
        precision=result.precision,
        threads=result.threads,
    )
    return AnalysisRecord(
        evidence=record.describe_evidence(image),
        model=described,
        environment=environment,
        tiles=_describe_tiles(result),
        threshold=threshold,
        regions=find_regions(result.localization, threshold.value),
        not_run=_not_run(image),
        times=record.describe_times(started, datetime.now(UTC)),
    )


def check_unchanged(image: SuspectImage) -> None:
    """Hash the evidence again. Raises :class:`ImageReadError` when it is no longer what was analysed."""
    try:
        now = files.sha256_of_file(image.path)
    except OSError as error:
        reason = f"can no longer be read ({error.strerror}); its results were not written."
        raise ImageReadError(
            reason, path=image.path, cure="Give the file back and analyse it again."
        ) from error
    if now != image.sha256:
        raise ImageReadError(
            f"changed while it was analysed (SHA-256 {image.sha256[:12]}… became {now[:12]}…); "
            "its results were not written.",
            path=image.path,
            cure="Find out what writes to the evidence, then analyse it again.",
        )


def summarize(regions: Regions) -> str:
    """Return the sentence that stands beside every result: what the tool says, and what that is not."""
    noun = "region" if regions.count == 1 else "regions"
    return (
        f"The network's response exceeds the threshold {regions.threshold:.4g} in {regions.count} {noun} "
        f"covering {100 * listed_area(regions):.2f} % of the picture. "
        "This is a tool result, not a finding that the picture was manipulated."
    )


def listed_area(regions: Regions) -> float:
    """Return the share (0..1) of the picture that the listed regions cover."""
    return sum(region.area_fraction for region in regions.listed)


def _describe_tiles(result: LocalizationResult) -> dict[str, Any]:
    """Describe how the map was computed, and in what that differs from what the model was made for."""
    plan = asdict(result.plan)
    return {
        "tile": plan["tile"],
        "overlap": plan["overlap"],
        "margin": plan["margin"],
        "count": len(result.plan),
        "rows": list(plan["ys"]),
        "columns": list(plan["xs"]),
        "continued_by_reflection": result.plan.padded,
        "taper": "no weight in the margin beside an interior border, then a raised cosine",
        "blended": "probability",
        "batch": result.batch,
        "backend": result.backend,
        "deviations": list(result.deviations),
        "notes": list(result.notes),
    }


def _not_run(image: SuspectImage) -> tuple[NotRun, ...]:
    metadata = image.metadata.as_dict()
    broken = [
        NotRun(f"metadata: {name}", fact.get("reason", "unknown"))
        for name, fact in metadata.items()
        if isinstance(fact, dict) and fact.get("state") == "not run"
    ]
    return (
        NotRun(
            "in-range check", "this version does not compare the file with what the model was validated on"
        ),
        NotRun("likelihood ratio", "no calibration on a named reference set is at hand"),
        NotRun("other views (error level, noise residual, JPEG ghost)", "not part of this command"),
        *broken,
    )
