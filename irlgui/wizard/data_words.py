"""What the first page says of a folder and of a waiting run, as pure functions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from irlgui.jobs.data_check import CleanPictures, conventions_of
from irlgui.wizard.run_state import read_run
from irlnet_core.data.pairing import Pairing
from irlnet_core.errors import IrlnetError
from irlnet_core.training.finetune_run_folder import RunFolder

_MOST_CONVENTIONS = 4


def describe_pairing(pairing: Pairing) -> str:
    """Return how many pairs were found, how, and what did not pair."""
    if not pairing.pairs:
        text = tr("No picture in this folder has a mask.")
        if pairing.problems:
            text += " " + tr("The first reason: {}").format(pairing.problems[0].text)
        return text
    found = conventions_of(pairing)
    named = ", ".join(f"{count} × {name}" for name, count in found[:_MOST_CONVENTIONS])
    more = tr(" and others") if len(found) > _MOST_CONVENTIONS else ""
    parts = [tr("{} pairs found ({}{}).").format(f"{len(pairing.pairs):,}", named, more)]
    if pairing.authentic:
        parts.append(tr("{} authentic pictures.").format(f"{len(pairing.authentic):,}"))
    if pairing.problems:
        parts.append(tr("Not paired: {}; the next page says why.").format(f"{len(pairing.problems):,}"))
    return " ".join(parts)


def describe_clean(found: CleanPictures, least: int) -> str:
    """Return how many pictures there are for the forge."""
    count = len(found.pictures)
    if count == 0:
        return tr("There are no pictures in this folder.")
    if count < least:
        return tr("Only {} pictures; at least {} are needed, some of them to be held out.").format(
            count, least
        )
    text = tr("{} pictures found. The forge inpaints them; a fifth is held out.").format(f"{count:,}")
    return text + " " + tr("They should be authentic: what is taken for clean is learned as clean.")


def describe_waiting(run: Path) -> str:
    """Return what is known of a run that was neither kept nor discarded."""
    state, folder = read_run(run), RunFolder(run)
    try:
        described = folder.describe()
    except IrlnetError as error:
        return tr("A training was begun whose folder can't be read: {}").format(error.reason)
    begun = str(described.get("begun", ""))[:16].replace("T", " ")
    best = state.best
    score = "" if best is None or best.case is None else tr(", best F1 {:.3f}").format(best.case)
    if folder.is_unfinished():
        return tr("A training of {} UTC was not finished (step {}{}). It can go on where it was.").format(
            begun, state.step, score
        )
    if described.get("ended"):
        return tr(
            "A training of {} UTC has ended (step {}{}), but its model was neither compared nor kept."
        ).format(begun, state.step, score)
    return tr("A training of {} UTC ended before its first state was saved.").format(begun)


def tr(text: str) -> str:
    """Return a text of this page in the user's language."""
    return QCoreApplication.translate("DataPage", text)
