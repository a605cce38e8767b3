"""Where a training run's samples come from: photographs that are forged on the fly, or a folder of pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from irlnet_core.config import Config
from irlnet_core.data.dataset import ForgedCrops, PairCrops, Pieces, collect
from irlnet_core.data.forged_cache import CachedCrops, bind_folder, find_kept
from irlnet_core.data.frozen_set import FrozenSet
from irlnet_core.data.photographs import Photograph, find_photographs, split_groups
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.model.photo_list import given_photos, photos_csv
from irlnet_core.training.engine import TrainingData

_HELD_OUT = 0.1
_VALIDATION_SEED = 1_000_003


def split_photographs(
    folder: Path, without: Collection[str] = ()
) -> tuple[list[Photograph], list[Photograph]]:
    """Return the photographs of a folder that training learns from, and those that it holds out, by scene."""
    return split_groups(find_photographs(folder, split="train", without=without), _HELD_OUT)


def forged_from_photographs(
    folder: Path, config: Config, forged: Sequence[Path] = (), without: Collection[str] = ()
) -> TrainingData:
    """Forge training samples from the photographs of a folder; a tenth of its scenes is kept for validation.

    Only rows of the split "train" are used when the folder's manifest names splits. A recipe with a number of
    ``pictures`` keeps them in the first folder of ``forged``, which other runs of the same forge and seed can
    share; what the further folders keep of other forges is learned from as well. Files with one of the
    SHA-256 sums of ``without`` are left out.
    Raises :class:`DataError` when a folder does not keep what it should.
    """
    kept, held = split_photographs(folder, without)
    engines = {name: load_engine(name) for name in config.forge.engines}
    forge = Forge(kept, engines, config.forge, seed=config.train.seed)
    exam = Forge(held, engines, config.forge, seed=config.train.seed + _VALIDATION_SEED)
    size, count = config.train.crop, config.train.validation_count
    keeps = list(forged) if config.train.pictures else []
    others = [find_kept(other, forge, size) for other in keeps[1:]]
    if keeps:
        bind_folder(keeps[0], forge, size)

    def samples(first: int, length: int) -> Pieces:
        if keeps:
            also = tuple(path for paths, _ in others for path in paths)
            return CachedCrops(forge, keeps[0], config.train.pictures, size, length, first, also)
        return ForgedCrops(forge, size, length, first)

    facts = {
        "kind": "forged on the fly",
        "photographs": len(kept),
        "validation_photographs": len(held),
        "engines": dict(config.forge.engines),
        **({"forged_pictures": config.train.pictures} if config.train.pictures else {}),
        **({"forged_by_others": [note for _, note in others]} if others else {}),
    }
    held_out = collect(ForgedCrops(exam, size, count), traces=config.model.traces)
    return TrainingData(samples, held_out, facts, photos_csv(photo.credit() for photo in kept + held))


def crops_of_sets(sets: Sequence[FrozenSet], config: Config) -> TrainingData:
    """Learn from the usable pairs of checked folders; their own split says which are for validation.

    photos.csv tells the pictures that are learned from, and their originals, by their hashes only.
    """
    kept = [pair for part in sets for pair in part.train]
    held = [pair for part in sets for pair in part.validation]
    size, seed, count = config.train.crop, config.train.seed, config.train.validation_count

    def samples(first: int, length: int) -> Pieces:
        return PairCrops(kept, size, length, first, seed)

    exam = PairCrops(held, size, count, 0, seed + _VALIDATION_SEED)
    facts = {
        "kind": "given pairs",
        "pictures": len(kept),
        "validation_pictures": len(held),
        "sets": [part.facts for part in sets],
    }
    rows = [row for part in sets for row in part.rows if row.decision == "used" and row.split == "train"]
    sums = [known for row in rows for known in (row.image_sha256, row.original_sha256) if known]
    listing = photos_csv(given_photos(sums, source="given for training"))
    return TrainingData(samples, collect(exam, traces=config.model.traces), facts, listing)
