"""The state of the picture on show: views read it, ask it to change, follow it.

Nothing here computes or draws. A setter that changes nothing emits nothing, so that two views bound to one
value never echo each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import Regions

OverlayMode = Literal["none", "heat", "mask", "outline"]
Compare = Literal["single", "side", "swipe", "blink"]


@dataclass(frozen=True)
class Overlay:
    """How the map is laid over the picture."""

    mode: OverlayMode = "heat"
    opacity: float = 0.6
    palette: Literal["viridis", "cividis"] = "viridis"


@dataclass(frozen=True)
class Analysis:
    """A finished analysis of a picture: the map, its record at the threshold it was made with, the model."""

    image_sha256: str
    localization: Localization
    record: AnalysisRecord
    model_name: str
    model_sha256: str


class Session(QObject):
    """The open picture, its analysis, the threshold, the overlay and the chosen region."""

    picture_changed = Signal(object)  # SuspectImage | None
    analysis_changed = Signal(object)  # Analysis | None
    threshold_changed = Signal(float)
    regions_changed = Signal(object)  # Regions | None; computed off the GUI thread after a threshold change
    overlay_changed = Signal(object)  # Overlay
    compare_changed = Signal(str)  # Compare
    region_chosen = Signal(object)  # int (a region's id) | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture: SuspectImage | None = None
        self.analysis: Analysis | None = None
        self.regions: Regions | None = None
        self.threshold = 0.5
        self.threshold_source = "default"
        self.overlay = Overlay()
        self.compare: Compare = "single"
        self.chosen_region: int | None = None

    @property
    def path(self) -> Path | None:
        """Return the open picture's path."""
        return self.picture.path if self.picture else None

    def set_picture(self, picture: SuspectImage | None) -> None:
        """Show another picture; its analysis is unknown until :meth:`set_analysis`."""
        if picture is self.picture:
            return
        self.picture = picture
        self.set_analysis(None)
        self.picture_changed.emit(picture)

    def set_analysis(self, analysis: Analysis | None) -> None:
        """Show an analysis of the open picture; one of another picture came too late and is dropped."""
        if analysis is self.analysis:
            return
        if analysis and (self.picture is None or analysis.image_sha256 != self.picture.sha256):
            return
        self.analysis = analysis
        self.set_regions(analysis.record.regions if analysis else None)
        self.analysis_changed.emit(analysis)

    def set_threshold(self, value: float, source: str = "analyst") -> None:
        """Move the threshold (0..1) and remember who set it; the map is not computed again."""
        value = min(1.0, max(0.0, value))
        if value == self.threshold and source == self.threshold_source:
            return
        self.threshold, self.threshold_source = value, source
        self.threshold_changed.emit(value)

    def set_regions(self, regions: Regions | None) -> None:
        """Show the regions at the current threshold."""
        if regions is self.regions:
            return
        self.regions = regions
        self.choose_region(None)
        self.regions_changed.emit(regions)

    def choose_region(self, number: int | None) -> None:
        """Choose a region by its id, or none."""
        if number != self.chosen_region:
            self.chosen_region = number
            self.region_chosen.emit(number)

    def change_overlay(self, **changes: object) -> None:
        """Change the overlay's ``mode``, ``opacity`` or ``palette``."""
        overlay = replace(self.overlay, **changes)  # type: ignore[arg-type]
        if overlay != self.overlay:
            self.overlay = overlay
            self.overlay_changed.emit(overlay)

    def set_compare(self, compare: Compare) -> None:
        """Show the picture alone, side by side with its overlay, under a swipe line, or blinking."""
        if compare != self.compare:
            self.compare = compare
            self.compare_changed.emit(compare)
