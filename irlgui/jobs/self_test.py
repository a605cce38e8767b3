"""The self-test as a job: the model is loaded, its golden vectors are computed, the outcome is kept."""

from __future__ import annotations

from collections.abc import Generator

from irlgui.jobs.torch_libraries import load_libraries
from irlnet_core.inference.self_test import SelfTest, keep_self_test, run_self_test
from irlnet_core.progress import Event, Progress


def check_model(model: str | None, device: str) -> Generator[Event, None, SelfTest]:
    """Test a model here. Raises :class:`ModelError`, :class:`DeviceError`, :class:`OutputError`."""
    yield Progress("loading", 0, 0)
    load_libraries()
    from irlnet_core.inference.localizer import Localizer

    yield Progress("loading", 0, 0)
    localizer = Localizer(model, device=device)
    yield Progress("computing", 0, 0)
    outcome = run_self_test(localizer)
    keep_self_test(outcome)
    return outcome
