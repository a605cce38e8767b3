"""Forged pictures kept on disk and cut anew each time: forging costs more than learning from one crop."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.config import to_dict
from irlnet_core.data.dataset import Piece, PieceCrops, choose_window
from irlnet_core.data.photographs import Photograph
from irlnet_core.errors import DataError
from irlnet_core.forge.compose import Forge
from irlnet_core.model.traces import CHANNELS, PictureTraces

KEPT_NOTE = "forge.json"
_CURE = "Name another folder with --forged, or train with the recipe and photographs it was filled with."
_REFILL = "Fill another folder, by a training with its recipe."
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True)
class CachedCrops(PieceCrops):
    """Crops of a fixed number of forged pictures, which come round in another order each time.

    Item ``i`` is crop ``first + i``. Each time a picture comes round another square of it is cut, turned
    otherwise. What ``folder`` lacks is forged, and kept there with its traces; several processes may fill it
    together. A folder belongs to one forge, see :func:`bind_folder`; ``others`` are files that other forges
    keep, see :func:`find_kept`: these are read alone.
    """

    forge: Forge
    folder: Path
    pictures: int
    size: int
    length: int
    first: int = 0
    others: tuple[Path, ...] = ()

    def piece(self, index: int) -> Piece:
        """Return crop ``index`` in its surroundings, with the picture's traces."""
        number = self.first + index
        total = self.pictures + len(self.others)
        order = np.random.default_rng((self.forge.seed, number // total)).permutation(total)
        image, mask, traces = self.picture(int(order[number % total]))
        rng = np.random.default_rng((self.forge.seed, number, 1))
        way = int(rng.integers(8))
        return Piece(image, mask, *choose_window(mask, self.size, rng), self.size, way, traces)

    def picture(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float16]]:
        """Return a forged picture, its mask and its traces (float16), from the folders or made now.

        Raises :class:`DataError` for a damaged file, and for one of ``others`` that is gone.
        """
        own = number < self.pictures
        path = self.folder / f"{number:06d}.npz" if own else self.others[number - self.pictures]
        if not own or path.is_file():
            image, mask, traces = read_kept(path, "image", "mask", "traces")
            return image, mask, traces
        sample = self.forge.make(number, self.size)
        image = np.ascontiguousarray(sample.image)
        return image, sample.mask, keep_picture(path, image, sample.mask)


def keep_picture(path: Path, image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float16]:
    """Keep a picture and its mask as ``path`` (.npz) with its traces, and return these."""
    traces = PictureTraces().of_picture(image).numpy().astype(np.float16)
    data = io.BytesIO()
    np.savez(data, image=image, mask=mask, traces=traces)
    files.write_bytes(path, data.getvalue())
    return traces


def read_kept(path: Path, *parts: str) -> tuple[NDArray[Any], ...]:
    """Return these parts of a kept picture. Raises :class:`DataError` when it is damaged or gone."""
    try:
        with path.open("rb") as file, NpzFile(file) as kept:
            return tuple(kept[part] for part in parts)
    except FileNotFoundError as error:
        raise DataError(
            "is not there any more.", path=path, cure="Put it back, or start again without it."
        ) from error
    except _BROKEN as error:
        raise DataError(
            f"cannot be read as a kept picture ({error}).", path=path, cure="Delete it, and start again."
        ) from error


def list_kept(folder: Path) -> list[Path]:
    """Return the pictures that a folder keeps; those that are being written are hidden files, and not yet."""
    return sorted(path for path in folder.glob("*.npz") if not path.name.startswith("."))


def bind_folder(folder: Path, forge: Forge, size: int) -> None:
    """Note in ``folder`` whose pictures it keeps: the forge's recipe, seed, photographs, and the crop's size.

    Raises :class:`DataError` when it keeps another forge's: the card would tell a recipe not learned.
    """
    whose = {
        "forge": to_dict(forge.config),
        "seed": forge.seed,
        "size": size,
        "photographs_sha256": hash_photographs(forge.photographs),
        "traces": CHANNELS,
    }
    # Listed before the note is looked for: another process may write it, and pictures after it, meanwhile.
    held = folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    if (folder / KEPT_NOTE).is_file():
        if _parse_note(folder) != json.loads(json.dumps(whose)):
            raise DataError("keeps the pictures of another forge.", path=folder, cure=_CURE)
    elif held:
        raise DataError("holds files, but not the note of a forge.", path=folder, cure=_CURE)
    else:
        write_note(folder, whose)


def write_note(folder: Path, note: dict[str, Any]) -> None:
    """Note in ``folder`` whose pictures it keeps."""
    text = json.dumps(note, indent=2, sort_keys=True) + "\n"
    files.write_bytes(folder / KEPT_NOTE, text.encode())


def read_note(folder: Path, photographs_sha256: str = "") -> dict[str, Any]:
    """Return the note of a folder whose pictures can be learned from.

    Raises :class:`DataError` when there is none, when it is damaged, and when it tells of other photographs
    than those of :func:`hash_photographs`, if given, or of other traces than are measured today.
    """
    if not (folder / KEPT_NOTE).is_file():
        raise DataError("does not hold the note of a forge.", path=folder, cure=_CURE)
    note = _parse_note(folder)
    if note["photographs_sha256"] != (photographs_sha256 or note["photographs_sha256"]):
        raise DataError("keeps pictures of other photographs.", path=folder, cure=_CURE)
    if note.get("traces") != CHANNELS:
        raise DataError(
            "keeps pictures with other traces than are measured today.", path=folder, cure=_REFILL
        )
    return note


def _parse_note(folder: Path) -> dict[str, Any]:
    path = folder / KEPT_NOTE
    try:
        note: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return {"photographs_sha256": note["photographs_sha256"], **note}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"cannot be read as the note of a forge ({error}).", path=path, cure=_REFILL
        ) from error


def find_kept(folder: Path, forge: Forge, size: int) -> tuple[tuple[Path, ...], dict[str, Any]]:
    """Return the pictures that a folder keeps, and its note with their number: to be learned from as well.

    Those that are smaller than a crop of ``size`` pixels are left out. Raises :class:`DataError` when none is
    large enough, when it keeps other traces than are measured today, or some of other photographs than
    ``forge`` has: those could be held out.
    """
    note = read_note(folder, hash_photographs(forge.photographs))
    kept = tuple(path for path in list_kept(folder) if min(read_kept(path, "mask")[0].shape) >= size)
    if not kept:
        raise DataError(f"keeps no forged pictures of {size} pixels or more.", path=folder, cure=_CURE)
    whose = {key: value for key, value in note.items() if key not in ("photographs_sha256", "traces")}
    return kept, {"pictures": len(kept), **whose}


def hash_photographs(photographs: Sequence[Photograph]) -> str:
    """Return the SHA-256 by which a kept folder tells of which photographs it was made."""
    return files.sha256_of_bytes("".join(sorted(photo.credit()["sha256"] for photo in photographs)).encode())
