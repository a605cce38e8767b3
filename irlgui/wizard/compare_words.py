"""What a comparison tells, as rows and sentences; pure functions of compare.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

VERDICTS = ("better", "worse", "not shown")
_LOWER_IS_BETTER = ("false alarm",)


@dataclass(frozen=True)
class ComparedRow:
    """One measure on one kind of pictures: of the base and of the new model; None is *not measured*."""

    what: str
    variant: str
    measure: str
    count: int
    base: float | None
    new: float | None
    judgement: str = ""

    @property
    def lower_is_better(self) -> bool:
        """Tell whether a smaller number is the better one."""
        return any(word in self.measure.lower() for word in _LOWER_IS_BETTER)

    @property
    def difference(self) -> float | None:
        """Return new less base."""
        return None if self.base is None or self.new is None else self.new - self.base

    @property
    def verdict(self) -> str:
        """Return what was judged, else which number is the better one."""
        if self.judgement or self.difference is None or abs(self.difference) < 5e-4:
            return self.judgement
        return "better" if (self.difference < 0) == self.lower_is_better else "worse"


@dataclass(frozen=True)
class ComparedMap:
    """One held-out picture: a file with picture, true mask, the base's and the new model's response."""

    picture: str
    file: Path
    base_f1: float | None
    new_f1: float | None


def read_rows(comparison: Mapping[str, Any]) -> list[ComparedRow]:
    """Return the measures; what is broken is left out."""
    rows = comparison.get("rows")
    return [_read_row(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def read_maps(comparison: Mapping[str, Any], folder: Path) -> list[ComparedMap]:
    """Return the pictures whose files are there and lie in the run's folder."""
    found = []
    maps = comparison.get("maps")
    for row in maps if isinstance(maps, list) else ():
        if isinstance(row, dict) and isinstance(row.get("file"), str):
            file = folder / row["file"]
            if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
                picture = str(row.get("picture", ""))
                found.append(
                    ComparedMap(picture, file, _number(row.get("base_f1")), _number(row.get("new_f1")))
                )
    return found


def verdict_of(comparison: Mapping[str, Any] | None) -> str:
    """Return "better", "worse", "not shown", or nothing where nothing was compared."""
    verdict = (comparison or {}).get("verdict")
    return verdict if verdict in VERDICTS else ""


def reasons_of(comparison: Mapping[str, Any] | None) -> list[str]:
    """Return the sentences that decide."""
    reasons = (comparison or {}).get("reasons")
    return [str(reason) for reason in reasons] if isinstance(reasons, list) else []


def notes_of(comparison: Mapping[str, Any] | None) -> list[str]:
    """Return what else was noted, such as how the new model was calibrated."""
    notes = (comparison or {}).get("notes")
    return [str(note) for note in notes] if isinstance(notes, list) else []


def describe_verdict(verdict: str, names: tuple[str, str] | None = None) -> str:
    """Return the verdict as a sentence; ``names`` are those of any two models, the first taken as base."""
    words = {
        "better": tr("The new model is better on your material."),
        "worse": tr("The new model is worse than its base."),
        "not shown": tr("It is not shown that the new model is better than its base."),
    }
    if names and verdict in words:
        named = {
            "better": tr("{new} is better than {base} on this material."),
            "worse": tr("{new} is worse than {base}."),
            "not shown": tr("It is not shown that {new} is better than {base}."),
        }
        return named[verdict].format(base=names[0], new=names[1])
    return words.get(verdict, tr("Nothing was compared yet."))


def format_value(value: float | None) -> str:
    """Return a number with three decimals, or that it was not measured."""
    return tr("not measured") if value is None else f"{value:.3f}"


def format_difference(value: float | None) -> str:
    """Return a difference with its sign."""
    return "" if value is None else f"{value:+.3f}".replace("-", "−")


def _read_row(row: Mapping[str, Any]) -> ComparedRow:
    count = row.get("count")
    return ComparedRow(
        what=str(row.get("what") or ""),
        variant=str(row.get("variant") or ""),
        measure=str(row.get("measure") or ""),
        count=count if isinstance(count, int) else 0,
        base=_number(row.get("base")),
        new=_number(row.get("new")),
        judgement=str(row.get("judgement") or ""),
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def tr(text: str) -> str:
    """Return a text of this page in the user's language."""
    return QCoreApplication.translate("ComparePage", text)
