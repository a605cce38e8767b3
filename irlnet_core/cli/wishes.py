"""How a running training is told to stop: Ctrl-C, a stop file, or words on its standard input."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TextIO

WORDS = ("stop", "cancel", "pause")


class Wishes:
    """The last wish that was heard; ``current()`` may be asked as often as one likes, from any thread."""

    def __init__(self, stop_file: Path | None = None) -> None:
        self._stop_file = stop_file
        self._word = ""

    def hear(self, word: str) -> None:
        """Take a word in; what is none of :data:`WORDS` is passed over."""
        if word in WORDS:
            self._word = word

    def current(self) -> str:
        """Return "stop", "cancel", "pause" or "" (go on)."""
        if not self._word and self._stop_file is not None and self._stop_file.exists():
            self._word = "stop"
        return self._word


@contextlib.contextmanager
def listen_for_wishes(*, control: str | None = None, stop_file: Path | None = None) -> Iterator[Wishes]:
    """Yield the wishes of this process while it trains.

    The first SIGINT or SIGTERM means stop, a second SIGINT interrupts at once. ``control`` "stdin" takes one
    word a line from there; its end (the program that started us is gone) means pause.
    """
    wishes = Wishes(stop_file)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        wishes.hear("stop")

    caught = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, on_signal) for number in caught}
    if control == "stdin":
        threading.Thread(target=_listen, args=(sys.stdin, wishes), name="wishes", daemon=True).start()
    try:
        yield wishes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(stream: TextIO, wishes: Wishes) -> None:
    for line in stream:
        wishes.hear(line.strip())
    if not wishes.current():
        wishes.hear("pause")
