"""All files below a folder, sorted by what their extensions say; hidden ones and linked folders left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from irlnet_core.data.file_names import FOREIGN, PICTURES, FileName
from irlnet_core.data.pairs import Problem
from irlnet_core.errors import DataError
from irlnet_core.files import is_folder

_LISTS = (".csv", ".tsv")
_NOT_DATA = {"__macosx", "$recycle.bin", "system volume information"}


@dataclass
class FolderTree:
    """The files of a folder: pictures, CSV lists, JSON files, all others; and what could not be entered."""

    folder: Path
    pictures: list[FileName] = field(default_factory=list)
    lists: list[FileName] = field(default_factory=list)
    json: list[FileName] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, path: Path) -> None:
        """Put one file where its extension says."""
        suffix = path.suffix.lower()
        name = FileName(path, PurePosixPath(path.relative_to(self.folder).as_posix()))
        if suffix in PICTURES:
            self.pictures.append(name)
        elif suffix in _LISTS:
            self.lists.append(name)
        elif suffix == ".json":
            self.json.append(name)
        elif suffix in FOREIGN:
            cure = "Convert it without loss to PNG or TIFF."
            self.problems.append(Problem(path, f"is of a type ({suffix}) that is not read.", cure))
        else:
            self.ignored.append(path)


def read_tree(folder: Path) -> FolderTree:
    """Return the files below ``folder`` in an order that does not depend on the disk's.

    Raises :class:`DataError` where there is no such folder. Closed folders below it become problems.
    """
    folder = Path(folder)
    if not is_folder(folder):
        raise DataError("is not a folder that can be opened.", path=folder, cure="Check the path.")
    tree = FolderTree(folder)
    for path in sorted(_walk(folder, tree.problems), key=lambda p: (str(p).casefold(), str(p))):
        tree.take(path)
    return tree


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def closed(error: OSError) -> None:
        reason = f"cannot be searched ({error.strerror})."
        problems.append(Problem(Path(error.filename), reason, "Check its permissions."))

    for place, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".") and name.lower() not in _NOT_DATA]
        for name in names:
            path = Path(place, name)
            if not name.startswith(".") and _may_be_a_file(path):
                yield path


def _may_be_a_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a broken link, a closed folder: reading it will tell why
        return True
