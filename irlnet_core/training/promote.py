"""Keep a fine-tuned model: out of its run's folder, into the user's models. Torch-free."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from irlnet_core import files
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.model.archive import check_name, parts_of, refuse_taken, verify_files
from irlnet_core.model.card import CARD_NAME, read_card
from irlnet_core.model.model_library import refuse_worse


def keep_model(
    run: Path,
    home: Path,
    name: str,
    *,
    notes: str = "",
    accept_worse: bool = False,
    taken: Collection[str] = (),
) -> Path:
    """Copy a run's model, with curves, previews and comparison, to ``home`` as ``name``; return the folder.

    The run stays as it is. ``taken`` are names of models elsewhere, which would hide it. Raises
    :class:`ModelError` for a damaged model and for one that was found worse than its base unless
    ``accept_worse``, :class:`OutputError` when the name is taken or the disk refuses.
    """
    run, target = Path(run), Path(home) / check_name(name)
    if problems := verify_files(run):
        raise ModelError(problems[0], path=run)
    card = read_card(run)
    refuse_worse(card, run, accept_worse=accept_worse)
    refuse_taken(target, taken)
    words = " ".join(part for part in (card.notes, notes.strip()) if part)
    card = dataclasses.replace(card, name=name, notes=words)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".keep-", dir=home) as folder:
            work = Path(folder) / name
            for path in parts_of(run):
                place = work / path.relative_to(run)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
            files.write_bytes(work / CARD_NAME, card.to_json().encode("utf-8"))
            work.rename(target)
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})."
        raise OutputError(reason, path=target, cure="Free some space or choose another folder.") from error
    return target
