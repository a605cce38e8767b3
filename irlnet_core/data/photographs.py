"""Pristine photographs to forge from: found in a folder, grouped by scene, read once and kept in memory.

A ``manifest.csv`` in the folder is used when it is there: columns ``file``, and optionally ``split``,
``group``, ``licence``, ``author``, ``source``. Photographs of one group (one scene, one camera file) never
stand on both sides of a split; without a manifest each file is a group of its own.
"""

from __future__ import annotations

import csv
import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from irlnet_core.data.pair_by_list import read_cells
from irlnet_core.errors import DataError, naming
from irlnet_core.evidence.decode import pixels_of
from irlnet_core.evidence.image import find_images, read_bytes
from irlnet_core.files import sha256_of_file
from irlnet_core.forge.engine import Image
from irlnet_core.forge.jpeg import JpegHistory, read_history

_KEPT_BYTES = 2 << 30  # decoded photographs held in memory by each process
_kept: OrderedDict[Path, tuple[Image, JpegHistory | None]] = OrderedDict()


@dataclass(frozen=True)
class Photograph:
    """One pristine picture: where it is, which scene it shows, and who made it under which licence."""

    path: Path
    group: str
    split: str = ""
    licence: str = ""
    author: str = ""
    source: str = ""

    def read(self) -> tuple[Image, JpegHistory | None]:
        """Return the pixels (read-only) and the JPEG history."""
        return read_photograph(self.path)

    def credit(self) -> dict[str, str]:
        """Return the row of ``photos.csv``: file name, group, licence, author, source, the file's SHA-256."""
        row = {**asdict(self), "file": self.path.name, "sha256": sha256_of_file(self.path)}
        return {key: str(row[key]) for key in ("file", "group", "licence", "author", "source", "sha256")}


def find_photographs(folder: Path, *, split: str = "", without: Collection[str] = ()) -> list[Photograph]:
    """Return the photographs of a folder, in a stable order; ``split`` keeps only the manifest's rows of it.

    A manifest that names no split at all is of every one. ``without`` are SHA-256 sums of files that are left
    out: evidence, which no net may learn.

    Raises :class:`DataError` when there are none, or when a manifest lacks the column ``file`` or names a
    missing one.
    """
    manifest = Path(folder) / "manifest.csv"
    found = _from_manifest(manifest) if manifest.is_file() else _from_files(Path(folder))
    told = bool(split) and any(photo.split for photo in found)
    chosen = [photo for photo in found if not told or photo.split == split]
    if without:
        chosen = [photo for photo in chosen if _hash_or_nothing(photo.path) not in without]
    if not chosen:
        raise DataError(
            "holds no usable photographs" + (f" of the split {split!r}." if split else "."),
            path=folder,
            cure="Name a folder with JPEG, PNG, TIFF or WebP files.",
        )
    return sorted(chosen, key=lambda photo: photo.path.name)


def _hash_or_nothing(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:  # who reads the picture tells it
        return ""


def split_groups(
    photographs: list[Photograph], share: float, seed: int = 0
) -> tuple[list[Photograph], list[Photograph]]:
    """Split by group into (kept, held out); about ``share`` of the groups, at least one, is held out.

    Which side a group falls on depends on its name and the seed only, so adding photographs moves none, but
    for the one that a side would lack else. Raises :class:`DataError` for fewer than two groups.
    """
    rank = {photo.group: _hash_share(photo.group, seed) for photo in photographs}
    if len(rank) < 2:
        raise DataError("photographs of at least two different scenes are needed to hold some out.")
    ranks = sorted(rank.values())
    limit = min(max(share, ranks[0]), ranks[-2])
    held = [photo for photo in photographs if rank[photo.group] <= limit]
    kept = [photo for photo in photographs if rank[photo.group] > limit]
    return kept, held


def read_photograph(path: Path) -> tuple[Image, JpegHistory | None]:
    """Return a photograph's pixels (read-only) and its JPEG history; the last ones read stay in memory.

    Raises :class:`ImageReadError` naming the file.
    """
    if path not in _kept:
        _kept[path] = _read(path)
        while sum(pixels.nbytes for pixels, _ in _kept.values()) > _KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    _kept.move_to_end(path)
    return _kept[path]


def _read(path: Path) -> tuple[Image, JpegHistory | None]:
    data, _ = read_bytes(path)
    with naming(path):
        pixels, _ = pixels_of(data)
    pixels.flags.writeable = False
    return pixels, read_history(data)


def _from_manifest(manifest: Path) -> list[Photograph]:
    try:
        head, *lines = read_cells(manifest) or [["file"]]
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(
            f"cannot be read as CSV ({error}).", path=manifest, cure="Save it as UTF-8."
        ) from error
    if "file" not in head:
        raise DataError("has no column 'file'.", path=manifest)
    photographs = []
    for number, cells in enumerate(lines, 2):
        if not any(cells):
            continue
        row = dict(zip(head, cells, strict=False))
        if not row.get("file"):
            cure = "Name a file there, or remove the line."
            raise DataError(f"names no file in line {number}.", path=manifest, cure=cure)
        path = manifest.parent / row["file"]
        if not path.is_file():
            raise DataError(
                "is named by the manifest but is not there.", path=path, cure="Correct manifest.csv."
            )
        known = {key: row.get(key) or "" for key in ("split", "licence", "author", "source")}
        photographs.append(Photograph(path, row.get("group") or path.stem, **known))
    return photographs


def _from_files(folder: Path) -> list[Photograph]:
    return [Photograph(path, str(path.relative_to(folder))) for path in find_images([folder])]


def _hash_share(group: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def cut(pixels: Image, size: tuple[int, int], rng: np.random.Generator) -> tuple[Image, tuple[int, int]]:
    """Return a random crop of ``size`` (rows, columns) and its offset, as a rule off the 8-pixel grid."""
    top = int(rng.integers(0, pixels.shape[0] - size[0] + 1))
    left = int(rng.integers(0, pixels.shape[1] - size[1] + 1))
    return pixels[top : top + size[0], left : left + size[1]], (top, left)
