"""What the window asks of the core, as jobs; torch is imported when a job first needs it."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irlgui.jobs.device import DeviceUsed, find_cards
from irlgui.jobs.partial_map import PartialMap
from irlgui.jobs.request import AnalysisRequest
from irlgui.jobs.torch_libraries import load_libraries
from irlgui.session import Analysis
from irlnet_core.errors import DeviceError, IrlnetError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.export import check_output
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.record import describe_evidence
from irlnet_core.evidence.result_store import ResultKey, ResultStore
from irlnet_core.inference.analysis import check_unchanged, choose_threshold, make_record
from irlnet_core.model.card import WEIGHTS_NAME, ModelCard, read_card
from irlnet_core.model.locate import find_model
from irlnet_core.progress import Note, Progress, TileDone

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import LocalizationResult, Localizer

_TELL_SECONDS = 0.04

Steps = Generator[Any, None, Analysis]


class Engine:
    """Keeps the loaded model between pictures; used on the analysis thread only."""

    def __init__(self) -> None:
        self._localizer: Localizer | None = None
        self._wanted: tuple[Path, ModelCard, str, str] | None = None

    def localizer(self, folder: Path, card: ModelCard, request: AnalysisRequest) -> Localizer:
        """Return the model of ``folder``, loaded anew only when it, the device or the precision changed."""
        wanted = (folder.resolve(), card, request.device, request.precision)
        if self._localizer is None or wanted != self._wanted:
            self._localizer = self._wanted = None  # both would not always fit into the device's memory
            self._localizer = _load(folder, request)
            self._wanted = wanted
        return self._localizer

    def device(self) -> DeviceUsed | None:
        """Return the processor of the loaded model."""
        if self._localizer is None:
            return None
        device = self._localizer.device
        idle = find_cards() if device.id == "cpu" else ()
        return DeviceUsed(device.id, device.name, self._localizer.threads, idle)


def analyse(
    request: AnalysisRequest,
    engine: Engine,
    store: ResultStore | None,
    stopped: Callable[[], bool] | None = None,
) -> Steps:
    """Analyse one picture: yield events, DeviceUsed, PartialMap and at last the Analysis, which is returned.

    It is yielded before it is written to ``store``, so that nobody waits for the disk. A kept result comes at
    once, without torch. Evidence that changed meanwhile is an error, and nothing is kept. ``stopped`` is
    asked between the network's layers, because closing the generator waits for its current tiles.
    """
    try:
        analysis = yield from _analyse(request, engine, store, stopped)
    except MemoryError as error:
        raise DeviceError(
            "There is not enough memory for this picture.",
            cure="Close other programs, or analyse a selected area.",
        ) from error
    return analysis


def recall(
    image: SuspectImage, request: AnalysisRequest, store: ResultStore
) -> Generator[Any, None, Analysis | None]:
    """Return the kept analysis of an open picture, or None; of the model only its card is read."""
    yield Progress("recalling", 0, 0)
    card = read_card(find_model(request.model))
    return _from_store(image, request, card, store)


def _analyse(
    request: AnalysisRequest,
    engine: Engine,
    store: ResultStore | None,
    stopped: Callable[[], bool] | None,
) -> Steps:
    started = datetime.now(UTC)
    yield Progress("reading", 0, 0)
    image = read_image(request.path, max_pixels=request.max_pixels)
    yield Progress("looking", 0, 0)
    folder = find_model(request.model)
    card = read_card(folder)
    if store and not request.fresh and (kept := _from_store(image, request, card, store)):
        yield kept
        return kept
    yield Progress("loading", 0, 0)
    load_libraries()
    yield Progress("loading", 0, 0)
    _import_torch()
    localizer = engine.localizer(folder, card, request)
    yield engine.device()
    result = yield from _localize(image, localizer, request, stopped)
    yield Progress("finding regions", 0, 0)
    record = make_record(image, localizer.model, result, choose_threshold(localizer.model, None), started)
    ResponseHistogram(result.localization)  # counted here, so that the window finds it done
    yield Progress("checking", 0, 0)
    check_unchanged(image)
    analysis = Analysis(image.sha256, result.localization, record, card.name, localizer.model.sha256)
    yield analysis
    if store:
        yield from _keep(image, request, card, analysis, store)
    return analysis


def _localize(
    image: SuspectImage,
    localizer: Localizer,
    request: AnalysisRequest,
    stopped: Callable[[], bool] | None,
) -> Generator[Any, None, LocalizationResult]:
    """Run the network; tell of tiles at most 25 times a second, because a fast device makes thousands."""
    canvas = np.zeros(image.pixels.shape[:2], np.float32)
    shown = canvas.view()
    shown.flags.writeable = False
    job = localizer.localize(
        image.pixels, start=request.start, area=request.area, into=canvas, stopped=stopped
    )
    fresh: list[Area] = []
    told = -1.0
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                result: LocalizationResult = stop.value
                return result
            if not isinstance(event, TileDone):
                yield event
                continue
            fresh.append(Area.between(event.y0, event.x0, event.y1, event.x1))
            if time.monotonic() - told < _TELL_SECONDS and event.done < event.total:
                continue
            yield event
            yield PartialMap(shown, tuple(fresh), event.done, event.total)
            fresh, told = [], time.monotonic()
    finally:
        job.close()


def _keep(
    image: SuspectImage, request: AnalysisRequest, card: ModelCard, analysis: Analysis, store: ResultStore
) -> Generator[Any, None, None]:
    """Keep a result; that it can't be kept is told, and takes nothing from the result itself."""
    yield Progress("keeping", 0, 0)
    try:
        check_output(store.folder, [image.path])
        store.save(_key(image, request, card), analysis.localization, analysis.record)
    except IrlnetError as error:
        yield Note(f"The result is shown, but was not kept for the next time: {error.path} {error.reason}")


def _from_store(
    image: SuspectImage, request: AnalysisRequest, card: ModelCard, store: ResultStore
) -> Analysis | None:
    kept = store.load(_key(image, request, card))
    if kept is None:
        return None
    ResponseHistogram(kept.localization)
    record = replace(kept.record, evidence=describe_evidence(image))  # the same bytes may lie elsewhere now
    return Analysis(image.sha256, kept.localization, record, card.name, card.hashes[WEIGHTS_NAME])


def _key(image: SuspectImage, request: AnalysisRequest, card: ModelCard) -> ResultKey:
    return ResultKey(
        image_sha256=image.sha256,
        model_sha256=card.hashes.get(WEIGHTS_NAME, ""),
        tile=card.tile,
        overlap=card.overlap,
        precision=request.precision,
        area=request.area.within(_whole(image)) if request.area else None,
    )


def _whole(image: SuspectImage) -> Area:
    return Area(0, 0, image.facts.width, image.facts.height)


def _import_torch() -> None:
    """Import the network's libraries once, and keep Python's cycle collector from ever looking through them.

    A collection stops all threads, and it would visit 220,000 objects that live as long as the program.
    """
    if "torch" not in sys.modules:
        import irlnet_core.inference.localizer  # noqa: F401 - for what comes with it

        gc.freeze()


def _load(folder: Path, request: AnalysisRequest) -> Localizer:
    from irlnet_core.inference.localizer import Localizer

    return Localizer(folder, device=request.device, precision=request.precision)
