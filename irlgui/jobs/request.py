"""What is asked of one analysis, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irlnet_core.evidence.area import Area
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS


@dataclass(frozen=True)
class AnalysisRequest:
    """One picture and how to analyse it.

    ``model`` is a name or a folder, None = the default one; of an ``area`` only that part is analysed; the
    tiles nearest to ``start`` = (y, x) come first, which changes no result. ``fresh`` passes over a kept one.
    """

    path: Path
    model: str | Path | None = None
    device: str = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    area: Area | None = None
    start: tuple[float, float] | None = None
    max_pixels: int = DEFAULT_MAX_PIXELS
    fresh: bool = False
