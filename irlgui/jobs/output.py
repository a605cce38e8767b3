"""Where the window may write: in no folder that holds a picture of its list or of its case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from irlnet_core.errors import OutputError
from irlnet_core.evidence.export import check_output


def check_place(folder: Path, evidence: Iterable[Path], *, path: Path | None = None) -> None:
    """Refuse a folder in or under one that holds one of these pictures, of which there may be 10,000.

    ``path`` is the file that was to be written there. It asks the disk about every link and folder: call it
    off the GUI thread. Raises :class:`OutputError`.
    """
    pictures = list(evidence)
    links = [picture for picture in pictures if picture.is_symlink()]  # their targets lie elsewhere
    one_a_folder = {picture.parent: picture for picture in pictures}
    try:
        check_output(folder, [*links, *one_a_folder.values()])
    except OutputError as error:
        raise OutputError(error.reason, path=path or folder, cure="Choose a folder elsewhere.") from error
