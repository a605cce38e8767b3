"""What the result column says, decided by pure functions of the analysis and the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from irlgui.session import Analysis
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.evidence.regions import Regions
from irlnet_core.evidence.validity import State, Statement, summarize_outside


@dataclass(frozen=True)
class Mark:
    """A measured operating point: its threshold, its rate (0..1), and whether it is only indicative."""

    threshold: float
    rate: float
    indicative: bool
    source: str = ""

    @property
    def label(self) -> str:
        return f"{100 * self.rate:g}\u00a0%"


def say(text: str, /, **values: object) -> str:
    """Return a sentence of the result column in the user's language."""
    return QCoreApplication.translate("ResultPanel", text).format(**values)


def percent(share: float) -> str:
    """Return a share (0..1) in per cent, with as many decimals as it needs to be told from nothing."""
    value = 100 * share
    if value == 0:
        return "0\u00a0%"
    if value < 0.01:
        return "<\u200a0.01\u00a0%"
    return f"{value:.2f}\u00a0%" if value < 1 else f"{value:.1f}\u00a0%"


def headline(regions: Regions | None, area: float, threshold: float) -> tuple[str, str]:
    """Return the two lines that are read from a metre away; regions of another threshold are not told.

    ``area`` is the share above the threshold. It stands in until the regions are counted; then the share that
    they cover is told, the same number as in the sentence below.
    """
    above = say("Above threshold {value}", value=say_threshold(threshold, 2))
    if regions is None or regions.threshold != threshold:
        number = "…"
    else:
        words = {0: say("No region"), 1: say("1 region")}
        number = words.get(regions.count) or say("{n} regions", n=f"{regions.count:,}")
        area = regions.listed_fraction
    # A column too narrow for one line breaks it at the dot and nowhere else.
    parts = (number, say("{share} of area", share=percent(area)))
    return above, "\u00a0· ".join(part.replace(" ", "\u00a0") for part in parts)


def remark_on(regions: Regions | None, threshold: float) -> str:
    """Return what belongs beside the headline: small spots, and what an empty result does not mean."""
    if regions is None or regions.threshold != threshold:
        return ""
    words = []
    if regions.small_count:
        share = percent(max(0.0, regions.area_fraction - regions.listed_fraction))
        words.append(
            say("{n} smaller spots ({share}) are not listed.", n=f"{regions.small_count:,}", share=share)
            if regions.small_count > 1
            else say("1 smaller spot ({share}) is not listed.", share=share)
        )
    if regions.count == 0:
        words.append(say("No response above the threshold does not show that a picture is authentic."))
    return " ".join(words)


def rank_line(analysis: Analysis) -> str:
    """Return how the picture stands among clean ones, or why that is not known."""
    rank = analysis.record.model.get("rank")
    if isinstance(rank, Mapping):
        name = f" ({rank['set']})" if rank.get("set") else ""
        if rank["rank"] == 0:
            line = say("Above all {of} clean pictures", of=rank["of"])
        else:
            line = say("Rank {rank} of {of} clean pictures", rank=rank["rank"], of=rank["of"])
        return line + name
    if analysis.localization.analysed is not None:
        return say("Rank not run: only an area was analysed")
    return say("Not calibrated: no rank among clean pictures")


def area_line(analysis: Analysis) -> str:
    """Return which part was analysed, or "" for the whole picture."""
    area: Area | None = analysis.localization.analysed
    if area is None:
        return ""
    return say(
        "Only the area {width} × {height} at {x}, {y} was analysed; the rest is not known.",
        width=area.width,
        height=area.height,
        x=area.x,
        y=area.y,
    )


def range_line(analysis: Analysis) -> tuple[State, str, str]:
    """Return whether the file is within what the model was validated on: state, line, all sentences."""
    statements = [Statement(**entry) for entry in analysis.record.model.get("validity") or ()]
    details = "\n".join(statement.sentence for statement in statements)
    outside = summarize_outside(statements)
    if outside:
        return "out of range", outside, details
    if statements and all(statement.state == "in range" for statement in statements):
        return "in range", say("In the range the model was validated on"), details
    if any(statement.state == "in range" for statement in statements):
        return "not known", say("In range as far as the file tells"), details
    return "not known", say("Range not known: the model names none"), details


def model_lines(analysis: Analysis) -> list[str]:
    """Return the model, where it ran, and everything in which the run differs from what it was made for."""
    environment = analysis.record.environment
    digits = analysis.model_sha256[:8]
    name = say("Model {name}", name=analysis.model_name)
    lines = [f"{name} · {digits} · {environment.get('device', '?')}, {environment.get('precision', '?')}"]
    return lines + [str(text) for text in analysis.record.tiles.get("deviations") or ()]


def default_threshold(analysis: Analysis) -> tuple[float, str]:
    """Return the model's own threshold and who set it."""
    card = analysis.record.model.get("card") or {}
    given = card.get("threshold")
    if isinstance(given, Mapping):
        return float(given["value"]), f"model card: {given.get('source', '')}"
    return analysis.record.threshold.value, analysis.record.threshold.source


def marks_of(analysis: Analysis | None) -> tuple[Mark, ...]:
    """Return the card's operating points that can be drawn, by threshold."""
    if analysis is None:
        return ()
    points = (analysis.record.model.get("card") or {}).get("operating_points") or ()
    marks = [mark for point in points if (mark := _mark(point)) is not None]
    return tuple(sorted(marks, key=lambda mark: mark.threshold))


def marks_line(marks: tuple[Mark, ...]) -> str:
    """Say in one sentence what the marks mean."""
    if not marks:
        return say("No measured marks: the model is not calibrated.")
    rates = [say("{rate} (indicative)", rate=mark.label) if mark.indicative else mark.label for mark in marks]
    return say("Marks: so many clean pictures raise a false alarm: {rates}.", rates=", ".join(rates))


def _mark(point: Mapping[str, Any]) -> Mark | None:
    try:
        threshold, rate = float(point["threshold"]), float(point["false_alarm_rate"])
    except (KeyError, TypeError, ValueError):
        return None
    if not (0 <= threshold <= 1 and 0 <= rate <= 1):
        return None
    return Mark(threshold, rate, bool(point.get("indicative")), str(point.get("source", "")))
