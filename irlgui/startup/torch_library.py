"""A cure for Windows: from torch 2.9 on, its ``c10.dll`` fails to load once Qt's libraries are there.

Loading that one library by its path before the first PySide6 import avoids it, and costs no import of torch:
the package's place is asked for, but nothing in it is run. On other systems nothing happens.
Written from torch's and PySide's reports; it cannot be tried on Linux, where this program is developed.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import platform
from pathlib import Path


def preload() -> None:
    """Load torch's base library on Windows; quietly do nothing where there is none."""
    if platform.system() != "Windows":
        return
    spec = importlib.util.find_spec("torch")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        library = Path(place) / "lib" / "c10.dll"
        with contextlib.suppress(OSError):  # torch itself will say why, when it is needed
            ctypes.CDLL(str(library))
