"""What the status bar says about the processor: the one really used, and a graphics card left idle."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

_NVIDIA = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True)
class DeviceUsed:
    """The processor of an analysis: torch's ``id``, the maker's ``name``, CPU ``threads``, ``idle`` cards."""

    id: str
    name: str
    threads: int
    idle: tuple[str, ...] = ()


def device_line(device: DeviceUsed | None) -> str:
    """Return one line for the status bar; without a device none has been needed yet."""
    tr = QCoreApplication.translate
    if device is None:
        return tr("Device", "Device: not chosen yet")
    if device.id != "cpu":
        return tr("Device", "{id}: {name}").format(id=device.id.upper(), name=device.name)
    words = tr("Device", "CPU: {name}, 1 thread") if device.threads == 1 else ""
    words = words or tr("Device", "CPU: {name}, {threads} threads")
    line = words.format(name=device.name, threads=device.threads)
    if device.idle:
        line += " — " + tr("Device", "not used: {cards}").format(cards=", ".join(device.idle))
    return line


def find_cards(folder: Path = _NVIDIA) -> tuple[str, ...]:
    """Return the NVIDIA cards that the driver knows, without torch: it also tells of those torch can't use.

    Only Linux says it in a file; elsewhere the answer is empty.
    """
    if platform.system() != "Linux":
        return ()
    names = []
    for path in sorted(folder.glob("*/information")):
        try:
            lines = path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        names += [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
    return tuple(names)
