"""Results on the disk: four files a picture, whole or not at all, and never beside the evidence."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from irlnet_core.errors import OutputError
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.overlay import Mode, render_overlay
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.files import is_folder, is_inside, write_atomically

PACKAGE_SUFFIX = ".record.zip"  # what irlnet localize --record writes beside the four
_LEVEL, _RUN_LENGTHS = 1, 3  # zlib's Z_RLE: a third faster than its default on these maps, and no larger
_LONGEST_STEM = 120
_NOT_PORTABLE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Results:
    """Where the four results of one picture are."""

    probability: Path
    mask: Path
    overlay: Path
    record: Path

    @classmethod
    def at(cls, output: Path, stem: str) -> Results:
        return cls(
            probability=output / f"{stem}.probability.png",
            mask=output / f"{stem}.mask.png",
            overlay=output / f"{stem}.overlay.png",
            record=output / f"{stem}.json",
        )

    @property
    def paths(self) -> tuple[Path, ...]:
        return self.probability, self.mask, self.overlay, self.record


def write_results(
    output: Path,
    image: SuspectImage,
    localization: Localization,
    record: AnalysisRecord,
    *,
    mode: Mode = "heat",
    caption: Sequence[str] = (),
    outlines: Sequence[Outline] = (),
) -> Results:
    """Write the 16-bit probability, the 1-bit mask, the overlay and the record; return their paths.

    The same picture (SHA-256 of its file) replaces its own results; another one of the same name gets
    ``<stem>-<sha8>``. All four are written before the first is put in place, the record last: a failure
    leaves the former results. The analyst's ``outlines`` are drawn into the overlay only.
    Raises :class:`OutputError`; call :func:`check_output` once before a run.
    """
    with _claim(output, image) as stem, contextlib.ExitStack() as stack:
        results = Results.at(output, stem)
        # An exit stack unwinds backwards: entered first, the record is put in place last.
        places = [stack.enter_context(write_atomically(path)) for path in reversed(results.paths)]
        for_record, for_overlay, for_mask, for_probability = places
        write_png(for_probability, localization.probability16())
        write_png(for_mask, localization.mask(record.threshold.value))
        write_png(for_overlay, _overlay(image, localization, record, mode, caption, outlines))
        text = json.dumps(record.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        for_record.write_text(text + "\n", "utf-8", newline="\n")
    return results


def write_png(path: Path | BytesIO, pixels: NDArray[Any]) -> None:
    """Write pixels as PNG with fast compression: bool as 1 bit, uint16 as 16-bit grey, uint8 HxWx3 as RGB."""
    Image.fromarray(pixels).save(path, format="PNG", compress_level=_LEVEL, compress_type=_RUN_LENGTHS)


def check_output(output: Path, inputs: Iterable[Path], *, option: str = "--output") -> None:
    """Refuse an output folder in or under a folder that holds evidence; links are followed on both sides.

    ``inputs`` are files or folders. Raises :class:`OutputError` naming the ``option`` that chose ``output``.
    """
    folders = {folder for path in map(Path, inputs) for folder in _evidence_folders(path)}
    place = Path(os.path.realpath(output))  # not Path.resolve, which breaks off at a link to itself
    line = [place, *place.parents]
    identities = {identity for step in line if (identity := _identity(step))}
    for folder in sorted(folders):
        if is_inside(output, folder) or _identity(folder) in identities:
            raise OutputError(
                f"lies in or under {folder}, which holds evidence; nothing is ever written there.",
                path=output,
                cure=f"Name a folder elsewhere with {option}.",
            )


def check_writable(output: Path) -> None:
    """Make the output folder and try to write there, before hours are spent on what can't be kept.

    Raises :class:`OutputError` naming ``--output``.
    """
    _make_folder(output)
    try:
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise _not_writable(output, error) from error


def _evidence_folders(path: Path) -> list[Path]:
    """Return the folder that is named, or both folders of a file: the link's and the target's."""
    target = Path(os.path.realpath(path))
    if is_folder(path):
        return [target]
    return [Path(os.path.realpath(path.absolute().parent)), target.parent]


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, which see through bind mounts and letter case; None where nothing is yet."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status.st_ino else None


def _overlay(
    image: SuspectImage,
    localization: Localization,
    record: AnalysisRecord,
    mode: Mode,
    caption: Sequence[str],
    outlines: Sequence[Outline],
) -> NDArray[np.uint8]:
    return render_overlay(
        image.pixels,
        localization,
        record.threshold.value,
        mode=mode,
        regions=record.regions,
        caption=caption,
        outlines=outlines,
    )


@contextlib.contextmanager
def _claim(output: Path, image: SuspectImage) -> Iterator[str]:
    """Yield a stem that no other picture uses, and hold it while its results are written.

    A claim is a small hidden file made exclusively, so that two programs at work in one folder can't both
    take a stem. A claim left by a crash only makes the next picture of that name take the longer one.
    """
    _make_folder(output)
    for stem in _candidates(output, image):
        claim = output / f".irlnet-{stem}.claim"
        if not _take(claim, image.sha256):
            continue
        try:
            if _owner(output, stem) in (None, image.sha256):
                yield stem
                return
        finally:
            claim.unlink(missing_ok=True)
    raise OutputError(
        f"has no free name left for the results of {image.path.name}.",
        path=output,
        cure="Name an empty folder with --output.",
    )


def _candidates(output: Path, image: SuspectImage) -> list[str]:
    """Return the possible stems, those that already hold this picture's results first."""
    stem = safe_stem(image.path.stem)
    stems = [stem, *(f"{stem}-{image.sha256[:digits]}" for digits in (8, 16, 64))]
    return sorted(stems, key=lambda name: _owner(output, name) != image.sha256)


def safe_stem(stem: str) -> str:
    """Return a stem that every file system takes: no separators, control characters or reserved names."""
    stem = _NOT_PORTABLE.sub("_", stem).strip(" ").rstrip(".")[:_LONGEST_STEM]
    while len(stem.encode("utf-8")) > _LONGEST_STEM:
        stem = stem[:-1]
    if not stem or stem.startswith(".") or _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return stem


def _owner(output: Path, stem: str) -> str | None:
    """Return the SHA-256 of the picture that owns ``stem``, "" for foreign files, None for a free stem.

    A package that was left alone may be that of another picture: it is not written over.
    """
    results = Results.at(output, stem)
    if not any(os.path.lexists(path) for path in results.paths):
        return "" if os.path.lexists(output / f"{stem}{PACKAGE_SUFFIX}") else None
    try:
        owner = json.loads(results.record.read_bytes())["evidence"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return owner if isinstance(owner, str) else ""


def _take(claim: Path, sha256: str) -> bool:
    """Make the claim; one that is already there is ours only if it names this very picture."""
    try:
        with claim.open("x", encoding="ascii") as file:
            file.write(sha256)
        return True
    except FileExistsError:
        with contextlib.suppress(OSError):
            return claim.read_text("ascii", "replace") == sha256
        return False
    except OSError as error:
        raise _not_writable(claim.parent, error) from error


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(output, error) from error


def _not_writable(output: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot be written ({error.strerror or error}).",
        path=output,
        cure="Name another folder with --output.",
    )
