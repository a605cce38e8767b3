"""Which processor computes, and what it is called: the only place that asks torch about devices."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.errors import DeviceError


@dataclass(frozen=True)
class Device:
    """A processor that is there: ``id`` as torch spells it (``cpu``, ``cuda:0``), its maker's ``name``."""

    id: str
    name: str

    def __str__(self) -> str:
        """Return what records call it; a self-test counts for the same words only."""
        return f"{self.id} ({self.name})"


def choose_device(wanted: str = "auto") -> Device:
    """Return the device for ``auto`` (the first CUDA device, else the CPU), ``cpu``, ``cuda`` or ``cuda:N``.

    Raises :class:`DeviceError` for another word and for a CUDA device that is not there. Loads torch.
    """
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "cpu" or (wanted == "auto" and not count):
        return Device("cpu", _cpu_name())
    number = _cuda_number(wanted)
    if number >= count:
        seen = f"{count} CUDA device(s)" if count else "no CUDA device"
        raise DeviceError(
            f"The device {wanted!r} is not there: PyTorch {torch.__version__} sees {seen}.",
            cure="Choose the device cpu or auto, or install a CUDA driver and a CUDA build of PyTorch.",
        )
    return Device(f"cuda:{number}", torch.cuda.get_device_name(number))


def _cuda_number(wanted: str) -> int:
    kind, _, number = ("cuda" if wanted == "auto" else wanted).partition(":")
    if kind != "cuda" or not (number or "0").isdecimal():
        raise DeviceError(f"There is no device called {wanted!r}.", cure="Choose auto, cpu, cuda or cuda:N.")
    return int(number or "0")


def _cpu_name() -> str:
    """Return the CPU's model name; platform.processor() is empty or just 'x86_64' on most Linux systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine() or "CPU"


def peak_memory_bytes() -> int | None:
    """Return the most memory that this process ever held; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
