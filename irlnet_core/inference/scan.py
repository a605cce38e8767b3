"""Many pictures into a case: what is in it with this very model and parameters is not analysed again."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal

from irlnet_core import files
from irlnet_core.case.case_file import CaseFile
from irlnet_core.errors import DeviceError, IrlnetError
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.result_store import ResultKey
from irlnet_core.inference.analysis import check_unchanged, choose_threshold, make_record
from irlnet_core.progress import Event, finish

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer
    from irlnet_core.inference.torch_backend import Precision

_Made = tuple[SuspectImage, Localization, AnalysisRecord]


@dataclass(frozen=True)
class Scanned(Event):
    """One picture of a scan: ``state`` "analysed" now, "kept" from before, or "failed" for a ``reason``.

    ``area_fraction`` (0..1) is of the listed regions. What is told as analysed or kept is in the case.
    """

    path: str
    state: Literal["analysed", "kept", "failed"]
    sha256: str = ""
    regions: int = 0
    area_fraction: float = 0.0
    threshold: float | None = None
    model: str = ""
    reason: str = ""
    cure: str = ""


def scan(
    case: CaseFile,
    pictures: Sequence[Path],
    *,
    model: str | None = None,
    device: str = "auto",
    precision: Precision = "float32",
    workers: int = 1,
    max_pixels: int,
) -> Generator[Event, None, None]:
    """Analyse pictures into ``case`` and yield :class:`Scanned` for each, as they are done.

    ``workers`` threads each have a network of their own and share the cores. A picture that fails is told
    and the others go on; closing the generator stops them within a layer of the network.
    Raises :class:`ModelError`, :class:`DeviceError`, :class:`OutputError`.
    """
    from irlnet_core.inference.localizer import Localizer

    crew = _Crew([Localizer(model, device=device, precision=precision) for _ in range(workers)], max_pixels)
    with _split_threads(workers), crew:
        for path in pictures:
            if known := _find_known(case, path, crew.any):
                yield known
                continue
            crew.submit(path)
            if len(crew.busy) == workers:
                yield from [_keep(case, path, future, crew.any) for path, future in crew.collect()]
        while crew.busy:
            yield from [_keep(case, path, future, crew.any) for path, future in crew.collect()]


class _Crew:
    """Threads that analyse, each with the localizer that it takes from the shelf."""

    def __init__(self, localizers: list[Localizer], max_pixels: int) -> None:
        self.any = localizers[0]
        self.busy: dict[Future[_Made], Path] = {}
        self._shelf: SimpleQueue[Localizer] = SimpleQueue()
        for localizer in localizers:
            self._shelf.put(localizer)
        self._pool = ThreadPoolExecutor(len(localizers), thread_name_prefix="scan")
        self._stop = threading.Event()
        self._max_pixels = max_pixels

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, path: Path) -> None:
        self.busy[self._pool.submit(self._analyse, path)] = path

    def collect(self) -> list[tuple[Path, Future[_Made]]]:
        """Wait until at least one picture is done."""
        done, _ = wait(self.busy, return_when=FIRST_COMPLETED)
        return [(self.busy.pop(future), future) for future in done]

    def _analyse(self, path: Path) -> _Made:
        started = datetime.now(UTC)
        localizer = self._shelf.get()
        try:
            image = read_image(path, max_pixels=self._max_pixels)
            result = finish(localizer.localize(image.pixels, stopped=self._stop.is_set))
            threshold = choose_threshold(localizer.model, None)
            record = make_record(image, localizer.model, result, threshold, started)
            check_unchanged(image)
            return image, result.localization, record
        except MemoryError as error:
            reason = "There is not enough memory for this picture."
            raise DeviceError(reason, path=path, cure="Close other programs.") from error
        finally:
            self._shelf.put(localizer)


def _find_known(case: CaseFile, path: Path, localizer: Localizer) -> Scanned | None:
    """Return what the case holds of a file with these bytes, or why the file can't be read."""
    if not files.is_file(path):
        return None  # a pipe would be waited for: reading the picture tells what it is
    try:
        sha256 = files.sha256_of_file(path)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})."
        return Scanned(str(path), "failed", reason=reason, cure="Check that you may read it.")
    item = case.find_item(sha256)
    analysed = case.find_analysis(_key(sha256, localizer)) if item else None
    if item is None or analysed is None:
        return None
    case.add_place(item, path)
    return _tell(path, "kept", analysed.record)


def _keep(case: CaseFile, path: Path, future: Future[_Made], localizer: Localizer) -> Scanned:
    try:
        image, localization, record = future.result()
    except IrlnetError as error:
        return Scanned(str(path), "failed", reason=error.reason, cure=error.cure)
    item = case.add_item(image)
    key = _key(image.sha256, localizer)
    if known := case.find_analysis(key):  # the same bytes at another path, analysed at the same time
        return _tell(path, "kept", known.record)
    case.add_analysis(item, localization, record, key)
    return _tell(path, "analysed", record)


def _key(sha256: str, localizer: Localizer) -> ResultKey:
    model = localizer.model
    return ResultKey(sha256, model.sha256, model.card.tile, model.card.overlap, localizer.precision)


def _tell(path: Path, state: Literal["analysed", "kept"], record: AnalysisRecord) -> Scanned:
    return Scanned(
        path=str(path),
        state=state,
        sha256=record.evidence["sha256"],
        regions=record.regions.count,
        area_fraction=record.regions.listed_fraction,
        threshold=record.threshold.value,
        model=record.model["name"],
    )


@contextlib.contextmanager
def _split_threads(workers: int) -> Iterator[None]:
    """Share the cores among the workers, so that they don't wait for each other."""
    import torch

    before = torch.get_num_threads()
    if workers > 1:
        torch.set_num_threads(max(1, min(before, os.cpu_count() or 1) // workers))
    try:
        yield
    finally:
        torch.set_num_threads(before)
