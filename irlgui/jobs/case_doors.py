"""How a case is opened by the window: the one that was named, a new one, or the automatic one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from irlgui.jobs.case_thread import Door
from irlgui.jobs.former_notes import put_former_away, read_former
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.connection import SUFFIX, CaseBusyError, CaseWriteError
from irlnet_core.case.exhibit import Judgement
from irlnet_core.case.marks import Mark
from irlnet_core.errors import DataError, OutputError
from irlnet_core.evidence.annotations import Annotations

_log = logging.getLogger(__name__)
_MOST = 100
AUTOMATIC = "automatic"

Notes = list[str]


@dataclass(frozen=True)
class Carried:
    """What an analyst said about ``pictures`` before, for a new case to begin with."""

    pictures: tuple[Path, ...]
    judgements: Mapping[str, Judgement]
    annotations: tuple[Annotations, ...]
    marks: tuple[Mark, ...]


def door_to(path: Path) -> Door:
    """Open a case; one that can't be written is opened for reading."""
    return Door(partial(_open, path))


def door_to_new(path: Path, facts: Mapping[str, str], carried: Carried | None) -> Door:
    """Make a new case with ``facts`` (number, title, laboratory, examiner)."""
    kept = carried.pictures if carried else ()
    return Door(partial(_create, path, facts, carried), kept=kept)


def door_to_automatic(folder: Path, former: Path) -> Door:
    """Open the automatic case in ``folder``; where another window has it, one with a number.

    What earlier versions kept in the folder ``former`` is brought in once.
    """
    return Door(partial(_open_automatic, folder, former), patient=True)


def is_automatic(path: Path, folder: Path) -> bool:
    """Tell whether a case is one that the program made by itself."""
    return path.parent == folder and path.name.startswith(AUTOMATIC)


def _open(path: Path, _notes: Notes) -> CaseFile:
    try:
        return CaseFile.open(path)
    except CaseWriteError:
        return CaseFile.open(path, read_only=True)


def _create(path: Path, facts: Mapping[str, str], carried: Carried | None, _notes: Notes) -> CaseFile:
    case = CaseFile.create(path, **facts)
    if carried:
        _guarded(case, lambda: case.take_over(carried.judgements, carried.annotations, carried.marks))
    return case


def _open_automatic(folder: Path, former: Path, notes: Notes) -> CaseFile:
    for number in range(1, _MOST):
        path = folder / (AUTOMATIC + (f"-{number}" if number > 1 else "") + SUFFIX)
        try:
            case = CaseFile.open(path) if os.path.lexists(path) else CaseFile.create(path)
        except CaseBusyError:
            notes.append(_tr("The automatic case is open in another window; this one has a case of its own."))
        except DataError as error:
            _log.warning("%s", error)
            notes.append(_tr("{} Nothing was deleted; another automatic case is used.").format(error))
        else:
            if number == 1:
                _guarded(case, lambda: _bring_in(case, former, notes))  # noqa: B023 - called at once
            return case
    raise OutputError("holds too many automatic cases.", path=folder, cure="Move some of them away.")


def _bring_in(case: CaseFile, former: Path, notes: Notes) -> None:
    """Take over what earlier versions kept; it is put away only once it is on the disk here."""
    found = read_former(former)
    if found is None:
        return
    case.take_over(found.judgements, found.annotations, found.marks)
    notes.extend(found.problems)
    put_former_away(former)


def _guarded(case: CaseFile, do: Callable[[], None]) -> None:
    """Close the case when its first change can't be written: nobody else would."""
    try:
        do()
    except BaseException:
        case.close()
        raise


def _tr(text: str) -> str:
    return QCoreApplication.translate("CaseDoors", text)
