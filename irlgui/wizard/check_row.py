"""One row of the check: a pair that was read, or a file that paired with nothing; and its words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from irlnet_core.data.pair_check import CheckedPair, DataCheck
from irlnet_core.data.pairs import Pair, Problem


@dataclass(frozen=True)
class CheckRow:
    """``checked`` is None for a file without a partner; ``left_out`` is the analyst's own choice."""

    path: Path
    checked: CheckedPair | None = None
    problem: Problem | None = None
    left_out: bool = False

    @property
    def bad(self) -> bool:
        """Tell whether there is a problem that keeps the row out of the training."""
        return self.problem is not None

    @property
    def kept(self) -> bool:
        """Tell whether the net will learn from the row or be examined by it."""
        return not self.bad and not self.left_out

    @property
    def use(self) -> str:
        """Return what the row is used for, in one or two words."""
        if self.checked is None:
            return tr("not paired")
        if self.bad:
            return tr("can't be used")
        if self.left_out:
            return tr("left out")
        return {"train": tr("to learn"), "validation": tr("held out")}.get(self.checked.side, "–")

    @property
    def remark(self) -> str:
        """Return the reason of a problem, else the notes of the reader."""
        if self.problem is not None:
            about = self.problem.file  # the mask's name is told, the picture's stands beside it
            subject = tr("It") if about == self.path else about.name
            return f"{subject} {self.problem.reason}"
        return "; ".join(self.checked.notes) if self.checked else ""

    @property
    def pair(self) -> Pair:
        """Return the pair; a file without a partner is one without a mask."""
        return self.checked.pair if self.checked else Pair(self.path, None)

    @property
    def cure(self) -> str:
        """Return what helps against the problem."""
        return self.problem.cure if self.problem else ""


def make_rows(
    rows: Iterable[CheckedPair], problems: Sequence[Problem], left_out: Collection[Path]
) -> list[CheckRow]:
    """Return the table's rows: every pair, then the files without a partner."""
    made = [CheckRow(row.pair.image, row, row.problem, row.pair.image in left_out) for row in rows]
    return made + [CheckRow(problem.file, None, problem) for problem in problems]


def describe_rows(rows: Sequence[CheckRow]) -> str:
    """Return the counts of the whole table in one line."""
    kept = [row.checked for row in rows if row.kept and row.checked]
    held = sum(row.side == "validation" for row in kept)
    bad = sum(row.bad and row.checked is not None for row in rows)
    lonely = sum(row.checked is None for row in rows)
    out = sum(row.left_out and not row.bad for row in rows)
    parts = [tr("{} to learn from, {} held out").format(f"{len(kept) - held:,}", f"{held:,}")]
    for count, words in (
        (bad, tr("{} with a problem")),
        (lonely, tr("{} not paired")),
        (out, tr("{} left out by you")),
    ):
        if count:
            parts.append(words.format(f"{count:,}"))
    return " · ".join(parts)


def explain(check: DataCheck) -> str:
    """Return what to do when nothing can be learned from a folder."""
    first = next((row.problem for row in check.rows if row.problem), None) or next(iter(check.problems), None)
    text = tr("Nothing in this folder can be learned from.")
    return f"{text} {first.text}" if first else text


def tr(text: str) -> str:
    """Return a text of this page in the user's language."""
    return QCoreApplication.translate("CheckPage", text)
