"""What a fine-tuning learns from: the case's pictures, and general forgeries so that the rest stays known."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from irlnet_core import files
from irlnet_core.config import ForgeConfig
from irlnet_core.data.authentic_parts import AuthenticPart, find_authentic_areas
from irlnet_core.data.dataset import (
    ForgedCrops,
    Piece,
    PieceCrops,
    Pieces,
    choose_window,
    collect,
    cut_surroundings,
    read_pair,
)
from irlnet_core.data.pairs import Pair
from irlnet_core.data.photographs import Photograph, split_groups
from irlnet_core.errors import ConfigError, DataError, IrlnetError
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import Image, Mask, load_engine
from irlnet_core.forge.finish import draw_finish
from irlnet_core.model.photo_list import given_photos, photos_csv
from irlnet_core.model.traces import PictureTraces
from irlnet_core.progress import Event, Note, Progress
from irlnet_core.training.finetune_pairs import CasePairs

Crops = list[tuple[Tensor, ...]]  # image, mask and, for a network that takes them, traces

_KEPT_BYTES = 1 << 30  # decoded pairs held in memory by each process
_FEW_SCENES = 5  # fewer scenes than this are not split: rehearsal's exam then shows other pieces of them
_EXAM_SEED = 1_000_003
_VIEWS = 3  # parts of each of the case's pictures that are learned from
_FORGED = 128  # general forgeries that rehearsal comes back to
_kept: OrderedDict[Pair, tuple[Image, Mask]] = OrderedDict()
_parts: OrderedDict[Hashable, Part] = OrderedDict()


@dataclass(frozen=True)
class Part:
    """A large part of a picture, its mask, and its traces for a network that takes some."""

    image: Image
    mask: Mask
    traces: NDArray[np.float16] | None

    @property
    def nbytes(self) -> int:
        """Its size in memory."""
        return self.image.nbytes + self.mask.nbytes + (0 if self.traces is None else self.traces.nbytes)

    def piece(self, size: int, rng: np.random.Generator) -> Piece:
        """Choose a crop of it, turned."""
        corner = choose_window(self.mask, size, rng)
        return Piece(self.image, self.mask, *corner, size, int(rng.integers(8)), self.traces)


@dataclass(frozen=True)
class CaseCrops(PieceCrops):
    """Random crops of three parts of each of the case's pictures; item ``i`` depends on seed and number.

    Measuring the traces of a part takes longer than learning from it; so there are few, and the last ones
    used stay in memory.
    """

    pairs: list[Pair]
    size: int
    length: int
    postprocess: float
    seed: int
    first: int = 0
    traces: bool = False

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        rng = np.random.default_rng((self.seed, self.first + index, 4))
        at, view = int(rng.integers(len(self.pairs))), int(rng.integers(_VIEWS))
        key = (self.pairs[at], at, view, self.size, self.postprocess, self.seed, self.traces)
        part = _keep(key, lambda: self._cut(at, view), traces=self.traces)
        return part.piece(self.size, rng)

    def _cut(self, at: int, view: int) -> tuple[Image, Mask]:
        rng = np.random.default_rng((self.seed, at, view, 6))
        image, mask = cut_surroundings(*read_kept(self.pairs[at]), self.size, rng)
        if rng.random() < self.postprocess:
            image = draw_finish(rng)(np.ascontiguousarray(image))
        return image, mask


@dataclass(frozen=True)
class RehearsedCrops(ForgedCrops):
    """Random crops of a fixed number of general forgeries, kept in memory as the case's are."""

    traces: bool = False

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        rng = np.random.default_rng((self.forge.seed, self.first + index, 7))
        number = int(rng.integers(_FORGED))
        # The forge itself, not its seed: another one may have other photographs.
        key = (self.forge, number, self.size, self.traces)
        part = _keep(key, lambda: self._make(number), traces=self.traces)
        return part.piece(self.size, rng)

    def _make(self, number: int) -> tuple[Image, Mask]:
        sample = self.forge.make(number, self.size)
        return sample.image, sample.mask


@dataclass(frozen=True)
class MixedCrops(PieceCrops):
    """The case's crops with a share of general forgeries among them, drawn by number."""

    case: Pieces
    general: Pieces | None
    share: float
    length: int
    seed: int
    first: int

    def piece(self, index: int) -> Piece:
        """Return sample ``index`` in its surroundings."""
        rehearsed = self.general is not None and is_rehearsal(self.first + index, self.seed, self.share)
        return (self.general if rehearsed and self.general is not None else self.case).piece(index)


def is_rehearsal(number: int, seed: int, share: float) -> bool:
    """Tell whether sample ``number`` is a general forgery and not the case's."""
    return bool(np.random.default_rng((seed, number, 5)).random() < share)


@dataclass(frozen=True)
class FinetuneData:
    """The parts of a fine-tuning's data; no ``training`` = clean pictures only, the forge makes the case.

    ``general`` forges rehearsal's training samples, ``exam_forge`` its held-out ones (None = no rehearsal).
    """

    training: list[Pair]
    validation: list[Pair]
    general: Forge | None
    exam_forge: Forge | None
    rehearsal_photographs: int
    photos: list[Photograph] = field(default_factory=list)
    sets_sha256: list[str] = field(default_factory=list)

    def samples(
        self,
        first: int,
        length: int,
        *,
        size: int,
        share: float,
        postprocess: float,
        seed: int,
        traces: bool = False,
    ) -> Pieces:
        """Return ``length`` training samples from number ``first`` on; ``traces`` if the net takes some."""
        if not self.training and self.general:
            return ForgedCrops(self.general, size, length, first)
        general = RehearsedCrops(self.general, size, length, first, traces) if self.general else None
        case = CaseCrops(self.training, size, length, postprocess, seed, first, traces)
        return MixedCrops(case, general, share, length, seed, first)

    def exams(self, size: int, count: int, seed: int, *, traces: bool) -> tuple[Crops, Crops]:
        """Return the fixed held-out crops, at most ``count`` each, of the case and of rehearsal's forge."""
        forge = self.exam_forge
        general = collect(ForgedCrops(forge, size, count), traces=traces) if forge else []
        if not self.validation:
            return general, []
        case = CaseCrops(self.validation, size, count, 0.0, seed + _EXAM_SEED, traces=traces)
        return collect(case, traces=traces), general

    def credits(self) -> str:
        """Return photos.csv: every picture that this run learns from, the case's by their hashes only."""
        own = [path for pair in self.training for path in (pair.image, pair.original) if path]
        sums = [files.sha256_of_file(path) for path in dict.fromkeys(own)]
        rows = [photo.credit() for photo in self.photos]
        return photos_csv(rows + given_photos(sums, source="given for fine-tuning"))

    @property
    def facts(self) -> dict[str, Any]:
        """What the card tells of the data."""
        return {
            "kind": "fine-tuned on given pairs" if self.training else "fine-tuned on forged pictures",
            "pictures": len(self.training),
            "validation_pictures": len(self.validation),
            "frozen_sets_sha256": self.sets_sha256,
            "rehearsal_photographs": self.rehearsal_photographs,
            "rehearsal_engines": dict(self.general.config.engines) if self.general else {},
        }


def gather(
    pairs: CasePairs,
    photos: Sequence[Photograph],
    forge: ForgeConfig,
    *,
    size: int,
    rehearsal: float,
    seed: int,
) -> Generator[Event, None, FinetuneData]:
    """Yield progress and what should be known; return the data of a fine-tuning.

    Rehearsal forges from ``photos``; without any from the originals and the authentic parts of the given
    pictures. Without pairs the photographs are the case. Raises :class:`DataError` when there is nothing to
    learn from, or nothing held out to judge by.
    """
    training, validation = pairs.training, pairs.validation
    if training and not validation:
        raise DataError(
            "No picture is held out to judge the training by.", cure="Give at least two pictures."
        )
    if not training and len({photo.group for photo in photos}) < 2:
        raise DataError(
            "There is nothing to learn from.", cure="Give pairs, or photographs of several scenes."
        )
    kept: list[Photograph] = []
    held: list[Photograph] = []
    if photos and (rehearsal or not training):
        kept, held = _split(list(photos))
    elif rehearsal:
        kept = yield from _own_photographs(training, size)
        held = yield from _own_photographs(validation, size)
        yield _tell(kept, bool(held))
    engines, config = _engines_at_hand(forge)
    if config != forge:
        missing = ", ".join(sorted(set(forge.engines) - set(config.engines)))
        yield Note(f"Rehearsal goes without engines of the base that are not at hand: {missing}.")
    general = Forge(kept, engines, config, seed=seed) if kept else None
    exam = Forge(held or kept, engines, config, seed=seed + _EXAM_SEED) if kept else None
    listed = kept if photos else []
    return FinetuneData(training, validation, general, exam, len(kept), listed, pairs.sha256)


def read_kept(pair: Pair) -> tuple[Image, Mask]:
    """Return a pair's pixels and true mask; the last ones read stay in memory."""
    if pair not in _kept:
        _kept[pair] = read_pair(pair)
        while sum(i.nbytes + m.nbytes for i, m in _kept.values()) > _KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    _kept.move_to_end(pair)
    return _kept[pair]


def _keep(key: Hashable, make: Callable[[], tuple[Image, Mask]], *, traces: bool) -> Part:
    """Return the part of this key, made and measured now or still in memory."""
    if key not in _parts:
        image, mask = make()
        image = np.ascontiguousarray(image)
        measured = PictureTraces().of_picture(image).numpy().astype(np.float16) if traces else None
        _parts[key] = Part(image, mask, measured)
        while sum(part.nbytes for part in _parts.values()) > _KEPT_BYTES and len(_parts) > 1:
            _parts.popitem(last=False)
    _parts.move_to_end(key)
    return _parts[key]


def _own_photographs(pairs: Sequence[Pair], size: int) -> Generator[Event, None, list[Photograph]]:
    """Return the originals, where given, and else the authentic parts of pictures."""
    found: dict[Path, list[Photograph]] = {}
    for number, pair in enumerate(pairs, 1):
        if pair.mask is None or pair.original:
            path = pair.original or pair.image
            found[path] = [Photograph(path, pair.group)]
        elif pair.image not in found:
            areas = find_authentic_areas(read_kept(pair)[1], size)
            found[pair.image] = [AuthenticPart(pair.image, pair.group, area=area) for area in areas]
        yield Progress("reading", number, len(pairs))
    return [photo for photos in found.values() for photo in photos]


def _tell(kept: Sequence[Photograph], held: bool) -> Note:
    if not kept:
        return Note(
            "There is no rehearsal: no photographs were given, and the pictures have no authentic part as "
            "large as a crop. The model may forget what it knew; compare it with its base."
        )
    parts = sum(isinstance(photo, AuthenticPart) for photo in kept)
    words = f"{len(kept) - parts} originals" if parts < len(kept) else ""
    words += (" and " if words and parts else "") + (
        f"{parts} authentic parts of the pictures" if parts else ""
    )
    own = "" if held else " The same ones serve to judge it."
    return Note(f"Rehearsal forges from the data's own {words}: give photographs for more variety.{own}")


def _split(photos: list[Photograph]) -> tuple[list[Photograph], list[Photograph]]:
    if len({photo.group for photo in photos}) < _FEW_SCENES:
        return photos, photos
    return split_groups(photos, 0.15)


def _engines_at_hand(forge: ForgeConfig) -> tuple[dict[str, Any], ForgeConfig]:
    engines = {}
    for name in forge.engines:
        try:
            engines[name] = load_engine(name)
        except IrlnetError:  # a path on another machine, or an engine that does not ship
            continue
    shares = {name: forge.engines[name] for name in engines}
    try:
        return engines, dataclasses.replace(forge, engines=shares)
    except ConfigError:
        usual = ForgeConfig()
        return {name: load_engine(name) for name in usual.engines}, usual
