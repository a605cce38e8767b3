"""From a finished map to what is written down: the analysis's record and its sentence. No torch here."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from irlnet_core import files
from irlnet_core.errors import ImageReadError
from irlnet_core.evidence import record
from irlnet_core.evidence.alarm import rank_among_clean
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.evidence.record import AnalysisRecord, NotRun, Threshold
from irlnet_core.evidence.regions import Regions, find_regions
from irlnet_core.evidence.validity import check_validity
from irlnet_core.inference.self_test import last_self_test

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import LocalizationResult
    from irlnet_core.model.card import ModelCard
    from irlnet_core.model.checkpoint import LoadedModel

_CARD_FACTS = (
    "architecture",
    "tile",
    "overlap",
    "threshold",
    "operating_points",
    "calibration",
    "validity",
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
    described["validity"] = [statement.as_dict() for statement in check_validity(model.card.validity, image)]
    whole = result.localization.analysed is None  # a part can't be ranked among whole pictures
    if whole and (rank := rank_among_clean(result.localization, model.card.clean_levels)):
        described["rank"] = {**rank.as_dict(), "set": str(model.card.calibration.get("set", ""))}
    self_test = last_self_test(model.sha256, str(result.device), result.precision)
    environment = record.describe_environment(
        torch_version=result.torch_version,
        device=str(result.device),
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
        not_run=(*_outside(result, model.card), *_not_run(image, model.card), *_untested(self_test)),
        times=record.describe_times(started, datetime.now(UTC)),
        self_test=self_test,
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
    threshold = say_threshold(regions.threshold)
    return (
        f"The network's response exceeds the threshold {threshold} in {regions.count} {noun} "
        f"covering {100 * regions.listed_fraction:.2f} % of the picture. "
        "This is a tool result, not a finding that the picture was manipulated."
    )


def _describe_tiles(result: LocalizationResult) -> dict[str, Any]:
    """Describe how the map was computed, and in what that differs from what the model was made for."""
    plan, computed, analysed = asdict(result.plan), result.computed, result.localization.analysed
    return {
        "area": analysed.as_dict() if analysed else None,
        "computed": computed.as_dict(),
        "tile": plan["tile"],
        "overlap": plan["overlap"],
        "margin": plan["margin"],
        "count": len(result.plan),
        "rows": [computed.y + y for y in plan["ys"]],
        "columns": [computed.x + x for x in plan["xs"]],
        "continued_by_reflection": result.plan.padded,
        "taper": "no weight in the margin beside an interior border, then a raised cosine",
        "blended": "probability",
        "batch": result.batch,
        "backend": result.backend,
        "deviations": list(result.deviations),
        "notes": list(result.notes),
    }


def _outside(result: LocalizationResult, card: ModelCard) -> tuple[NotRun, ...]:
    """Say what an analysis of a selected area leaves out."""
    if result.localization.analysed is None:
        return ()
    reason = "only the selected area was analysed"
    rank = NotRun("rank among clean pictures", f"{reason}, and clean pictures were ranked as a whole")
    return NotRun("the picture outside the selected area", reason), *([rank] if card.clean_levels else [])


def _untested(self_test: dict[str, Any] | None) -> tuple[NotRun, ...]:
    if self_test:
        return ()
    reason = "this program has not tested this model on this device at this precision (irlnet self-test)"
    return (NotRun("self-test", reason),)


def _not_run(image: SuspectImage, card: ModelCard) -> tuple[NotRun, ...]:
    metadata = image.metadata.as_dict()
    broken = [
        NotRun(f"metadata: {name}", fact.get("reason", "unknown"))
        for name, fact in metadata.items()
        if isinstance(fact, dict) and fact.get("state") == "not run"
    ]
    if not card.validity:
        broken.append(NotRun("in-range check", "the model's card names no range that it was validated on"))
    if not card.clean_levels:
        broken.append(NotRun("rank among clean pictures", "the model was not calibrated on clean pictures"))
    return (
        NotRun("likelihood ratio", "no calibration on a named reference set is at hand"),
        NotRun("other views (error level, noise residual, JPEG ghost)", "not part of this analysis"),
        *broken,
    )
