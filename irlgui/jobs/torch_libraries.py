"""Loading torch's large libraries without stopping the window.

Python's import loads them while it holds the interpreter's lock, which takes up to seconds from a cold disk,
and for so long the window's thread can do nothing. A foreign call gives the lock away: the libraries are
loaded by the system's own ``dlopen`` first, and the import afterwards finds them there (measured on a warm
disk: longest stall 0.3 s before, 0.1 s after). Where that is not possible nothing is lost but smoothness.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import sys
from pathlib import Path

_LIBRARIES = {"Linux": ("libtorch.so", "libtorch_cpu.so"), "Darwin": ("libtorch.dylib", "libtorch_cpu.dylib")}


def load_libraries() -> None:
    """Load torch's libraries while other threads go on; do nothing where torch is loaded already."""
    names = _LIBRARIES.get(platform.system(), ())
    if "torch" in sys.modules or not names:
        return
    spec = importlib.util.find_spec("torch")
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for name in names:
            dlopen(os.fsencode(Path(place) / "lib" / name), os.RTLD_LAZY | os.RTLD_LOCAL)
