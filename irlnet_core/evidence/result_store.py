"""Finished analyses kept on the disk, so that a picture that is opened again shows its result at once.

One file an entry: a line that names the format, a line with the SHA-256 of all that follows, a line of JSON
(the key and the analysis record), and the map as a 16-bit PNG. An entry that is cut, altered or of another
kind is dropped. The map comes back to 16 bits, which is the form that is published: every mask is the same.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from irlnet_core import __version__, files
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.export import write_png
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord

_MAGIC = b"irlnet-kept-result 1"
_SUFFIX = ".result"


@dataclass(frozen=True)
class ResultKey:
    """What makes two analyses the same: the picture's bytes, the model's weights, parameters, the program."""

    image_sha256: str
    model_sha256: str
    tile: int
    overlap: int
    precision: str = "float32"
    area: Area | None = None
    program: str = __version__

    def digest(self) -> str:
        """Return the SHA-256 of the key as sorted JSON."""
        return files.sha256_of_bytes(json.dumps(asdict(self), sort_keys=True).encode("utf-8"))


def key_of(record: AnalysisRecord) -> ResultKey:
    """Return the key of a finished analysis, as :class:`ResultKey` tells it before one is made."""
    card, area = record.model["card"], record.tiles["area"]
    return ResultKey(
        image_sha256=record.evidence["sha256"],
        model_sha256=record.model["weights_sha256"],
        tile=card["tile"],
        overlap=card["overlap"],
        precision=record.environment["precision"],
        area=Area(**area) if area else None,
        program=record.environment["program"]["version"],
    )


@dataclass(frozen=True, eq=False)
class KeptResult:
    """An analysis as it came back from the disk."""

    localization: Localization
    record: AnalysisRecord


class ResultStore:
    """A folder of finished analyses that never grows beyond ``cap_bytes``: the longest unused go first.

    Several programs may use one folder at a time.
    """

    def __init__(self, folder: Path, cap_bytes: int = 2 << 30) -> None:
        self.folder = Path(folder)
        self.cap_bytes = cap_bytes

    def load(self, key: ResultKey) -> KeptResult | None:
        """Return the result kept under ``key``, None when there is none; a damaged one is dropped."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        try:
            result = _unpack(data, key)
        except (ValueError, KeyError, TypeError, OSError, SyntaxError, RecursionError):
            self._drop(path)
            return None
        with contextlib.suppress(OSError):  # only the order of eviction is lost
            os.utime(path)
        return result

    def save(self, key: ResultKey, localization: Localization, record: AnalysisRecord) -> None:
        """Keep a result and drop the longest unused ones beyond the cap. Raises :class:`OutputError`."""
        data = _pack(key, localization, record)
        if len(data) > self.cap_bytes:
            return
        files.write_bytes(self._path(key), data)
        self._shrink(keep=self._path(key))

    def remove(self, key: ResultKey) -> None:
        """Forget one result."""
        self._drop(self._path(key))

    def clear(self) -> None:
        """Forget all results."""
        for path in self._entries():
            self._drop(path)

    def size(self) -> int:
        """Return the bytes that all entries take."""
        return sum(size for _, size, _ in self._by_age())

    def _path(self, key: ResultKey) -> Path:
        digest = key.digest()
        return self.folder / digest[:2] / f"{digest}{_SUFFIX}"

    def _entries(self) -> list[Path]:
        return list(self.folder.glob(f"*/*{_SUFFIX}"))

    def _by_age(self) -> list[tuple[float, int, Path]]:
        """Return (time of last use, bytes, path) of all entries, the longest unused first."""
        found = []
        for path in self._entries():
            with contextlib.suppress(FileNotFoundError):  # another program dropped it
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def _shrink(self, keep: Path) -> None:
        entries = self._by_age()
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self.cap_bytes:
                return
            if path != keep:
                self._drop(path)
                total -= size

    @staticmethod
    def _drop(path: Path) -> None:
        with contextlib.suppress(OSError):  # it can't be loaded or counted wrongly, only take room
            path.unlink()


def _pack(key: ResultKey, localization: Localization, record: AnalysisRecord) -> bytes:
    png = io.BytesIO()
    write_png(png, localization.probability16())
    head = json.dumps({"key": asdict(key), "record": record.as_dict()}, allow_nan=False)
    body = head.encode("utf-8") + b"\n" + png.getbuffer()
    return b"\n".join([_MAGIC, files.sha256_of_bytes(body).encode("ascii"), body])


def _unpack(data: bytes, key: ResultKey) -> KeptResult:
    magic, _, rest = data.partition(b"\n")
    digest, _, body = rest.partition(b"\n")
    if magic != _MAGIC or digest.decode("ascii") != files.sha256_of_bytes(body):
        raise ValueError("the entry is cut, altered or foreign")
    head, _, png = body.partition(b"\n")
    found: dict[str, Any] = json.loads(head)
    if found["key"] != asdict(key):
        raise ValueError("the entry belongs to another analysis")
    values = np.asarray(_open(png)).astype(np.uint16, copy=False)
    record = AnalysisRecord.from_dict(found["record"])
    return KeptResult(Localization.from_probability16(values, key.area), record)


def _open(png: bytes) -> Image.Image:
    """Open our own PNG by its class: Image.open would refuse large pictures as bombs."""
    picture = PngImageFile(io.BytesIO(png))
    picture.load()
    return picture
