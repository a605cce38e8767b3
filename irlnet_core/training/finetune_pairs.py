"""The pairs of a fine-tuning as its run has them frozen, and the pairs of any other folder. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irlnet_core.data.data_sets import CheckOptions, check_folders, place_sets
from irlnet_core.data.frozen_set import read_frozen_set
from irlnet_core.data.pairs import Pair
from irlnet_core.errors import DataError
from irlnet_core.progress import finish
from irlnet_core.training.finetune_run_folder import RunFolder


@dataclass(frozen=True)
class CasePairs:
    """What to learn from and what is held out, of other sources; ``sha256`` of each frozen set."""

    training: list[Pair]
    validation: list[Pair]
    sha256: list[str]


def read_pairs_of(run: RunFolder, folders: Sequence[Path]) -> CasePairs:
    """Return the pairs that the run's frozen sets name. Raises :class:`DataError` for a damaged one."""
    places = place_sets(run.path, len(folders))
    sets = [read_frozen_set(place, folder) for place, folder in zip(places, folders, strict=True)]
    training = [pair for part in sets for pair in part.train]
    validation = [pair for part in sets for pair in part.validation]
    return CasePairs(training, validation, [part.sha256 for part in sets])


def pairs_in(folder: Path) -> list[Pair]:
    """Return the usable pairs of a folder. Raises :class:`DataError` when there is none."""
    usable = finish(check_folders([folder], CheckOptions()))[0].usable
    if not usable:
        raise DataError("holds no usable pair.", path=folder, cure="irlnet train --data … --check tells why.")
    return [replace(row.pair, source=row.group) for row in usable]
