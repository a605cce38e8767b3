from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import (
    AnalysisRecord,
    NotRun,
    Threshold,
    describe_environment,
    describe_evidence,
    describe_model,
    describe_times,
)
from irlnet_core.evidence.regions import find_regions

RecordOf = Callable[..., AnalysisRecord]
PhotoAt = Callable[..., Path]


@pytest.fixture
def photo_at() -> PhotoAt:
    """Write a small photograph-like picture; another ``seed`` is another picture."""

    def write(path: Path, *, seed: int = 0, size: tuple[int, int] = (120, 90)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (size[1] // 6, size[0] // 6, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(path)
        return path

    return write


@pytest.fixture
def blob_map() -> Localization:
    """A map of 90x120 with one disc of high response and one speck."""
    rows, columns = np.mgrid[0:90, 0:120]
    disc = 0.9 * np.exp(-(((rows - 40) / 15.0) ** 2 + ((columns - 50) / 20.0) ** 2))
    disc[80:83, 100:103] = 0.95
    return Localization(disc.astype(np.float32))


@pytest.fixture
def record_of() -> RecordOf:
    """Make the record of one analysis, as the command line does."""

    def make(image: SuspectImage, localization: Localization, *, threshold: float = 0.5) -> AnalysisRecord:
        started = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
        return AnalysisRecord(
            evidence=describe_evidence(image),
            model=describe_model("tiny", "0" * 64, {"licence": "Apache-2.0"}),
            environment=describe_environment(
                torch_version="2.0", device="cpu", precision="float32", threads=1
            ),
            tiles={"size": 256, "overlap": 64, "count": 1},
            threshold=Threshold(threshold, "--threshold"),
            regions=find_regions(localization, threshold),
            not_run=(NotRun("C2PA", "the c2pa library is not installed"),),
            times=describe_times(started, started.replace(second=7)),
        )

    return make


def tiff_of(planes: NDArray[Any], *, bits: int = 16, packed: bool = False, orientation: int = 1) -> bytes:
    """Write a TIFF with separate colour planes (3xHxW) by hand: no library at hand writes one."""
    _, height, width = planes.shape
    strips = [plane.astype("<u2" if bits == 16 else "u1").tobytes() for plane in planes]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    starts = [8 + sum(map(len, strips[:n])) for n in range(4)]
    body = b"".join(strips)
    body += b"\0" * (len(body) % 2)
    tags = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * 3), (259, 3, [8 if packed else 1])]
    tags += [(262, 3, [2]), (273, 4, starts[:3]), (274, 3, [orientation]), (277, 3, [3]), (278, 4, [height])]
    tags += [(279, 4, [len(strip) for strip in strips]), (284, 3, [2])]
    directory, extra, extra_at = b"", b"", 8 + len(body) + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        field = struct.pack("<" + ("I" if kind == 4 else "H") * len(values), *values)
        if len(field) > 4:
            field, extra = struct.pack("<I", extra_at + len(extra)), extra + field + b"\0" * (len(field) % 2)
        directory += struct.pack("<HHI", tag, kind, len(values)) + field.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<I", 8 + len(body))
    return head + body + struct.pack("<H", len(tags)) + directory + b"\0\0\0\0" + extra
