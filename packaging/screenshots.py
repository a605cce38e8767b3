"""Make the pictures of the README from the real program, into ``resources/screenshots/``.

    .venv/bin/python packaging/screenshots.py [--model NAME_OR_DIR] [--output FOLDER] [--size 1440x900]

Runs without a screen (Qt's offscreen platform) in folders of its own: nothing of the user's shows. The
sample picture is analysed with the default model, or the one named; the same version gives the same pictures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irlgui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "resources" / "samples"


def main() -> int:
    """Make all pictures; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", help="the model to analyse with (default: as the program)")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "screenshots")
    parser.add_argument("--size", default="1440x900", help="of the window (default: %(default)s)")
    arguments = parser.parse_args()
    width, height = (int(side) for side in arguments.size.split("x"))
    from irlnet_core.model.locate import find_model

    model = str(find_model(arguments.model).resolve())  # while the user's own models can still be found
    with tempfile.TemporaryDirectory() as home:
        _isolate(Path(home))
        _photograph(Path(home), arguments.output, model, (width, height))
    return 0


def _isolate(home: Path) -> None:
    """Keep the user's settings and results out of the pictures; must come before Qt is loaded."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in ("DATA", "CACHE", "CONFIG", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())


def _photograph(home: Path, output: Path, model: str | None, size: tuple[int, int]) -> None:
    from irlgui.main_window import MainWindow
    from irlgui.settings import Settings
    from irlgui.startup.application import make_application
    from irlgui.views import theme

    app = make_application()
    theme.apply(app, "light")
    settings = Settings(home / "settings.ini")
    window = MainWindow(settings, model=model)
    window.resize(*size)
    window.show()

    def take(name: str) -> None:
        _wait(lambda: False, 0.7)
        output.mkdir(parents=True, exist_ok=True)
        window.grab().save(str(output / f"{name}.png"))
        print(output / f"{name}.png")

    take("start")
    pictures = home / "pictures"
    pictures.mkdir()
    for name in ("lake.png", "lake.original.jpg"):
        shutil.copy(SAMPLES / name, pictures)
    window.open_paths([pictures])
    _wait(lambda: len(window.desk.pictures.pictures) == 2 and window.desk.session.picture is not None, 20)
    window.desk.analyse([pictures / "lake.original.jpg", pictures / "lake.png"])
    _wait(lambda: all(p.state == "done" for p in window.desk.pictures.pictures), 600)
    window.desk.show(pictures / "lake.png")
    _wait(lambda: _is_shown(window, "lake.png"), 60)
    take("result-light")
    window.desk.session.set_compare("side")
    take("side-by-side")
    window.desk.session.set_compare("single")
    settings.set_value("look/theme", "dark")
    take("result-dark")
    window.resize(1280, 720)
    take("small")
    window.close()
    window.shutdown()


def _is_shown(window: MainWindow, name: str) -> bool:
    session = window.desk.session
    here = session.path is not None and session.path.name == name
    return here and session.analysis is not None and not window.desk.finder.busy


def _wait(done: Callable[[], bool], seconds: float) -> None:
    """Let the program work until something is done, or so long."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        QApplication.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
