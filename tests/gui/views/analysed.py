"""A picture and an analysis made by hand, for views that show results; no network runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from irlgui.session import Analysis
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord, Threshold, describe_evidence, describe_model
from irlnet_core.evidence.regions import find_regions

WIDTH, HEIGHT = 200, 120
CARD = {
    "tile": 64,
    "overlap": 16,
    "threshold": {"value": 0.62, "source": "1 % false-alarm pictures on Clean, n=312"},
    "operating_points": [
        {"threshold": 0.62, "false_alarm_rate": 0.01, "indicative": True},
        {"threshold": 0.41, "false_alarm_rate": 0.05, "indicative": False},
        {"threshold": "damaged"},
    ],
}
OUTSIDE = {"check": "jpeg_quality", "state": "out of range", "sentence": "The file's quality is 61."}
INSIDE = {"check": "long_side", "state": "in range", "sentence": "The file's long side is within."}


def save_image(folder: Path, name: str = "picture.png", seed: int = 0, **options: Any) -> SuspectImage:
    """Write a noisy picture below an evidence folder and read it."""
    path = folder / "evidence" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(60, 190, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return read_image(path)


def untouched(image: SuspectImage | None) -> Annotations | None:
    """Return the empty annotations of a picture, as the case gives them."""
    return Annotations(image.sha256, image.facts.width, image.facts.height) if image else None


def make_map(*blocks: tuple[int, int, int, int, float], area: Area | None = None) -> Localization:
    """Return a map of 0.1 with blocks (x, y, width, height, response)."""
    probability = np.full((HEIGHT, WIDTH), 0.1, np.float32)
    for x, y, width, height, response in blocks:
        probability[y : y + height, x : x + width] = response
    return Localization(probability, area)


TWO_BLOCKS = ((20, 10, 40, 30, 0.9), (120, 60, 20, 20, 0.7))


def make_analysis(
    image: SuspectImage,
    localization: Localization | None = None,
    *,
    card: dict[str, Any] | None = None,
    validity: list[dict[str, str]] | None = None,
    rank: dict[str, Any] | None = None,
    deviations: tuple[str, ...] = (),
) -> Analysis:
    """Return an analysis at the threshold 0.62: two regions, unless another map is given."""
    found = localization or make_map(*TWO_BLOCKS)
    model = describe_model("base", "ab" * 32, CARD if card is None else card)
    model["validity"] = validity or []
    if rank:
        model["rank"] = rank
    record = AnalysisRecord(
        evidence=describe_evidence(image),
        model=model,
        environment={"device": "cpu", "precision": "float32", "program": {"version": "0"}},
        tiles={"deviations": list(deviations), "area": None},
        threshold=Threshold(0.62, "model card"),
        regions=find_regions(found, 0.62),
        not_run=(),
        times={"started": "2026-01-02T03:04:05.000Z"},
    )
    return Analysis(image.sha256, found, record, "base", "ab" * 32)
