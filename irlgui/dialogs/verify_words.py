"""The words of the verification: names of checks, their states, and the sentence about all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from irlnet_core.case.package_check import Check


def name_of(check: str) -> str:
    """Return what a check is about."""
    words = {
        "members": _tr("Files of the record"),
        "signature": _tr("Signature"),
        "schema": _tr("Form of the record"),
        "audit log": _tr("Log"),
        "mask and regions": _tr("Mask and regions"),
        "evidence": _tr("Evidence"),
        "run again": _tr("Second analysis"),
        "case": _tr("The case"),
        "end of the log": _tr("End of the log"),
    }
    return words.get(check, check)


def state_of(state: str) -> str:
    """Return one of three states: holds, does not hold, was not checked."""
    return {"equal": _tr("holds"), "differs": _tr("does not hold")}.get(state, _tr("not checked"))


def plain(sentence: str) -> str:
    """Return a sentence without the options of the command line that it names."""
    return re.sub(r" \(--[^)]*\)", "", sentence)


def breakable(text: str) -> str:
    """Let hashes and paths wrap: a place to break after every eight letters of a word that is no word."""
    return re.sub(r"\S{24,}", lambda word: "\u200b".join(re.findall(".{1,8}", word[0])), text)


def judge(checks: Sequence[Check], asked: Mapping[str, bool]) -> str:
    """Return the sentence about all checks; ``asked`` tells which of those outside the record were wanted."""
    wrong = sum(check.state == "differs" for check in checks)
    if wrong == 1:
        return _tr("One check does not hold: something is not as it was recorded.")
    if wrong:
        return _tr("{} checks do not hold: something is not as it was recorded.").format(wrong)
    if any(check.state == "not run" and asked.get(check.name) for check in checks):
        return _tr("What was checked is as it was recorded; the rest of what was asked for could not be.")
    return _tr("Everything that was checked is as it was recorded.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Verify", text)
