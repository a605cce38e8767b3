"""The pictures of an opened case in the list, wherever their files are now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.case_desk import CaseDesk
from irlgui.jobs.intake import Read, read_facts
from irlgui.jobs.lane import Lane
from irlgui.models.picture_list import PictureList
from irlnet_core.case.overview import Glimpse
from irlnet_core.case.whereabouts import Whereabouts, find_evidence
from irlnet_core.progress import Note, Progress


class CasePictures(QObject):
    """Looks for a case's evidence off the GUI thread: where it was, beside the case, or where one is told.

    What is found nowhere is listed where it was seen last, and is counted as missing.
    """

    listed = Signal(object)  # Path: the first picture of the case
    missing_changed = Signal(int)
    searched = Signal(str)  # how far a search is; "" = at its end
    noted = Signal(str)
    search_wanted = Signal()  # something is missing, and was told: now a search would help

    def __init__(self, pictures: PictureList, case: CaseDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures, self._case = pictures, case
        self.missing: tuple[Glimpse, ...] = ()
        self._asked = False
        self._lane = Lane(self)
        self._lane.reported.connect(self._take_report)
        self._lane.succeeded.connect(self._take_answer)
        self._lane.failed.connect(self._take_failure)
        case.opened.connect(self._forget)

    def evidence(self) -> tuple[Path, ...]:
        """Return where evidence lies: every picture of the list, and of a case that was made for it."""
        case = () if self._case.state.automatic else self._case.overview.items.values()
        listed = (row.path for row in self._pictures.pictures)
        return (*listed, *(place for item in case for place in item.places))

    def list_all(self) -> None:
        """List every picture of the open case."""
        self._asked = False
        self._look(self._case.overview.items.values(), [])

    def search(self, folder: Path) -> None:
        """Look for the missing ones below a folder, by their hash."""
        self._asked = True
        self._look(self.missing, [folder])

    def take_in(self, paths: Iterable[Path]) -> None:
        """Read pictures and make them evidence of the case; what can't be read is told."""
        wanted = list(paths)
        self._lane.submit(lambda: read_facts(wanted))

    def stop(self) -> None:
        """Break a search off."""
        self._lane.stop()
        self.searched.emit("")

    def shutdown(self, timeout: float = 3.0) -> bool:
        """End the thread; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    def _look(self, items: Iterable[Glimpse], search: list[Path]) -> None:
        wanted, path = list(items), self._case.state.path
        if path:
            self._lane.submit(lambda: find_evidence(wanted, path, search))

    @Slot(int, object)
    def _take_report(self, ticket: int, event: object) -> None:
        if not self._lane.is_newest(ticket):
            return
        if isinstance(event, Read):
            self._case.take_facts(event.facts, event.path)
            text = self.tr("Taking evidence in: {} of {}")
            self.searched.emit(text.format(event.done, event.total))
        elif isinstance(event, Note):
            self.noted.emit(event.message)
        elif isinstance(event, Progress):
            text = self.tr("Looking for evidence: {} of {} found")
            self.searched.emit(text.format(event.done, event.total) if event.phase == "searching" else "")

    @Slot(int, object)
    def _take_answer(self, ticket: int, found: Whereabouts | None) -> None:
        if not self._lane.is_newest(ticket):
            return
        self.searched.emit("")
        if found is None:
            return
        self.missing = found.missing
        gone = [path for sha256 in found.moved for path in self._case.overview.items[sha256].places]
        self._case.add_places(found.moved)
        self._pictures.remove_paths(gone)
        lost = {item.sha256: item.places[-1] for item in found.missing if item.places}
        self._pictures.add_paths([*found.found.values(), *lost.values()])
        self.missing_changed.emit(len(self.missing))
        self._tell(found)
        if path := next(iter(found.found.values()), None):
            self.listed.emit(path)

    @Slot(int, object)
    def _take_failure(self, _ticket: int, error: Exception) -> None:
        self.searched.emit("")
        raise error

    @Slot(object)
    def _forget(self, _opened: object) -> None:
        self._lane.stop()
        self.missing = ()
        self.missing_changed.emit(0)

    def _tell(self, found: Whereabouts) -> None:
        total, lost = len(found.found) + len(found.missing), len(found.missing)
        sentences = []
        if found.moved:
            text = self.tr("{} of {} pictures had been moved and were found again by their hash.")
            sentences.append(text.format(len(found.moved), total))
        if lost:
            text = self.tr("{} of {} pictures are not where they were.")
            sentences.append(text.format(lost, total))
        elif self._asked:
            sentences.append(self.tr("All evidence of the case is at hand."))
        if sentences:
            self.noted.emit(" ".join(sentences))
        if lost:
            self.search_wanted.emit()
