"""Checking a record or a case off the GUI thread; the open case is checked by the thread that has it open."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from irlgui.jobs.case_thread import Ask
from irlnet_core.case.audit import ChainHead
from irlnet_core.case.package_check import Check
from irlnet_core.inference.check_record import Asked, Checked, check_case_file, check_open_case, check_record
from irlnet_core.progress import Event, Progress


@dataclass(frozen=True)
class VerifyRequest:
    """What is to be checked. ``ask`` reads from the open case, where ``path`` is that one."""

    path: Path
    case: bool
    asked: Asked
    printed: ChainHead | None = None
    ask: Ask | None = None


def verify(request: VerifyRequest) -> Generator[Event, None, list[Check]]:
    """Yield :class:`Checked` for each check; return all. Raises what the checks raise."""
    yield Progress("reading", 0, 0)
    if not request.case:
        return (yield from check_record(request.path, request.asked))
    checks = _check_case(request)
    for check in checks:
        yield Checked(check)
    return checks


def _check_case(request: VerifyRequest) -> list[Check]:
    if request.ask is None:
        return check_case_file(request.path, request.printed)
    future = request.ask(lambda case: check_open_case(case, request.printed))
    try:
        checks: list[Check] = future.result() if future else []
    except CancelledError:  # the case was closed meanwhile
        return check_case_file(request.path, request.printed)
    return checks
