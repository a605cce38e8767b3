"""Keeps the analyst's outlines and notes on the disk, a file per picture, so that nothing is lost."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import appdirs
from PySide6.QtCore import QObject, QTimer, Signal

from irlgui.models.outlines import OutlineLayer
from irlgui.session import Session
from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.evidence.annotations import Annotations, read_annotations, write_annotations
from irlnet_core.evidence.export import check_output
from irlnet_core.evidence.image import SuspectImage

_WAIT_MS = 700


def annotations_folder() -> Path:
    """Return where outlines and notes are kept: the program's data folder of this user."""
    return Path(appdirs.user_data_dir("irlnet", appauthor=False)) / "annotations"


class OutlinesKeeper(QObject):
    """Reads a picture's outlines when it is opened and writes them soon after each change.

    A file that can't be read is put aside, never overwritten; ``failed`` tells of it and of a full disk.
    Nothing is written in or under a folder that holds evidence.
    """

    failed = Signal(str)

    def __init__(
        self, session: Session, layer: OutlineLayer, folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layer = layer
        self._folder = folder or annotations_folder()
        self._image: SuspectImage | None = None
        self._kept: Annotations | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.flush)
        layer.outlines_changed.connect(self._wait)
        layer.notes_changed.connect(self._wait)
        session.picture_changed.connect(self._open)
        self._open(session.picture)

    def flush(self) -> None:
        """Write now what has changed."""
        self._timer.stop()
        now = self._layer.annotations
        if self._image is None or now is None or now == self._kept:
            return
        if now.empty and (self._kept is None or self._kept.empty):
            return
        try:
            check_output(self._folder, [self._image.path])
            write_annotations(self._path(now.image_sha256), now)
            self._kept = now
        except IrlnetError as error:
            self.failed.emit(self.tr("Outlines and notes were not saved: {error}").format(error=error))

    def _open(self, image: SuspectImage | None) -> None:
        self.flush()
        self._image = image
        self._kept = self._read(image) if image else None
        self._layer.set_annotations(self._kept)
        self._timer.stop()

    def _read(self, image: SuspectImage) -> Annotations:
        path = self._path(image.sha256)
        if os.path.exists(path):  # noqa: PTH110 - Path's raises for a closed folder
            try:
                kept = read_annotations(path)
            except DataError as error:
                self._put_aside(path, error)
            else:
                if (kept.image_sha256, kept.width, kept.height) == _identity(image):
                    return kept
                self._put_aside(path, DataError("belongs to another picture.", path=path))
        return Annotations(*_identity(image))

    def _put_aside(self, path: Path, error: DataError) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = path.with_name(f"{path.stem}.damaged-{stamp}.json")
        try:
            path.rename(aside)
            self.failed.emit(self.tr("{error} It was kept as {name}.").format(error=error, name=aside.name))
        except OSError as second:
            self.failed.emit(f"{error} ({second})")

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.json"

    def _wait(self, _changed: object) -> None:
        self._timer.start()


def _identity(image: SuspectImage) -> tuple[str, int, int]:
    return image.sha256, image.facts.width, image.facts.height
