"""Values of a record in the report's words: times, shares, states, results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.report.choices import Choices
from irlnet_core.report.document import Fact
from irlnet_core.report.texts import Texts
from irlnet_core.report.visible import make_visible

SELF_TEST = "self-test"


@dataclass(frozen=True)
class Words:
    """The catalogue and the choices that every part of a report is written with."""

    texts: Texts
    choices: Choices

    def say(self, key: str, **values: object) -> str:
        return self.texts.say(key, **values)

    def fact(self, key: str, value: object, *, mono: bool = False) -> Fact:
        """Return a row whose label is ``key``'s text; an empty value reads "not known"."""
        text = make_visible(str(value)) if value not in (None, "") else self.say("unknown")
        return Fact(self.say(key), text, mono)

    def time(self, iso: str) -> str:
        """Return an ISO time in UTC ("…T…Z") as date and clock with its zone; other texts as they are."""
        date, mark, clock = iso.partition("T")
        return self.say("time", date=date, clock=clock.removesuffix("Z")) if mark else make_visible(iso)

    def result(self, record: AnalysisRecord) -> str:
        """Return the sentence that stands beside every result: what the tool says, and what that is not."""
        regions = record.regions
        threshold = self.texts.threshold(regions.threshold, 0)
        if not regions.count:
            return self.say("result.none", least=regions.least_area, threshold=threshold)
        percent = self.texts.percent(regions.listed_fraction)
        return self.texts.count("result", regions.count, threshold=threshold, percent=percent)


def capital(text: str) -> str:
    """Return a text whose first letter is a capital: as an entry of a table begins."""
    return text[:1].upper() + text[1:]


def in_range(record: AnalysisRecord) -> bool | None:
    """Tell whether a file lies within the model's range; None where no check could tell."""
    states = [statement["state"] for statement in record.model.get("validity", [])]
    if "out of range" in states:
        return False
    return True if "in range" in states else None


def not_run(exhibit: Exhibit) -> list[tuple[str, str]]:
    """Return each check that did not run with its reason; metadata and the self-test are told apart."""
    apart = ("metadata: ", SELF_TEST)
    return [(one.check, one.reason) for one in exhibit.record.not_run if not one.check.startswith(apart)]


def record_sha256(data: dict[str, Any]) -> str:
    """Return the SHA-256 of a record: of its JSON with sorted keys, without spaces, in UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def flatten(values: Iterable[tuple[str, Any]], words: Words) -> list[tuple[str, str]]:
    """Return names and values of one group of metadata as visible text, one line each."""
    return [(make_visible(str(name)), make_visible(_plain(value, words))) for name, value in values]


def _plain(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
