"""The program ``irlgui``: reads its arguments, then opens the window on them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from irlgui.startup import torch_library
from irlgui.startup.arguments import parse_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window with ``argv`` (default: the process's own arguments) and return its exit code."""
    arguments = parse_arguments(argv)
    torch_library.preload()
    gc.disable()  # nothing that is imported becomes garbage, and looking for some takes a tenth of the start
    try:
        from irlgui.startup.application import run
    finally:
        gc.enable()
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
