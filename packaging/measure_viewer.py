"""Measure the viewer: first paint of a 24-megapixel picture, and frames while the threshold is dragged.

Run it from the repository: ``python packaging/measure_viewer.py [--megapixels 24] [--json]``. Without a
screen set ``QT_QPA_PLATFORM=offscreen``; Qt then paints by the same code into memory. A frame is counted from
the moment the threshold is set to the end of the paint event that shows it; ``work`` is what this thread
itself computed, without the time that other programs took on a busy machine. The picture and the map are made
by code from a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication

from irlgui.session import Analysis, Session
from irlgui.views import theme
from irlgui.views.viewer import Viewer
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import Regions, find_regions


class _Record:
    """The only part of a record that a session asks for."""

    def __init__(self, regions: Regions) -> None:
        self.regions = regions


def make_picture(folder: Path, megapixels: float) -> SuspectImage:
    """Return a photograph-like JPEG of 3:2 with this many megapixels."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    rng = np.random.default_rng(1)
    coarse = rng.integers(20, 235, (24, 36, 3), dtype=np.uint8)
    pixels = cv2.resize(coarse, (round(1.5 * height), height), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(0, 12, (512, 512, 3), dtype=np.uint8)
    pixels = cv2.add(
        pixels, np.tile(noise, (height // 512 + 1, pixels.shape[1] // 512 + 1, 1))[:height, : pixels.shape[1]]
    )
    path = folder / "picture.jpg"
    path.write_bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return read_image(path)


def make_map(height: int, width: int) -> Localization:
    """Return a map with soft blobs of all responses and a noisy ground."""
    rng = np.random.default_rng(2)
    coarse = rng.random((40, 60), np.float32) ** 4
    response = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.tile(rng.random((256, 256), np.float32), (height // 256 + 1, width // 256 + 1))[
        :height, :width
    ]
    return Localization(np.clip(response + 0.06 * noise, 0, 1).astype(np.float32))


def settle(viewer: Viewer) -> None:
    """Wait until the viewer has nothing better to show."""
    while viewer.busy:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    QCoreApplication.processEvents()


class PaintCounter(QObject):
    """Counts a viewport's paint events, so that a frame that was not painted is not counted as a fast one."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.count = 0
        viewer.panes[0].viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Count and let pass; called by Qt."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def measure_frames(viewer: Viewer, change: Callable[[int], None], frames: int) -> dict[str, float]:
    """Return a frame's median and 99th percentile in ms: by the clock, and this thread's own work."""
    counter = PaintCounter(viewer)
    wall, work = [], []
    for number in range(frames):
        begin, begin_work = time.perf_counter(), time.thread_time()
        change(number)
        QCoreApplication.processEvents()
        wall.append(1000 * (time.perf_counter() - begin))
        work.append(1000 * (time.thread_time() - begin_work))
    if counter.count < frames:
        raise SystemExit(f"only {counter.count} of {frames} frames were painted: the figures would be wrong")
    viewer.panes[0].viewport().removeEventFilter(counter)
    return {
        "median_ms": round(statistics.median(wall), 2),
        "p99_ms": round(float(np.percentile(wall, 99)), 2),
        "work_median_ms": round(statistics.median(work), 2),
        "work_p99_ms": round(float(np.percentile(work, 99)), 2),
    }


def measure(megapixels: float = 24.0, size: tuple[int, int] = (1280, 900)) -> dict[str, Any]:
    """Return all figures of a viewer of ``size`` logical pixels."""
    session = Session()
    viewer = Viewer(session)
    viewer.resize(*size)
    viewer.show()
    settle(viewer)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        image = make_picture(Path(folder), megapixels)
        read, read_work = time.perf_counter(), time.thread_time()
        session.set_picture(image)
        QCoreApplication.processEvents()
        first, first_work = time.perf_counter(), time.thread_time()
        settle(viewer)
        smooth = time.perf_counter()
    figures: dict[str, Any] = {
        "picture": f"{image.facts.width} x {image.facts.height}",
        "view_device_pixels": viewer.panes[0].device_size(),
        "made_and_read_ms": round(1000 * (read - begin), 1),
        "first_paint_ms": round(1000 * (first - read), 1),
        "first_paint_work_ms": round(1000 * (first_work - read_work), 1),
        "all_sizes_ms": round(1000 * (smooth - read), 1),
    }
    localization = make_map(image.facts.height, image.facts.width)
    record = cast(AnalysisRecord, _Record(find_regions(localization, 0.5)))
    begin = time.perf_counter()
    session.set_analysis(Analysis(image.sha256, localization, record, "measure", "0" * 64))
    figures["gui_blocked_by_a_new_map_ms"] = round(1000 * (time.perf_counter() - begin), 1)
    settle(viewer)
    figures["map_indices_ms"] = round(1000 * (time.perf_counter() - begin), 1)
    for place, scale in (("fitted", None), ("100 %", 1.0), ("400 %", 4.0)):
        viewer.fit() if scale is None else viewer.zoom_to(scale)
        for mode in ("heat", "mask", "outline"):
            session.change_overlay(mode=mode)
            settle(viewer)
            figures[f"drag {place} {mode}"] = measure_frames(
                viewer, lambda n: session.set_threshold(0.05 + n / 250), 200
            )
    session.change_overlay(mode="heat")
    for place, scale in (("50 %", 0.5), ("37 %", 0.37), ("100 %", 1.0)):
        viewer.zoom_to(scale)
        settle(viewer)
        figures[f"pan {place} heat"] = measure_frames(
            viewer,
            lambda n: viewer.place(viewer.camera.moved(9 if n % 40 < 20 else -9, 5 if n % 40 < 20 else -5)),
            100,
        )
    viewer.shutdown()
    viewer.close()
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megapixels", type=float, default=24.0)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    theme.install(cast(QApplication, app))
    figures = {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    figures |= measure(options.megapixels, (options.width, options.height))
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
