"""Writing results in the background: the open picture, many pictures as they are kept, or the table."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from irlgui.jobs import tasks
from irlgui.jobs.export import ExportRequest, export
from irlgui.jobs.job import Job
from irlgui.jobs.output import check_place
from irlgui.jobs.record import RecordRequest, write_record
from irlgui.jobs.request import AnalysisRequest
from irlgui.models.picture_list_entry import Picture
from irlgui.models.picture_list_table import write_batch_table
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.progress import Event, Note, Progress

Steps = Generator[Event, None, str]


class Exporter(QObject):
    """Runs one export after the other; each ends in one sentence for the analyst."""

    ended = Signal(str)

    def __init__(self, store: ResultStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._job: Job | None = None
        self._waiting: list[tuple[Callable[[], Steps], bool]] = []
        self._breakable = False

    @property
    def busy(self) -> bool:
        """Tell whether something is being written."""
        return self._job is not None

    def write(self, request: ExportRequest) -> None:
        """Write the four results of the open picture."""
        self._submit(lambda: _write_one(request))

    def write_kept(
        self, paths: Sequence[Path], output: Path, model: str | None, evidence: Sequence[Path] = ()
    ) -> None:
        """Write the kept results of pictures, each at the threshold it was analysed with.

        Nothing is written beside these pictures, nor beside others that are ``evidence``.
        """
        self._submit(lambda: _write_kept(paths, output, model, evidence, self._store), breakable=True)

    def write_record(self, request: RecordRequest) -> None:
        """Write the record of the open picture, to be handed on."""
        self._submit(lambda: _write_record(request))

    def write_table(self, path: Path, rows: Iterable[Picture]) -> None:
        """Write the list as CSV."""
        pictures = list(rows)
        self._submit(lambda: _write_table(path, pictures))

    def shutdown(self, timeout_ms: int = 10_000) -> bool:
        """Start nothing more; let one result that is being written come to its end, and break many off."""
        self._waiting.clear()
        if self._job and self._breakable:
            self._job.cancel()
        return self._job is None or self._job.wait(timeout_ms)

    def _submit(self, make: Callable[[], Steps], *, breakable: bool = False) -> None:
        self._waiting.append((make, breakable))
        self._start()

    def _start(self) -> None:
        if self._job or not self._waiting:
            return
        make, self._breakable = self._waiting.pop(0)
        self._job = Job(make, self)
        self._job.succeeded.connect(self._take_end)
        self._job.failed.connect(self._take_failure)
        self._job.reported.connect(self._take_event)
        self._job.finished.connect(self._take_finished)
        self._job.start()

    @Slot(object)
    def _take_end(self, sentence: str) -> None:
        self.ended.emit(sentence)

    @Slot(object)
    def _take_event(self, event: Event) -> None:
        if isinstance(event, Note):
            self.ended.emit(event.message)

    @Slot(object)
    def _take_failure(self, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        if not isinstance(error, IrlnetError):
            raise error
        self.ended.emit(str(error))

    @Slot()
    def _take_finished(self) -> None:
        if self._job:
            self._job.deleteLater()
        self._job = None
        self._start()


def _write_one(request: ExportRequest) -> Steps:
    results = yield from export(request)
    return _tr("Written: {}").format(results.overlay)


def _write_kept(
    paths: Sequence[Path], output: Path, model: str | None, evidence: Sequence[Path], store: ResultStore
) -> Steps:
    """Write every picture that can be written, and say for each other why not."""
    check_place(output, [*paths, *evidence])
    written = 0
    for number, path in enumerate(paths, start=1):
        yield Progress("exporting", number, len(paths))
        try:
            image = read_image(path)
            analysis: Any = yield from tasks.recall(image, AnalysisRequest(path, model), store)
            if analysis is None:
                yield Note(_tr("{}: no result of this model is kept; analyse it again.").format(path.name))
                continue
            threshold = analysis.record.threshold
            yield from export(ExportRequest(image, analysis, output, threshold.value, threshold.source))
            written += 1
        except IrlnetError as error:
            yield Note(str(error))
    return _tr("Results of {} of {} pictures were written into {}").format(written, len(paths), output)


def _write_record(request: RecordRequest) -> Steps:
    path = yield from write_record(request)
    return _tr("Written: {}").format(path)


def _write_table(path: Path, rows: list[Picture]) -> Steps:
    yield Progress("writing", 0, 0)
    write_batch_table(path, rows)
    return _tr("Written: {}").format(path)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Exporter", text)
