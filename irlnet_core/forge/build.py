"""A folder of forged pictures, the same from one seed: images/, masks/, originals/ and manifest.csv."""

from __future__ import annotations

import csv
import io
import multiprocessing
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from irlnet_core import files
from irlnet_core.errors import ConfigError, IrlnetError, OutputError
from irlnet_core.evidence.export import check_output, check_writable, write_png
from irlnet_core.forge.compose import Forge
from irlnet_core.progress import Event, Progress

_PARTS = ("images", "masks", "originals")
COLUMNS = ("file", "engine", "history", "finish", "hole_fraction", "sha256")


@dataclass(frozen=True)
class _Job:
    forge: Forge
    size: int
    output: Path

    def __call__(self, index: int) -> dict[str, Any]:
        sample = self.forge.make(index, self.size)
        name = f"{index:06d}.png"
        parts = sample.image, sample.mask.astype(np.uint8) * 255, sample.original
        for part, pixels in zip(_PARTS, parts, strict=True):
            with files.write_atomically(self.output / part / name) as temporary:
                write_png(temporary, pixels)
        sha256 = files.sha256_of_file(self.output / "images" / name)
        hole = f"{sample.mask.mean():.5f}"
        return dict(
            zip(COLUMNS, (name, sample.engine, sample.history, sample.finish, hole, sha256), strict=True)
        )


def build(
    forge: Forge, output: Path, count: int, *, size: int = 512, workers: int = 0
) -> Generator[Event, None, Path]:
    """Write ``count`` samples of ``size`` pixels square; yield progress, return the manifest's path.

    The result depends on the forge's seed only, not on ``workers`` (0 = this process). Raises
    :class:`OutputError` when the folder is not empty or holds or lies below the photographs' folder, and when
    the disk refuses, and :class:`ImageReadError` for a broken photograph: then the folder is empty again.
    """
    if count < 1 or size < 64:
        raise ConfigError("at least one picture of at least 64 pixels must be asked for.")
    output = Path(output)
    check_output(output, [photo.path for photo in forge.photographs])
    check_writable(output)
    if any(output.iterdir()):
        raise OutputError("is not empty.", path=output, cure="Choose a new folder with --output.")
    job, manifest, rows = _Job(forge, size, output), output / "manifest.csv", []
    try:
        for row in _run(job, count, workers):
            rows.append(row)
            yield Progress("forge", len(rows), count)
        files.write_bytes(manifest, _to_csv(rows).encode("utf-8"))
    except IrlnetError:
        for part in _PARTS:  # without its manifest the set is none, and would be in the way of another try
            shutil.rmtree(output / part, ignore_errors=True)
        raise
    return manifest


def _run(job: _Job, count: int, workers: int) -> Iterator[dict[str, Any]]:
    if workers < 1:
        yield from map(job, range(count))
        return
    with multiprocessing.get_context("spawn").Pool(workers, _calm) as pool:
        yield from pool.imap(job, range(count), chunksize=4)


def _calm() -> None:
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _to_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
