"""All that is told of one picture, wherever it comes from: a case, a package, or an analysis just made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import Annotations, clean_label, clean_note
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord

Outcome = Literal["", "consistent", "inconsistent", "inconclusive"]
STATUSES = range(6)
OUTCOME_OF: dict[int, Outcome] = {1: "consistent", 2: "inconclusive", 3: "inconsistent"}


@dataclass(frozen=True)
class Judgement:
    """What the analyst thinks of a picture, apart from everything that the tool found.

    ``status`` is the digit of the browser, of which three are outcomes (:data:`OUTCOME_OF`); ``changed`` is
    UTC, "" = never. Raises :class:`DataError`.
    """

    status: int = 0
    outcome: Outcome = ""
    opinion: str = ""
    author: str = ""
    changed: str = ""

    def __post_init__(self) -> None:
        if type(self.status) is not int or self.status not in STATUSES:
            raise DataError(f"{self.status!r} is no status.", cure="Choose a digit from 0 to 5.")
        if self.outcome not in get_args(Outcome):
            words = ", ".join(word for word in get_args(Outcome) if word)
            raise DataError(f"{self.outcome!r} is no outcome.", cure=f"Choose one of: {words}.")
        if not all(isinstance(text, str) for text in (self.opinion, self.author, self.changed)):
            raise DataError("a judgement has a text that is none.")
        object.__setattr__(self, "opinion", clean_note(self.opinion))
        object.__setattr__(self, "author", clean_label(self.author))


@dataclass(frozen=True)
class CaseFacts:
    """Which case, whose, since when (UTC). ``id`` never changes; the others are the analyst's."""

    id: str
    number: str = ""
    title: str = ""
    laboratory: str = ""
    examiner: str = ""
    created: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(value, str) for value in asdict(self).values()):
            raise DataError("a case has a text that is none.")
        for name in ("number", "title", "laboratory", "examiner"):
            object.__setattr__(self, name, clean_label(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One picture with its record and everything that the analyst added.

    ``localization`` is None where only the record was given, ``image`` where the evidence is not at hand or
    no longer what it was: ``missing`` says why.
    """

    record: AnalysisRecord
    localization: Localization | None
    annotations: Annotations
    judgement: Judgement = Judgement()
    case: CaseFacts | None = None
    image: SuspectImage | None = None
    missing: str = ""


def no_annotations(record: AnalysisRecord) -> Annotations:
    """Return empty annotations of the picture of ``record``."""
    evidence = record.evidence
    return Annotations(evidence["sha256"], evidence["width"], evidence["height"])


def judgement_from(data: Mapping[str, Any]) -> Judgement:
    """Return the judgement of ``asdict``. Raises :class:`DataError` for other data."""
    try:
        return Judgement(**data)
    except TypeError as error:
        raise DataError(f"a judgement can't be read ({error}).") from error


def case_facts_from(data: Mapping[str, Any]) -> CaseFacts:
    """Return the case facts of ``asdict``. Raises :class:`DataError` for other data."""
    try:
        return CaseFacts(**data)
    except TypeError as error:
        raise DataError(f"the facts of a case can't be read ({error}).") from error
