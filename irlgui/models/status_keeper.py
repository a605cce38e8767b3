"""Between the list of pictures and the case: digits and former results come in, new digits go out."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QTimer, Slot

from irlgui.case_desk import CaseDesk
from irlgui.models.picture_list import PictureList
from irlgui.models.picture_list_entry import Picture
from irlnet_core.case.marks import Mark
from irlnet_core.case.overview import Glimpse


class StatusKeeper(QObject):
    """Gives pictures their digit and their former result when they come into the list, and keeps each change.

    A picture is known by its SHA-256, and as long as no hash is known by path, size and time: no file is
    read for this.
    """

    def __init__(self, pictures: PictureList, case: CaseDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures, self._case = pictures, case
        self._applying = False
        self._marked: dict[Path, int] = {}
        self._timer = QTimer(self, interval=0, singleShot=True)  # many digits set at once are one change
        self._timer.timeout.connect(self.flush)
        pictures.rowsInserted.connect(self._take_rows)
        pictures.status_set.connect(self._take_status)
        case.opened.connect(self._take_case)
        case.judged.connect(self._take_judgement)
        case.flush_asked.connect(self.flush)

    def learn(self, path: Path, sha256: str) -> None:
        """A picture's hash is known now: its digit is kept under it, or comes from it."""
        self.flush()
        picture = self._pictures.find(path)
        if picture is None:
            return
        picture.sha256 = sha256
        mark = self._case.overview.marks.get(picture.path)
        digit = mark.status if mark and mark.fits(*_size_and_time(picture.path)) else 0
        if mark and digit and not self._case.state.read_only:
            self._case.judge(sha256, status=digit)
            self._case.mark([replace(mark, status=0)])
        self._apply(picture.path, self._case.judgement(sha256).status or digit)

    def recognise(self, path: Path) -> None:
        """Give a picture of the list its digit and its former result again."""
        if picture := self._pictures.find(path):
            self._recognise(picture)

    @Slot()
    def flush(self) -> None:
        """Put now what was marked in this moment."""
        self._timer.stop()
        marked, self._marked = self._marked, {}
        if marked:
            self._case.mark(
                Mark(path, *_size_and_time(path), status=status) for path, status in marked.items()
            )
            self._case.release(("marks", ""))

    @Slot(QModelIndex, int, int)
    def _take_rows(self, _parent: QModelIndex, first: int, last: int) -> None:
        for picture in self._pictures.pictures[first : last + 1]:
            self._recognise(picture)

    @Slot(object)
    def _take_case(self, _opened: object) -> None:
        for picture in self._pictures.pictures:
            self._recognise(picture)

    @Slot(str)
    def _take_judgement(self, sha256: str) -> None:
        status = self._case.judgement(sha256).status
        for picture in self._pictures.pictures:
            if picture.sha256 == sha256:
                self._apply(picture.path, status)

    @Slot(object, int)
    def _take_status(self, path: Path, status: int) -> None:
        if self._applying:
            return
        picture = self._pictures.find(path)
        if picture and picture.sha256:
            self._case.judge(picture.sha256, status=status)
        else:
            self._case.hold(("marks", ""))
            self._marked[path] = status
            self._timer.start()

    def _recognise(self, picture: Picture) -> None:
        """Only files whose path is known are asked for size and time."""
        item = self._case.item_at(picture.path)
        if item and (picture.sha256 == item.sha256 or _is_that(picture.path, item)):
            self._show(picture, item)
        elif (mark := self._case.overview.marks.get(picture.path)) and mark.fits(
            *_size_and_time(picture.path)
        ):
            self._apply(picture.path, mark.status)

    def _show(self, picture: Picture, item: Glimpse) -> None:
        picture.sha256 = item.sha256
        found = self._case.overview.findings.get(item.sha256)
        if found and picture.state == "new":
            self._pictures.set_state(picture.path, "done", **asdict(found), sha256=item.sha256)
        self._apply(picture.path, self._case.judgement(item.sha256).status)

    def _apply(self, path: Path, status: int) -> None:
        self._applying = True
        self._pictures.set_status([path], status)
        self._applying = False


def _is_that(path: Path, item: Glimpse) -> bool:
    """Tell whether a file is the item as far as size and time tell; a missing one is no other."""
    size, time = _size_and_time(path)
    return (size, time) == (-1, -1) or item.fits(size, time)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns
