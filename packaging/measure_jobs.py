"""Measure what an analysis costs the window: stalls of the GUI thread, time to stop, time to see something.

Run it with the project's Python: ``python packaging/measure_jobs.py``. It makes a picture and, without
``--model``, an untrained net of the paper's width in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from irlgui.jobs.analysis_queue import AnalysisQueue
from irlgui.jobs.picture_loader import PictureLoader
from irlgui.jobs.region_finder import RegionFinder
from irlgui.session import Analysis, Session
from irlgui.startup.collector import Collector
from irlnet_core.evidence.result_store import ResultStore

TICK_MS = 5


class Pulse(QObject):
    """A timer that should tick every 5 ms; the longest time between two ticks is the longest stall.

    ``work`` is what this thread itself computed during the longest stall, and ``process`` what the whole
    program did: a stall much longer than both was the machine giving its cores to others.
    """

    def __init__(self) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._tick)
        self._last = _clocks()
        self.stalls: list[tuple[float, float, float]] = []
        self.timer.start(TICK_MS)

    @Slot()
    def _tick(self) -> None:
        now = _clocks()
        wall, work, process = (1000 * (b - a) for a, b in zip(self._last, now, strict=True))
        self.stalls.append((wall, work, process))
        self._last = now

    def report(self, what: str) -> None:
        """Print the stalls since the last report and forget them."""
        stalls = self.stalls or [(0.0, 0.0, 0.0)]
        longest = max(stalls)
        print(
            f"{what:<44} {len(stalls):>6} ticks   99 % {np.percentile([s[0] for s in stalls], 99):6.1f} ms   "
            f"longest {longest[0]:6.1f} ms (work {longest[1]:.0f}, process {longest[2]:.0f})   "
            f"most work {max(s[1] for s in stalls):.0f} ms",
            flush=True,
        )
        self.stalls = []


def _clocks() -> tuple[float, float, float]:
    return time.perf_counter(), time.thread_time(), time.process_time()


class Bench(QObject):
    """Drives one queue through an analysis and waits in a real event loop."""

    def __init__(self, folder: Path, model: str | None) -> None:
        super().__init__()
        self.queue = AnalysisQueue(ResultStore(folder / "data"), self)
        self.model = model
        self.pulse = Pulse()
        self.analysis: Analysis | None = None
        self.tiles = (0, 0)
        self.queue.tile_ready.connect(self._tile)
        self.queue.analysed.connect(self._analysed)

    @Slot(object, object)
    def _tile(self, _path: Path, partial: Any) -> None:
        self.tiles = (partial.done, partial.total)

    @Slot(object, object)
    def _analysed(self, _path: Path, analysis: Analysis) -> None:
        self.analysis = analysis

    def wait(self, signal: Any, seconds: float = 3600.0) -> float:
        """Wait for ``signal`` at most ``seconds``; return how long it took."""
        loop, begin = QEventLoop(), time.perf_counter()
        signal.connect(loop.quit)
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
        signal.disconnect(loop.quit)
        return time.perf_counter() - begin

    def rest(self, seconds: float) -> None:
        """Let the event loop run with nothing to do."""
        loop = QEventLoop()
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()

    def analyse(self, path: Path, seconds: float, **options: Any) -> float:
        """Analyse ``path`` until it is done or ``seconds`` are over."""
        self.queue.enqueue([path], model=self.model, **options)
        return self.wait(self.queue.emptied, seconds)


def measure(folder: Path, args: argparse.Namespace) -> None:
    """Run all measurements and print a line for each."""
    picture = make_picture(folder / "evidence" / "large.jpg", args.height, args.width)
    bench = Bench(folder, args.model or str(make_model(folder / "model")))
    bench.rest(3)
    bench.pulse.report("nothing runs: what the machine itself costs")
    measure_opening(bench, picture)
    bench.queue.enqueue([picture], model=bench.model, start=(args.height / 2, args.width / 2))
    print(f"first tile after {bench.wait(bench.queue.tile_ready):.2f} s (torch and the model are loaded)")
    bench.pulse.report("until the first tile: decode, torch, model")
    bench.wait(bench.queue.emptied, args.seconds)
    bench.pulse.report(f"analysis, {bench.tiles[0]} of {bench.tiles[1]} tiles")
    if bench.queue.running:
        bench.queue.cancel()
        print(f"cancelled, and ended after {bench.wait(bench.queue.emptied):.2f} s")
        bench.pulse.report("cancelling")
    measure_small(bench, folder)
    begin = time.perf_counter()
    ended = bench.queue.shutdown()
    print(f"shut down in {time.perf_counter() - begin:.2f} s (ended: {ended})")


def measure_opening(bench: Bench, picture: Path) -> None:
    """Open the picture as the window does."""
    loader = PictureLoader(bench)
    begin = time.perf_counter()
    loader.load(picture)
    bench.wait(loader.preview_ready)
    print(f"preview after {time.perf_counter() - begin:.2f} s")
    bench.wait(loader.loaded)
    print(f"whole picture with hashes after {time.perf_counter() - begin:.2f} s")
    bench.pulse.report("opening")
    loader.shutdown()


def measure_small(bench: Bench, folder: Path) -> None:
    """Analyse a small area of a large picture to the end: regions, record and store at full size."""
    picture = folder / "evidence" / "large.jpg"
    seconds = bench.analyse(picture, 3600, area=cut_area())
    print(f"an area of 512 x 512 pixels, all steps at full size: {seconds:.2f} s")
    bench.pulse.report("area, regions, record, keeping")
    seconds = bench.analyse(picture, 3600, area=cut_area())
    print(f"the same from the store: {seconds:.2f} s")
    bench.pulse.report("from the store")
    session = Session()
    finder = RegionFinder(session, bench)
    if bench.analysis:
        session.analysis = bench.analysis
        begin = time.perf_counter()
        for step in range(1, 60):
            session.set_threshold(step / 100)
            bench.wait(bench.pulse.timer.timeout, 1)
        bench.wait(session.regions_changed, 30)
        print(f"60 steps of the threshold, regions of the last after {time.perf_counter() - begin:.2f} s")
        bench.pulse.report("threshold dragged")
    finder.shutdown()


def cut_area() -> Any:
    """Return the area that is analysed to the end."""
    from irlnet_core.evidence.area import Area

    return Area(1024, 1024, 512, 512)


def make_picture(path: Path, height: int, width: int) -> Path:
    """Write a photograph-like JPEG."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(20, 235, (height // 200 + 2, width // 200 + 2, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(0, 9, picture.shape, dtype=np.uint8)
    path.parent.mkdir(parents=True)
    picture = np.minimum(picture, 246) + noise
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path


def make_model(folder: Path) -> Path:
    """Write an untrained net of the paper's width, in another process: torch is not to be loaded here."""
    import subprocess

    code = (
        "import sys; from pathlib import Path\n"
        "from irlnet_core.config import ModelConfig; from irlnet_core.model.card import ModelCard\n"
        "from irlnet_core.model.checkpoint import save_model; from irlnet_core.model.registry import build\n"
        "config = ModelConfig()\n"
        "card = ModelCard('untrained', config, tile=256, overlap=64)\n"
        "save_model(Path(sys.argv[1]), build(config), card)\n"
    )
    root = Path(__file__).resolve().parents[1]
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, cwd=root)
    return folder


def main() -> None:
    """Read the options and measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="a model's name or folder (default: an untrained full-width net)")
    parser.add_argument("--width", type=int, default=6000)
    parser.add_argument("--height", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=40.0, help="cancel the analysis after this time")
    args = parser.parse_args()
    app = QApplication([])
    collector = Collector()  # as in the window
    print(f"load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), args)
    collector.stop()
    print(f"load average {os.getloadavg()[0]:.1f}")
    app.quit()


if __name__ == "__main__":
    main()
