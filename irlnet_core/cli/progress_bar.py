"""A progress bar for people at a terminal: one line that rewrites itself, and nothing where no one looks."""

from __future__ import annotations

import time
from typing import TextIO

_WIDTH = 24
_PAUSE = 0.1  # seconds between two drawings


class ProgressBar:
    """One line on ``stream``, drawn only when that is a terminal and ``quiet`` is off."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, unit: str = "tile") -> None:
        self._unit = unit
        self._stream = stream
        self._shown = stream.isatty() and not quiet
        self._length = 0
        self._label = ""
        self._begin = self._drawn = 0.0

    def start(self, label: str) -> None:
        """Begin a new count under ``label``."""
        self._label, self._begin, self._drawn = printable(label), time.monotonic(), 0.0

    def update(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` units are finished, and how long the rest will take."""
        now = time.monotonic()
        if not self._shown or (now - self._drawn < _PAUSE and done < total):
            return
        self._drawn = now
        left = (now - self._begin) * (total - done) / max(done, 1)
        bar = "#" * (_WIDTH * done // total)
        self._draw(
            f"{self._label}  [{bar:<{_WIDTH}}] {self._unit} {done}/{total}  {format_seconds(left)} left"
        )

    def clear(self) -> None:
        """Take the line off the screen, so that other text can be printed."""
        if self._length:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()

    def _draw(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = len(text)


def printable(text: str) -> str:
    """Return ``text`` with what a terminal would obey or hide as escapes: anybody may have named a file."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def format_seconds(seconds: float) -> str:
    """Return ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
