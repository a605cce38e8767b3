"""Errors that a user can act on: each names the thing, the reason and the cure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class IrlnetError(Exception):
    """An expected failure, worded for the person at the screen.

    ``reason`` says what went wrong, ``path`` which file it concerns (if any), ``cure`` what to do next.
    ``str(error)`` joins the three into one line.
    """

    def __init__(self, reason: str, *, path: Path | str | None = None, cure: str = "") -> None:
        self.reason = reason
        self.path = Path(path) if path is not None else None
        self.cure = cure
        place = f"{self.path}: " if self.path is not None else ""
        super().__init__(f"{place}{reason}" + (f" {cure}" if cure else ""))

    def __reduce__(self) -> tuple[Any, ...]:
        # From a worker it comes back as it is: Python would call a subclass with the message alone.
        return _restore, (type(self), self.args), self.__dict__


def _restore(kind: type[IrlnetError], args: tuple[Any, ...]) -> IrlnetError:
    return kind.__new__(kind, *args)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error that names no file name ``path``."""
    try:
        yield
    except IrlnetError as error:
        if error.path is not None:
            raise
        raise type(error)(error.reason, path=path, cure=error.cure) from error


class ImageReadError(IrlnetError):
    """A picture or mask could not be decoded."""


class ModelError(IrlnetError):
    """A model folder or weight file is missing, cut, altered or foreign."""


class ConfigError(IrlnetError):
    """A configuration names an unknown key or an impossible value."""


class DataError(IrlnetError):
    """A data folder holds nothing usable, or its parts contradict each other."""


class OutputError(IrlnetError):
    """A result could not be written, or may not be written there."""


class DeviceError(IrlnetError):
    """The asked-for device is missing or ran out of memory."""


class Interrupted(IrlnetError):
    """The work was asked to stop; nothing is wrong."""
