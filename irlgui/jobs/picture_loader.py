"""Opening a picture off the GUI thread: a small look at once, the whole picture with its hashes after."""

from __future__ import annotations

import logging
from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.lane import Lane
from irlnet_core.errors import ImageReadError, IrlnetError
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.preview import Preview, read_preview

_log = logging.getLogger(__name__)


class PictureLoader(QObject):
    """Reads one picture at a time; the newest request wins, and answers to older ones are dropped."""

    preview_ready = Signal(object)  # irlnet_core.evidence.preview.Preview; large JPEG files only
    loaded = Signal(object)  # irlnet_core.evidence.image.SuspectImage
    failed = Signal(object, object)  # Path, IrlnetError
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._lane = Lane(self)
        self._lane.reported.connect(self._take_preview)
        self._lane.succeeded.connect(self._take_picture)
        self._lane.failed.connect(self._take_failure)

    @property
    def loading(self) -> Path | None:
        """Return the picture that is being read."""
        return self._path

    def load(self, path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> None:
        """Read a picture; returns at once."""
        self._path = Path(path)
        self._lane.submit(lambda: _read(Path(path), max_pixels))

    def cancel(self) -> None:
        """Forget the request; no picture comes."""
        loading, self._path = self._path, None
        self._lane.stop()
        if loading:
            self.cancelled.emit()

    def shutdown(self, timeout: float = 10.0) -> bool:
        """End the thread, waiting at most ``timeout`` seconds; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    @Slot(int, object)
    def _take_preview(self, ticket: int, preview: Preview | None) -> None:
        if preview is not None and self._lane.is_newest(ticket):
            self.preview_ready.emit(preview)

    @Slot(int, object)
    def _take_picture(self, ticket: int, picture: SuspectImage) -> None:
        if self._lane.is_newest(ticket):
            self._path = None
            self.loaded.emit(picture)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        if not self._lane.is_newest(ticket):
            return
        path, self._path = self._path, None
        if not isinstance(error, IrlnetError):
            _log.error("A picture could not be read, unexpectedly", exc_info=error)
            error = ImageReadError(f"cannot be read ({type(error).__name__}: {error}).", path=path)
        self.failed.emit(path, error)


def _read(path: Path, max_pixels: int) -> Generator[Preview | None, None, SuspectImage]:
    yield None  # a request that was replaced in the meantime ends here
    yield read_preview(path, max_pixels=max_pixels)
    return read_image(path, max_pixels=max_pixels)
