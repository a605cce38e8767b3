from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from irlnet_core.case.exhibit import Exhibit, no_annotations
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import (
    AnalysisRecord,
    NotRun,
    Threshold,
    describe_environment,
    describe_evidence,
    describe_model,
    describe_times,
)
from irlnet_core.evidence.regions import find_regions

ExhibitOf = Callable[..., Exhibit]
HOSTILE = '<script>alert("x")</script>&\u202egpj.exe \u05e9\u05dc\u05d5\u05dd 😀\nsecond ' + "x" * 300
CARD: dict[str, Any] = {
    "licence": "Apache-2.0",
    "limits": ["It can't tell paint from plaster."],
    "threshold": {"value": 0.5, "source": "a test"},
    "operating_points": [
        {"threshold": 0.5, "alarms": 8, "groups": 160, "interval": [0.0218, 0.0961]},
        {"threshold": 0.8, "alarms": 1, "groups": 160, "interval": [0.0002, 0.0343]},
    ],
    "calibration": {"set": "160 clean scenes", "false_alarm_picture": "regions add up to more than 0.5 %"},
    "metrics": {
        "real": {"what": "fills of other makers", "sets": {"maker one": {"pictures": 9, "f1": 0.25}}}
    },
    "validity": {"source": "the clean scenes"},
}


@pytest.fixture
def exhibit_of(tmp_path: Path) -> ExhibitOf:
    """Make a picture of 240x180 with one region (or none at a threshold above 0.9), analysed."""

    def make(*, threshold: float = 0.5, card: dict[str, Any] | None = None, **evidence: Any) -> Exhibit:
        path = tmp_path / "evidence" / "scene.png"
        path.parent.mkdir(exist_ok=True)
        pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((240, 180), Image.Resampling.BICUBIC).save(path)
        image = read_image(path)
        rows, columns = np.mgrid[0:180, 0:240]
        response = 0.9 * np.exp(-(((rows - 80) / 30.0) ** 2 + ((columns - 100) / 40.0) ** 2))
        localization = Localization.from_probability16(
            Localization(response.astype(np.float32)).probability16()
        )
        record = _record(image, localization, threshold, CARD if card is None else card)
        record = replace(record, evidence={**record.evidence, **evidence})
        return Exhibit(record, localization, no_annotations(record), image=image)

    return make


def _record(image: Any, localization: Localization, threshold: float, card: dict[str, Any]) -> AnalysisRecord:
    started = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    model = describe_model("tiny", "0" * 64, card)
    outside = "The file's long side of 240 is outside of 512 to 1400."
    model["validity"] = [{"check": "long_side", "state": "out of range", "sentence": outside}]
    return AnalysisRecord(
        evidence=describe_evidence(image),
        model=model,
        environment=describe_environment(torch_version="2.0", device="cpu", precision="float32", threads=1),
        tiles={
            "area": None,
            "tile": 128,
            "overlap": 32,
            "margin": 8,
            "count": 4,
            "batch": 1,
            "backend": "torch",
        },
        threshold=Threshold(threshold, "--threshold"),
        regions=find_regions(localization, threshold),
        not_run=(
            NotRun("likelihood ratio", "no reference set"),
            NotRun("C2PA", "the library is not installed"),
        ),
        times=describe_times(started, started.replace(second=7)),
    )
