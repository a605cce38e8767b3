"""Measure the browser with 10,000 pictures: adding, searching, sorting, scrolling, memory; prints JSON.

Run it with ``python packaging/measure_browser.py``; the pictures are made by code in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication

from irlgui.models.picture_list import PictureList
from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.views import theme
from irlgui.views.browser import Browser

_SCENES = 25
_STEPS = 300


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="number of pictures (default: %(default)s)")
    parser.add_argument("--width", type=int, default=1200, help="of each picture (default: %(default)s)")
    args = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme.install(app)
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_pictures(place / "evidence", args.count, args.width)
        figures = measure(app, place, args.count)
    print(json.dumps(figures, indent=2))
    return 0


def make_pictures(folder: Path, count: int, width: int) -> None:
    """Write a few photograph-like JPEGs, and links to them under ``count`` names."""
    (folder / "scenes").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for scene in range(_SCENES):
        coarse = Image.fromarray(rng.integers(0, 255, (24, 36, 3), dtype=np.uint8))
        picture = np.asarray(coarse.resize((width, width * 2 // 3), Image.Resampling.BICUBIC), np.int16)
        noisy = np.clip(picture + rng.integers(-9, 10, picture.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / "scenes" / f"scene{scene}.jpg", quality=90)
    for number in range(count - _SCENES):
        source = folder / "scenes" / f"scene{number % _SCENES}.jpg"
        place = folder / f"part{number // 1000}" / f"DSC_{number:05d}.jpg"
        place.parent.mkdir(exist_ok=True)
        os.link(source, place)


def measure(app: QApplication, place: Path, count: int) -> dict[str, object]:
    """Return all figures: seconds, milliseconds and mebibytes as their names say."""
    paths = list((place / "evidence").rglob("*.jpg"))
    only_list = timed(lambda: PictureList().add_paths(paths))
    cache = ThumbnailCache(place / "cache", 1 << 30)
    browser = Browser(PictureList(), cache=cache)
    browser.resize(300, 900)
    browser.show()
    app.processEvents()
    figures: dict[str, object] = {"pictures": count, "add_paths_s": round(only_list, 3)}
    memory = resident_mib()
    figures |= measure_search(app, browser, place / "evidence")
    figures |= measure_order(app, browser)
    figures["memory_of_rows_mib"] = round(resident_mib() - memory, 1)
    figures["scroll_cold"] = measure_scroll(app, browser)
    memory = resident_mib()
    figures["all_thumbnails_s"] = round(timed(lambda: make_all(app, browser)), 1)
    figures["memory_after_all_thumbnails_mib"] = round(resident_mib(), 1)
    figures["memory_of_all_thumbnails_mib"] = round(resident_mib() - memory, 1)
    figures["cache_mib"] = round(cache.size_bytes() / 2**20, 1)
    figures["scroll_warm"] = measure_scroll(app, browser)
    browser.shutdown()
    figures["largest_memory_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    figures["load_average"] = round(os.getloadavg()[0], 1)
    return figures


def measure_search(app: QApplication, browser: Browser, folder: Path) -> dict[str, object]:
    """Search the folder in the background; return how long it takes and how long the window stalls."""
    started, first, stalls = time.perf_counter(), 0.0, [0.0]
    browser.open_paths([folder])
    while browser.scan.busy:
        stalls.append(timed(app.processEvents))
        if not first and browser.order.rowCount():
            first = time.perf_counter() - started
    return {
        "search_folder_s": round(time.perf_counter() - started, 3),
        "first_pictures_s": round(first, 3),
        "search_longest_stall_ms": round(max(stalls) * 1000, 1),
    }


def measure_order(app: QApplication, browser: Browser) -> dict[str, object]:
    """Return how long a change of the order takes, with the view's answer to it."""
    for number, picture in enumerate(browser.pictures.pictures):
        picture.response = number * 7919 % 10_000 / 10_000

    def change(**criteria: object) -> float:
        started = time.perf_counter()
        browser.order.set_criteria(**criteria)
        app.processEvents()
        return time.perf_counter() - started

    by_response = change(sort="response", descending=True)
    narrowed = change(text="part3")
    return {
        "sort_by_response_ms": round(by_response * 1000, 1),
        "filter_by_text_ms": round(narrowed * 1000, 1),
        "show_all_ms": round(change(text="", sort="name", descending=False) * 1000, 1),
    }


def measure_scroll(app: QApplication, browser: Browser) -> dict[str, float]:
    """Scroll from top to bottom and back by steps; return paint times and stalls of the event loop."""
    view, paints, stalls = browser.view, [], []
    bar = view.verticalScrollBar()
    for step in [*range(_STEPS), *range(_STEPS, -1, -1)]:
        bar.setValue(bar.maximum() * step // _STEPS)
        paints.append(timed(view.viewport().repaint) * 1000)
        stalls.append(timed(app.processEvents) * 1000)
        time.sleep(0.004)  # an analyst's wheel leaves the loop some time too
    return {
        "paint_median_ms": round(statistics.median(paints), 2),
        "paint_p99_ms": round(statistics.quantiles(paints, n=100)[98], 2),
        "paint_longest_ms": round(max(paints), 2),
        "events_longest_ms": round(max(stalls), 2),
    }


def make_all(app: QApplication, browser: Browser) -> None:
    """Look at every page until all of its thumbnails are there."""
    view, shelf = browser.view, browser.shelf
    page, bar = view.viewport().height(), view.verticalScrollBar()
    for value in [*range(0, bar.maximum(), page), bar.maximum()]:
        bar.setValue(value)
        first, last = view.visible_rows()
        wanted = [picture.path for picture in browser.order.shown[first : last + 1]]
        deadline = time.monotonic() + 60
        while not all(path in shelf for path in wanted):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{wanted[0]} and the others of its page got no thumbnails in 60 s.")
            app.processEvents()
            time.sleep(0.001)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def resident_mib() -> float:
    """Return the memory that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    raise SystemExit(main())
