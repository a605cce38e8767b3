"""One row of the browser: a picture's path, what the tool found, and what the analyst thinks of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale

State = Literal["new", "queued", "running", "done", "failed"]
STATES: tuple[State, ...] = ("new", "queued", "running", "done", "failed")
STATUSES = range(6)

_DIGITS = re.compile(r"[0-9]+")


@dataclass(slots=True, eq=False)
class Picture:
    """A picture in the list; facts of the tool (``response`` … ``error``) belong to ``state``.

    ``status`` is the analyst's own digit 0..5. ``response`` is the largest response 0..1, ``area`` the share
    0..1 of the picture above the threshold; None = not run. ``model`` is the name of the one that answered.
    ``unreadable`` says why there is no thumbnail.
    ``number`` counts the order of adding; ``row`` is the place in the :class:`PictureList`.
    """

    path: Path
    number: int
    row: int
    status: int = 0
    state: State = "new"
    response: float | None = None
    regions: int | None = None
    area: float | None = None
    model: str = ""
    error: str = ""
    sha256: str = ""
    unreadable: str = ""
    name: str = field(init=False)
    sort_key: str = field(init=False)
    haystack: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.path.name
        self.sort_key = f"{natural_key(self.name)}\0{self.number:09}"
        self.haystack = f"{self.path.parent.name}/{self.name}".casefold()


def absolute(path: Path) -> str:
    """Return the path from the root, without asking the disk: a slow drive must not stall a list."""
    return os.path.abspath(path)  # noqa: PTH100 - resolve() asks the disk about every part


def natural_key(text: str) -> str:
    """Return a key that puts ``img2`` before ``img10``, whatever the letter case.

    One string, with each number led by its length: strings are compared much faster than tuples of parts.
    """
    return _DIGITS.sub(_lead_by_length, text.casefold()) + "\0" + text


def _lead_by_length(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    return f"{len(digits):04}{digits}"


def status_name(status: int) -> str:
    """Return the name of the analyst's digit 0..5."""
    return _status_words()[status][0]


def status_meaning(status: int) -> str:
    """Return the sentence that explains the analyst's digit 0..5."""
    return _status_words()[status][1]


def _status_words() -> tuple[tuple[str, str], ...]:
    tr = QCoreApplication.translate
    return (
        (tr("Status", "Not judged"), tr("Status", "You have not judged this picture yet.")),
        (tr("Status", "Consistent"), tr("Status", "In your opinion nothing speaks for a change.")),
        (tr("Status", "Inconclusive"), tr("Status", "You looked, and can't tell either way.")),
        (tr("Status", "Inconsistent"), tr("Status", "In your opinion something speaks for a change.")),
        (tr("Status", "Look again"), tr("Status", "Needs another look, another tool or another colleague.")),
        (tr("Status", "Set aside"), tr("Status", "Not to be examined: a duplicate, or out of scope.")),
    )


def state_words(picture: Picture) -> str:
    """Return what the tool did with the picture, in a few words: found, nothing found, failed, or not run."""
    tr = QCoreApplication.translate
    if picture.state == "done":
        return _finding(picture)
    if picture.state == "failed":
        reason = picture.error or tr("Picture", "no reason was given")
        return tr("Picture", "Failed: {reason}").format(reason=reason)
    words = {
        "new": tr("Picture", "Not analysed"),
        "queued": tr("Picture", "Waiting to be analysed"),
        "running": tr("Picture", "Being analysed"),
    }
    return words[picture.state]


def _finding(picture: Picture) -> str:
    tr, locale = QCoreApplication.translate, QLocale()
    words = [tr("Picture", "Analysed")]
    if picture.response is not None:
        value = locale.toString(picture.response, "f", 2)
        words.append(tr("Picture", "largest response {value}").format(value=value))
    if picture.regions is not None:
        words.append(count_regions(picture.regions))
    if picture.area is not None:
        percent = locale.toString(picture.area * 100, "f", 1)
        words.append(tr("Picture", "{percent} % of the area").format(percent=percent))
    return f"{words[0]}: {', '.join(words[1:])}" if words[1:] else words[0]


def count_regions(count: int) -> str:
    """Return "no region", "1 region" or "3 regions"."""
    tr = QCoreApplication.translate
    if count < 2:
        return tr("Picture", "1 region") if count else tr("Picture", "no region")
    return tr("Picture", "{count} regions").format(count=QLocale().toString(count))


def why_unreadable(picture: Picture) -> str:
    """Return the sentence that says why the picture can't be shown, or ""."""
    if not picture.unreadable:
        return ""
    return QCoreApplication.translate("Picture", "This file {reason}").format(reason=picture.unreadable)


def describe(picture: Picture) -> str:
    """Return the whole row as sentences, as a screen reader says it."""
    sentences = [picture.name, state_words(picture), why_unreadable(picture)]
    if picture.status:
        text = QCoreApplication.translate("Picture", "Your status: {digit}, {name}")
        sentences.append(text.format(digit=picture.status, name=status_name(picture.status)))
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)
