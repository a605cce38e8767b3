"""The program's own diary: one rotating file that holds no evidence pixels."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

import appdirs

NAME = "irlgui.log"


def log_folder() -> Path:
    """Return the folder of the log and of crash reports."""
    return Path(appdirs.user_log_dir("irlnet", appauthor=False))


def start_log(folder: Path | None = None) -> logging.Handler:
    """Write what this program logs into a file of at most 1 MB, keeping two old ones.

    A folder that can't be written is no reason to stop: then it goes to the terminal.
    """
    handler: logging.Handler
    try:
        place = folder or log_folder()
        place.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            place / NAME, maxBytes=1 << 20, backupCount=2, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    for name in ("irlgui", "irlnet_core", "qt"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.INFO)
    return handler


def stop_log(handler: logging.Handler) -> None:
    """Close the file again."""
    for name in ("irlgui", "irlnet_core", "qt"):
        logging.getLogger(name).removeHandler(handler)
    handler.close()
