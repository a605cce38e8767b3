"""Writing regions and outlines to a file that the analyst names, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from irlgui.jobs.lane import Lane
from irlgui.jobs.output import check_place
from irlnet_core.errors import IrlnetError
from irlnet_core.evidence import annotation_export
from irlnet_core.evidence.annotation_export import Findings
from irlnet_core.progress import Event, Progress

Write = Callable[[Path, Findings], None]
FORMATS: dict[str, tuple[str, str, Write]] = {
    "csv": (".csv", "CSV (*.csv)", annotation_export.write_csv),
    "coco": (".coco.json", "COCO JSON (*.json)", annotation_export.write_coco),
    "labelme": (".json", "labelme JSON (*.json)", annotation_export.write_labelme),
}


class FindingsWriter(QObject):
    """Asks for a name and writes there, never beside evidence; ``told`` and ``failed`` say how it ended."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = Path.home()
        self._lane = Lane(self)
        self._lane.succeeded.connect(self._tell_done)
        self._lane.failed.connect(self._tell_error)

    def ask(self, kind: str, findings: Findings, picture: Path, evidence: Sequence[Path] = ()) -> None:
        """Ask where to write, beginning in the folder of the last time; other pictures are evidence too."""
        suffix, pattern, _ = FORMATS[kind]
        proposed = str(self._folder / f"{picture.stem}.regions{suffix}")
        title = self.tr("Export regions and outlines")
        name, _ = QFileDialog.getSaveFileName(self._window, title, proposed, pattern)
        if name:
            self.write(kind, findings, Path(name), [picture, *evidence])

    def write(self, kind: str, findings: Findings, path: Path, evidence: Sequence[Path]) -> None:
        """Write to ``path`` on the writer's thread; the folders of ``evidence`` are never written to."""
        self._folder = path.parent
        self._lane.submit(lambda: _write(kind, findings, path, evidence))

    def shutdown(self, timeout: float = 3.0) -> bool:
        """End the thread; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    def _tell_done(self, _ticket: int, path: Path) -> None:
        self.told.emit(self.tr("Written: {path}").format(path=path))

    def _tell_error(self, _ticket: int, error: Exception) -> None:
        self.failed.emit(self.tr("Not written: {error}").format(error=_words(error)))


def _write(
    kind: str, findings: Findings, path: Path, evidence: Sequence[Path]
) -> Generator[Event, None, Path]:
    yield Progress("writing", 0, 1)
    check_place(path.parent, evidence, path=path)
    FORMATS[kind][2](path, findings)
    return path


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, IrlnetError) else f"{type(error).__name__}: {error}"
