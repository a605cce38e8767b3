"""Measure the window: its start, opening a picture, dragging the threshold, stalls while analysing, memory.

    .venv/bin/python packaging/measure_gui.py [PICTURE] [--runs N] [--only start viewer jobs browser]

Every part is a process of its own, and its figures are printed as they come, with the load of the machine:
``start`` (to the painted window; with a PICTURE also from opening it to the first paint of it, and to the
whole picture), then what measure_viewer.py, measure_jobs.py and measure_browser.py say.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_OTHERS = {"viewer": "measure_viewer.py", "jobs": "measure_jobs.py", "browser": "measure_browser.py"}

# Runs in the measured process: ends as soon as the window's first paint is done.
_PROBE = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import irlgui.startup.application as application
from irlgui.main_window import MainWindow

def look():
    window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
    if window is None or not window.isVisible():
        QTimer.singleShot(0, look)
        return
    window.repaint()
    print("window", time.time(), "window_cpu", time.process_time(), flush=True)
    if not sys.argv[1:]:
        window.close()
        return
    window.desk.loader.preview_ready.connect(lambda _: tell("preview"))
    window.desk.session.picture_changed.connect(lambda _: tell("picture"))
    print("open", time.time(), flush=True)
    window.open_paths([Path(sys.argv[1])])

    def tell(name):
        window.viewer.panes[0].viewport().repaint()
        print(name, time.time(), flush=True)
        if name == "picture":
            window.close()

from irlgui.__main__ import main
app = application.make_application()
QTimer.singleShot(0, look)
main([])
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("picture", nargs="?", metavar="PICTURE")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=("start", *_OTHERS), default=("start", *_OTHERS))
    arguments = parser.parse_args()
    for part in arguments.only:
        print(f"== {part}   load average {os.getloadavg()[0]:.1f}", flush=True)
        if part == "start":
            print(json.dumps(measure_starts(arguments.picture, arguments.runs)), flush=True)
        else:
            subprocess.run([sys.executable, ROOT / "packaging" / _OTHERS[part]], check=True)


def measure_starts(picture: str | None, runs: int) -> dict[str, dict[str, object]]:
    """Return median and all values, in seconds, of everything that the measured process tells."""
    told = [measure_start([picture] if picture else []) for _ in range(runs)]
    return {
        name: {
            "median": round(statistics.median(one[name] for one in told), 3),
            "all": [round(one[name], 3) for one in told],
        }
        for name in dict.fromkeys(name for one in told for name in one)
        if all(name in one for one in told)
    }


def measure_start(paths: list[str]) -> dict[str, float]:
    """Return seconds from starting a process to its painted window, and from opening a picture to its paints.

    The process keeps settings and thumbnails in folders of its own. ``of_which_cpu`` is what it computed
    until the window was painted: on a busy machine the rest was waiting for a core or the disk.
    """
    with tempfile.TemporaryDirectory() as home:
        places = {f"XDG_{name}_HOME": home for name in ("DATA", "CACHE", "CONFIG", "STATE")}
        began = time.time()
        answer = subprocess.run(
            [sys.executable, "-c", _PROBE, *paths],
            env={**os.environ, **places, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    words = answer.stdout.split()
    times = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    figures = {"start_to_window": times.pop("window") - began, "of_which_cpu": times.pop("window_cpu")}
    opened = times.pop("open", 0.0)
    return figures | {f"open_to_{name}_painted": at - opened for name, at in times.items()}


if __name__ == "__main__":
    main()
