"""What every test stands on: few threads, no screen, no network, and the same examples in every run."""

from __future__ import annotations

import os
import sys
from typing import Any

from hypothesis import settings
from pytestqt.qtbot import QtBot

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("irlnet", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("irlnet")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    # An address with a host is a tuple; a local socket's is a path.
    if event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        raise PermissionError(f"a test tried to use the network: {event} {arguments[1:]}")


sys.addaudithook(_refuse_the_network)

# What is waited for comes at once on a quiet machine; one that lends its cores to others may stall for long.
for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed, QtBot.waitActive):
    _wait.__kwdefaults__ = {**(_wait.__kwdefaults__ or {}), "timeout": 30_000}
