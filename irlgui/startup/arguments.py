"""The command line of the window, read before Qt is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from irlnet_core import __version__


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return ``paths`` (list of Path), ``analyse`` (bool) and ``model`` (a name, a folder or None).

    Ends the program for ``--help``, ``--version`` (0) and wrong usage (2).
    """
    parser = argparse.ArgumentParser(
        prog="irlgui", description="The window of IRL-Net: find the inpainted regions of photographs."
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="pictures and folders to open")
    parser.add_argument("--analyse", action="store_true", help="analyse the first picture at once")
    parser.add_argument("--model", metavar="NAME_OR_DIR", help="the model to begin with")
    parser.add_argument("--version", action="version", version=f"irlgui {__version__}")
    return parser.parse_args(argv)
