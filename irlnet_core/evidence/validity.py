"""Is a file within what the model was validated on? In range, out of range, or not known, each as a sentence.

A card's ``validity`` maps a check to its range: ``long_side`` and ``short_side`` (pixels), ``jpeg_quality``
(IJG), ``megapixels``, each ``[least, most]``. Other entries ("scale": "0.5–1.5") are told as not known,
because no file says that of itself; ``source`` says what the ranges were measured on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from irlnet_core.evidence.image import SuspectImage

State = Literal["in range", "out of range", "not known"]
_SOURCE = "source"
_UNITS = {"long_side": " pixels", "short_side": " pixels"}


@dataclass(frozen=True)
class Statement:
    """One check of a file against the model's range: its state and a sentence for the analyst."""

    check: str
    state: State
    sentence: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def check_validity(validity: Mapping[str, Any], image: SuspectImage) -> tuple[Statement, ...]:
    """Compare a file with a card's ``validity``, one statement per entry; none is a refusal."""
    return tuple(_state(check, given, image) for check, given in validity.items() if check != _SOURCE)


def summarize_outside(statements: Sequence[Statement]) -> str:
    """Return one line about everything out of range, or "" when nothing is."""
    outside = [statement.sentence for statement in statements if statement.state == "out of range"]
    return f"Outside of what the model was validated on: {' '.join(outside)}" if outside else ""


def _state(check: str, given: Any, image: SuspectImage) -> Statement:
    name = check.replace("_", " ").replace("jpeg", "JPEG")
    unit = _UNITS.get(check, "")
    bounds = _bounds(given)
    if check not in _MEASURES or bounds is None:
        told = f"{given[0]:g} to {given[1]:g}{unit}" if bounds else str(given)
        sentence = f"The model was validated for {name} {told}; the file does not tell its own."
        return Statement(check, "not known", sentence)
    value, reason = _MEASURES[check](image)
    span = f"{_number(bounds[0])} to {_number(bounds[1])}{unit}"
    if value is None:
        return Statement(check, "not known", f"{reason} The model was validated for {name} {span}.")
    state: State = "in range" if bounds[0] <= value <= bounds[1] else "out of range"
    word = "within" if state == "in range" else "outside of"
    return Statement(check, state, f"The file's {name} of {_number(value)} is {word} {span}.")


def _bounds(given: Any) -> tuple[float, float] | None:
    """Return a range of two numbers in order; None for anything else that a card may hold."""
    if not isinstance(given, list | tuple) or len(given) != 2:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given):
        return None
    return (given[0], given[1]) if given[0] <= given[1] else None


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _jpeg_quality(image: SuspectImage) -> tuple[float | None, str]:
    fact = image.metadata.jpeg
    quality = fact.values.get("ijg_quality")
    if fact.state == "found" and quality:
        return float(quality), ""
    if image.facts.format != "JPEG":
        return None, f"A {image.facts.format} file does not tell whether it was a JPEG before."
    return None, "The file's JPEG quality could not be read."


_MEASURES: dict[str, Callable[[SuspectImage], tuple[float | None, str]]] = {
    "long_side": lambda image: (max(image.facts.width, image.facts.height), ""),
    "short_side": lambda image: (min(image.facts.width, image.facts.height), ""),
    "megapixels": lambda image: (image.facts.width * image.facts.height / 1e6, ""),
    "jpeg_quality": _jpeg_quality,
}
