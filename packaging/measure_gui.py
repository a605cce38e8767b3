"""Measure the window: seconds from the start of the process to the window on the screen.

    .venv/bin/python packaging/measure_gui.py [--runs N] [PICTURE]

Every run is a process of its own. Prints one line of JSON with the median and all values. A first run, which
also reads libraries from the disk, is told apart as ``cold`` only if the machine was just started.
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

# Runs in the measured process: ends as soon as the window's first paint is done.
_PROBE = """
import sys, time
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
    print(time.time(), flush=True)
    window.close()

from irlgui.__main__ import main
app = application.make_application()
QTimer.singleShot(0, look)
main(sys.argv[1:])
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", metavar="PICTURE")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    seconds = [round(measure_start(arguments.paths), 3) for _ in range(arguments.runs)]
    print(json.dumps({"start_to_window_seconds": {"median": statistics.median(seconds), "all": seconds}}))


def measure_start(paths: list[str]) -> float:
    """Return the seconds from starting a process to its painted window, in folders of its own."""
    with tempfile.TemporaryDirectory() as home:
        places = {f"XDG_{name}_HOME": home for name in ("DATA", "CACHE", "CONFIG", "STATE")}
        began = time.time()
        answer = subprocess.run(
            [sys.executable, "-c", _PROBE, *paths],
            env={**os.environ, **places},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(answer.stdout.split()[-1]) - began


if __name__ == "__main__":
    main()
