"""The words of a report: one catalogue a language, as data, apart from the interface's language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from irlnet_core.errors import ConfigError, DataError
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.report.shipped import report_file

_MASTER = "en"


@dataclass(frozen=True)
class Texts:
    """All sentences of one language by key; ``{names}`` in them are filled in by :meth:`say`."""

    language: str
    entries: dict[str, str]

    def say(self, key: str, **values: object) -> str:
        """Return the sentence of ``key`` with its values."""
        return self.entries[key].format(**values)

    def count(self, key: str, number: int, **values: object) -> str:
        """Return the sentence ``key.one`` or ``key.many``, which both may say {n}."""
        return self.say(f"{key}.one" if number == 1 else f"{key}.many", n=number, **values)

    def number(self, value: float, digits: int = 2) -> str:
        """Return a number with so many digits behind the language's decimal mark."""
        return self._mark(f"{value:.{digits}f}")

    def threshold(self, value: float, least: int = 4) -> str:
        """Return a threshold with all its digits, at least so many behind the language's decimal mark."""
        return self._mark(say_threshold(value, least))

    def percent(self, share: float, digits: int = 2) -> str:
        """Return a share (0..1) in per cent; what would read as none although it is some is "under …"."""
        least = 10**-digits
        if 0 < 100 * share < least:
            return self.say("under", value=f"{self.number(least, digits)} %")
        return f"{self.number(100 * share, digits)} %"

    def has(self, key: str) -> bool:
        return key in self.entries

    def _mark(self, number: str) -> str:
        return number.replace(".", self.entries["decimal"])


def list_languages(folder: Path | None = None) -> dict[str, str]:
    """Return code → own name of every language at hand, by alphabet of the codes."""
    return {path.stem: _read(path)["language"] for path in sorted(_home(folder).glob("*.json"))}


def load_texts(language: str, folder: Path | None = None) -> Texts:
    """Return the catalogue of a language.

    Raises :class:`ConfigError` where there is none, :class:`DataError` where it lacks a key of the English
    one or names other values in a sentence.
    """
    home = _home(folder)
    path = home / f"{language}.json"
    if not language.replace("-", "").isalnum() or not path.is_file():
        known = ", ".join(sorted(entry.stem for entry in home.glob("*.json")))
        raise ConfigError(f"There is no report language {language!r}.", cure=f"Choose one of: {known}.")
    entries = _read(path)
    _compare(path, _read(home / f"{_MASTER}.json"), entries)
    return Texts(language, entries)


def _home(folder: Path | None) -> Path:
    return folder or report_file("texts")


def _read(path: Path) -> dict[str, str]:
    try:
        entries = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"can't be read ({error}).", path=path, cure="Install the program again.") from error
    if not isinstance(entries, dict) or not all(isinstance(text, str) for text in entries.values()):
        raise DataError("is no catalogue of texts.", path=path, cure="Install the program again.")
    return entries


def _compare(path: Path, master: dict[str, str], entries: dict[str, str]) -> None:
    cure = "Translate each entry of en.json, with the same names in braces."
    if missing := sorted(set(master) - set(entries)):
        raise DataError(f"lacks the text {missing[0]!r}.", path=path, cure=cure)
    for key, text in master.items():
        if _names(text) != _names(entries[key]):
            raise DataError(f"names other values than English in {key!r}.", path=path, cure=cure)


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
