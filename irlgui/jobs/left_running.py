"""Threads that did not end in time: they are kept, because a QThread must not be destroyed while it runs."""

from __future__ import annotations

from PySide6.QtCore import QThread

_left: list[QThread] = []


def leave_running(thread: QThread) -> None:
    """Let a thread end by itself, whatever becomes of its owner."""
    thread.setParent(None)
    _left.append(thread)


def any_left_running() -> bool:
    """Tell whether one of them has not ended yet."""
    return any(thread.isRunning() for thread in _left)
