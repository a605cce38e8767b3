"""The one reader of pictures and masks, for training, analysis and report."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ImageReadError, naming
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS, ImageFacts, open_picture, pixels_of
from irlnet_core.evidence.metadata import Metadata, read_metadata
from irlnet_core.files import is_folder, sha256_of_bytes

EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "TIFF": (".tif", ".tiff"),
    "WebP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "AVIF": (".avif",),
    "GIF": (".gif",),
}
READ = tuple(extension for group in EXTENSIONS.values() for extension in group)
# Photographs of kinds that are not read: phones' own, what editors and archives keep, and camera raw.
_UNREAD = ".heic .heif .hif .jp2 .j2k .jxl .psd .xcf"
_RAW = ".dng .cr2 .cr3 .nef .nrw .arw .orf .raf .rw2 .pef .srw .3fr .iiq"
UNREAD = frozenset(f"{_UNREAD} {_RAW}".split())


@dataclass(frozen=True)
class SuspectImage:
    """A picture as evidence: its pixels, its facts and the hashes that pin both down.

    ``pixels`` is read-only uint8 HxWx3 RGB on the stored grid. ``sha256`` is of the file's bytes, from which
    the pixels were decoded; ``pixels_sha256`` is of :func:`hash_pixels`. ``modified`` is the file's time in
    UTC.
    """

    path: Path
    pixels: NDArray[np.uint8]
    facts: ImageFacts
    metadata: Metadata
    sha256: str
    pixels_sha256: str
    size_bytes: int
    modified: datetime


def read_image(path: Path | str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> SuspectImage:
    """Read a picture once, hash its bytes, and decode those very bytes.

    The first frame or page is analysed; the EXIF orientation is kept as a fact and never applied.
    Raises :class:`ImageReadError` naming the file, the reason and the cure.
    """
    path = Path(path)
    data, seconds = read_bytes(path)
    modified, time_notes = _tell_time(seconds)
    with naming(path):
        pixels, facts = pixels_of(data, max_pixels=max_pixels)
    pixels.flags.writeable = False
    return SuspectImage(
        path=path,
        pixels=pixels,
        facts=replace(facts, notes=(*facts.notes, *_note_extension(path, facts.format), *time_notes)),
        metadata=read_metadata(data),
        sha256=sha256_of_bytes(data),
        pixels_sha256=hash_pixels(pixels),
        size_bytes=len(data),
        modified=modified,
    )


def hash_pixels(pixels: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the ASCII text ``HEIGHTxWIDTHx3 uint8`` followed by the raw RGB bytes by row."""
    height, width, channels = pixels.shape
    digest = hashlib.sha256(f"{height}x{width}x{channels} uint8".encode("ascii"))
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def read_mask(
    path: Path | str, *, size: tuple[int, int] | None = None, max_pixels: int = DEFAULT_MAX_PIXELS
) -> NDArray[np.bool_]:
    """Read a ground-truth mask: True (white) = inpainted, bool HxW.

    Grey, palette, colour (brightest channel), 1 or 16 bit; the cut is at half of the type's range, except
    that a mask whose largest value is 1 counts every 1. ``size`` is the expected (height, width), as in
    ``pixels.shape``. Raises :class:`ImageReadError` where it cannot be read, has another size, or hides in an
    alpha channel.
    """
    path = Path(path)
    data, _ = read_bytes(path)
    with naming(path):
        levels, top = mask_levels(data, max_pixels=max_pixels)
    if size is not None and levels.shape != size:
        raise ImageReadError(
            f"is a mask of {levels.shape[1]}x{levels.shape[0]} pixels for a picture of {size[1]}x{size[0]}.",
            path=path,
            cure="Give the mask that belongs to this picture, unturned and unscaled.",
        )
    return levels > 0 if levels.max() <= 1 else levels > top // 2


def find_images(
    paths: Iterable[Path | str],
    *,
    recursive: bool = True,
    links: bool = False,
    unread: bool = False,
    refuse: Callable[[ImageReadError], None] | None = None,
) -> list[Path]:
    """Return files as given, and the pictures found in folders, in natural order and without duplicates.

    Folders are searched for known extensions (any letter case); hidden files and folders below them are
    skipped and linked folders are not followed. A broken link or a closed file with such a name is returned
    too: reading it tells why it can't be read. With ``unread`` so are photographs of kinds that are not read
    (HEIC, camera raw …): among evidence none may be passed over in silence. With ``links`` every name of one
    file counts. ``refuse`` is told of paths that are missing and folders that are closed, and the search goes
    on; without it the first of them is raised (:class:`ImageReadError`).
    """
    found: dict[str, Path] = {}
    wanted = frozenset(READ) | UNREAD if unread else frozenset(READ)
    for path in map(Path, paths):
        for image in _search(path, recursive, wanted, refuse or _raise):
            found.setdefault(str(image) if links else os.path.realpath(image), image)
    return list(found.values())


def _search(
    path: Path, recursive: bool, wanted: Set[str], refuse: Callable[[ImageReadError], None]
) -> list[Path]:
    if not is_folder(path):
        if _is_missing(path):
            refuse(ImageReadError("does not exist.", path=path, cure="Check the path."))
            return []
        return [path]
    found = _walk(path, recursive, wanted, refuse)
    return sorted(found, key=lambda one: _natural(str(one.relative_to(path))))


def _walk(
    folder: Path, recursive: bool, wanted: Set[str], refuse: Callable[[ImageReadError], None]
) -> Iterator[Path]:
    def closed(error: OSError) -> None:
        reason = f"cannot be searched ({error.strerror})."
        refuse(ImageReadError(reason, path=error.filename, cure="Check its permissions."))

    for place, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if path.suffix.lower() in wanted and _may_be_a_picture(path):
                yield path


def _may_be_a_picture(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a broken link, a closed folder: it must not be left out in silence
        return True


def _is_missing(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # closed, or no possible name: the reader says which
        return False
    return False


def _raise(error: ImageReadError) -> None:
    raise error


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", text)
    key = [(0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts]
    return [*key, (2, 0, text)]


def read_bytes(path: Path) -> tuple[bytes, float]:
    """Return a file's bytes and its time of change in seconds since 1970.

    Raises :class:`ImageReadError` naming the file.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "not a regular file"
            raise ImageReadError(f"is {kind}.", path=path, cure="Name a picture file.")
        with path.open("rb") as file:
            data = file.read()
            return data, os.fstat(file.fileno()).st_mtime
    except MemoryError as error:
        raise ImageReadError("does not fit into memory.", path=path, cure="Close other programs.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageReadError(
            f"cannot be read ({reason}).", path=path, cure="Check that it exists and that you may read it."
        ) from error


def _tell_time(seconds: float) -> tuple[datetime, tuple[str, ...]]:
    """Return a time in UTC; a damaged file system may tell one that no calendar holds, and a note says so."""
    try:
        return datetime.fromtimestamp(seconds, UTC), ()
    except (OverflowError, OSError, ValueError):
        nearest = datetime(9999, 12, 31, tzinfo=UTC) if seconds > 0 else datetime(1, 1, 1, tzinfo=UTC)
        told = f"the file system tells a time of change {seconds:,.0f} seconds from 1970, beyond any calendar"
        return nearest, (f"{told}: {nearest.date()} stands for it",)


def _note_extension(path: Path, kind: str) -> tuple[str, ...]:
    suffix = path.suffix.lower()
    if suffix in EXTENSIONS[kind]:
        return ()
    return (f"the content is {kind} although the extension is {suffix!r}",)


def mask_levels(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> tuple[NDArray[np.integer], int]:
    """Return a mask's values (HxW, brightest channel) and the largest value its type can hold, 255 or 65535.

    Raises :class:`ImageReadError` without a path.
    """
    pixels, facts = pixels_of(data, max_pixels=max_pixels)
    if facts.mode.startswith("I;16") and facts.bit_depth == 16:
        # The high byte alone would lose the 1 of a 0/1 mask.
        _, picture = open_picture(data)
        return np.asarray(picture), 65535
    levels = pixels.max(axis=2)
    if facts.mode in ("LA", "RGBA") and levels.size > 1 and levels.min() == levels.max():
        _refuse_alpha_mask(data)
    return levels, 255


def _refuse_alpha_mask(data: bytes) -> None:
    _, picture = open_picture(data)
    low, high = picture.getchannel("A").getextrema()
    if low != high:
        raise ImageReadError(
            "has one colour only and a shape in its alpha channel.", cure="Save the mask as white on black."
        )
