"""The analysis record: every fact of one analysis as plain data, so that it can be checked and run again."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL
from PIL import features

from irlnet_core import __version__
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.performance import describe_performance
from irlnet_core.evidence.regions import Regions
from irlnet_core.files import write_json

SCHEMA_ID = "irlnet-analysis-record"
SCHEMA_VERSION = 1
_ESCAPE = re.compile(rb"\\x([89a-f][0-9a-f])")  # of a byte that is no UTF-8
_OPTIONAL = ("self_test", "audit")
_DECODERS = {"jpeg": "libjpeg_turbo", "zlib": "zlib", "tiff": "libtiff", "webp": "webp", "avif": "avif"}


@dataclass(frozen=True)
class Threshold:
    """The response from which a pixel is in the mask, and who set it (``model card``, ``--threshold``)."""

    value: float
    source: str


@dataclass(frozen=True)
class NotRun:
    """A check that did not run, and why: it is neither "found" nor "not found"."""

    check: str
    reason: str


@dataclass(frozen=True)
class AnalysisRecord:
    """One analysis of one picture; :meth:`as_dict` is version 1 of the published JSON form.

    ``evidence``, ``model``, ``environment`` and ``times`` come from the ``describe_`` functions of this
    module; ``tiles`` is the tile plan as plain data. ``self_test`` is the model's last self-test on this
    machine; ``audit`` is the length and head hash of the log that the record was written from.
    """

    evidence: dict[str, Any]
    model: dict[str, Any]
    environment: dict[str, Any]
    tiles: dict[str, Any]
    threshold: Threshold
    regions: Regions
    not_run: tuple[NotRun, ...]
    times: dict[str, Any]
    self_test: dict[str, Any] | None = None
    audit: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        data = {
            "schema": {"id": SCHEMA_ID, "version": SCHEMA_VERSION},
            "evidence": self.evidence,
            "model": self.model,
            "environment": self.environment,
            "tiles": self.tiles,
            "threshold": asdict(self.threshold),
            "performance": describe_performance(self.model["card"], self.threshold.value),
            "regions": self.regions.as_dict(),
            "not_run": [asdict(check) for check in self.not_run],
            "times": self.times,
        }
        extra = {name: getattr(self, name) for name in _OPTIONAL}
        return data | {name: value for name, value in extra.items() if value is not None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AnalysisRecord:
        """Return the record of :meth:`as_dict`.

        Raises ValueError for another schema, KeyError or TypeError for other data.
        """
        if data["schema"] != {"id": SCHEMA_ID, "version": SCHEMA_VERSION}:
            raise ValueError(f"{data['schema']} is not version {SCHEMA_VERSION} of {SCHEMA_ID}.")
        threshold = Threshold(**data["threshold"])
        pixels = data["evidence"]["width"] * data["evidence"]["height"]
        return cls(
            **{name: data[name] for name in ("evidence", "model", "environment", "tiles", "times")},
            threshold=threshold,
            regions=Regions.from_dict(data["regions"], threshold.value, pixels),
            not_run=tuple(NotRun(**check) for check in data["not_run"]),
            self_test=data.get("self_test"),
            audit=data.get("audit"),
        )

    def write(self, path: Path) -> None:
        """Write the record as JSON, atomically. Raises :class:`OutputError`."""
        write_json(path, self.as_dict())


def describe_evidence(image: SuspectImage) -> dict[str, Any]:
    """Return what pins the evidence down: names, sizes, hashes, kind, conversions and metadata."""
    facts = image.facts
    return {
        "file_name": _text(image.path.name),
        "path": _text(str(image.path.absolute())),
        "size_bytes": image.size_bytes,
        "modified": format_utc(image.modified),
        "sha256": image.sha256,
        "pixels_sha256": image.pixels_sha256,
        "type": facts.format,
        "width": facts.width,
        "height": facts.height,
        "mode": facts.mode,
        "bit_depth": facts.bit_depth,
        "orientation": facts.orientation,
        "conversions": list(facts.conversions),
        "not_analysed": list(facts.not_analysed),
        "notes": [_text(note) for note in facts.notes],
        "metadata": image.metadata.as_dict(),
    }


def recorded_place(evidence: Mapping[str, Any]) -> Path:
    """Return where a record says that its file was, its escapes undone where only such a file is there."""
    told = str(evidence["path"])
    raw = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), told.encode("utf-8"))
    undone = os.fsdecode(raw)
    return Path(undone if os.path.lexists(undone) and not os.path.lexists(told) else told)


def describe_model(name: str, weights_sha256: str, card: Mapping[str, Any]) -> dict[str, Any]:
    """Return which model answered: its name, the SHA-256 of its weights, and facts of its card."""
    return {"name": name, "weights_sha256": weights_sha256, "card": dict(card)}


def describe_environment(*, torch_version: str, device: str, precision: str, threads: int) -> dict[str, Any]:
    """Return what the analysis ran on: program, Python, libraries, decoders, device, precision, threads."""
    return {
        "program": {"name": "irlnet", "version": __version__, **_commit()},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "opencv": cv2.__version__,
            "torch": torch_version,
        },
        "decoders": {name: features.version(feature) or "unknown" for name, feature in _DECODERS.items()},
        "device": device,
        "precision": precision,
        "threads": threads,
    }


def describe_times(started: datetime, finished: datetime) -> dict[str, Any]:
    """Return both times in UTC and the seconds between them. The times must carry their zone.

    A clock that is set back meanwhile shows in the times; a duration below 0 would be none.
    """
    return {
        "started": format_utc(started),
        "finished": format_utc(finished),
        "seconds": max(0.0, round((finished - started).total_seconds(), 3)),
    }


def format_utc(time: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and ``Z``. Raises :class:`ValueError` without a time zone."""
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; use datetime.now(UTC).")
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def _commit() -> dict[str, str]:
    """Return the commit of the checkout that runs, where it is one; changes since then don't show."""
    folder = Path(__file__).resolve().parents[2] / ".git"
    try:
        head = (folder / "HEAD").read_text("ascii").strip()
        if head.startswith("ref: "):
            head = (folder / head.removeprefix("ref: ")).read_text("ascii").strip()
    except (OSError, ValueError):  # an installed program, or a form of checkout that is not looked into
        return {}
    return {"commit": head}


def _text(value: str) -> str:
    """Return a name in UTF-8: bytes of a file name that are not UTF-8 become backslash escapes."""
    return os.fsencode(value).decode("utf-8", "backslashreplace")
