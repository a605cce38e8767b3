"""What the open picture is compared with: a known original, or the map of a second model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.job_watch import JobWatch
from irlgui.jobs.analysis_queue import AnalysisQueue, explain
from irlgui.jobs.picture_loader import PictureLoader
from irlgui.session import Analysis, Session
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.result_store import ResultStore


class Comparison(QObject):
    """Gets the other side in the background. An answer for a picture that is gone is dropped.

    The second model has a queue of its own, so that the first one stays loaded and its result shown.
    """

    ready = Signal(object, str)  # SuspectImage | Localization | None, its label; None ends the comparison
    noted = Signal(str)

    def __init__(self, session: Session, store: ResultStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: str | None = None  # the hash of the picture that is to be compared
        self._label = ""
        self.active = False
        self.loader = PictureLoader(self)
        self.queue = AnalysisQueue(store, self)
        self.watch = JobWatch(self.queue, self, comparing=True)
        self.loader.loaded.connect(self._take_original)
        self.loader.failed.connect(self._take_failure)
        self.queue.analysed.connect(self._take_analysis)
        self.queue.failed.connect(self._take_failure)
        session.picture_changed.connect(self.end)

    def with_original(self, path: Path) -> None:
        """Compare with a picture that is known to be unchanged."""
        if self._begin(self.tr("Known original: {}").format(path.name)):
            self.loader.load(path)

    def with_model(self, name: str) -> None:
        """Compare with what another model answers; a kept answer comes at once."""
        if self._begin(self.tr("Response of {}").format(name)) and self._session.path:
            self.queue.enqueue([self._session.path], model=name)

    @Slot()
    def end(self) -> None:
        """Compare picture and response again, and stop what was being made for the comparison."""
        self.stop()
        if self.active:
            self.active = False
            self.ready.emit(None, "")

    def stop(self) -> None:
        """Stop what is being made; what is shown stays."""
        self._wanted = None
        self.loader.cancel()
        if self.queue.running or self.queue.waiting:
            self.queue.cancel()

    def shutdown(self, seconds: float) -> bool:
        """End the threads; tell whether they have ended."""
        return all([self.queue.shutdown(seconds), self.loader.shutdown(seconds)])

    def _begin(self, label: str) -> bool:
        self.stop()
        self._wanted = self._session.picture.sha256 if self._session.picture else None
        self._label = label
        return self._wanted is not None

    def _show(self, other: object) -> None:
        self._wanted, self.active = None, True
        self.ready.emit(other, self._label)

    @Slot(object)
    def _take_original(self, other: SuspectImage) -> None:
        picture = self._session.picture
        if picture is None or picture.sha256 != self._wanted:
            return
        here, there = picture.facts, other.facts
        if (here.width, here.height) == (there.width, there.height):
            self._show(other)
            return
        self._wanted = None
        text = self.tr("{name} has {w} × {h} pixels, the open picture {W} × {H}: they can't be compared.")
        size = {"w": there.width, "h": there.height, "W": here.width, "H": here.height}
        self.noted.emit(text.format(name=other.path.name, **size))

    @Slot(object, object)
    def _take_analysis(self, _path: Path, analysis: Analysis) -> None:
        if analysis.image_sha256 == self._wanted:
            self._show(analysis.localization)

    @Slot(object, object)
    def _take_failure(self, path: Path, error: Exception) -> None:
        if self._wanted is not None:
            self._wanted = None
            text = str(error) if isinstance(error, IrlnetError) else explain(error)
            self.noted.emit(self.tr("No comparison: {}").format(text))
