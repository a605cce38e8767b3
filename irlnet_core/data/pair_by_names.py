"""Pairs by names of folders and files: ``images/`` + ``masks/``, ``x_mask``, MVTec, twins of originals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from irlnet_core.data.file_names import LOSSY, PICTURES, FileName, Role, fold
from irlnet_core.data.pairs import Pair

Key = tuple[tuple[str, ...], str]  # folders without the one that tells the role, and the base name

_ROLE_RANK: dict[Role | None, int] = {"forged": 0, "plain": 1, None: 2, "original": 3, "mask": 4}


@dataclass(frozen=True)
class _Place:
    """One way to read a file's name: which role its folder gives it, and how far the name was changed."""

    name: FileName
    role: Role | None
    folder: str  # the folder that tells the role, as it is written; nothing where none does
    rank: int  # 0 = the name as it is, 1 = without a word such as _mask

    @property
    def exact(self) -> bool:
        return self.rank == 0


def pair_masks(pictures: list[FileName], originals: list[FileName]) -> list[Pair]:
    """Return a pair for every picture whose mask is told by folders or names; each picture once.

    Of several possible pairs the closest names win: the same stem before ``x_mask``, a folder for forgeries
    before one for images. An original in ``originals`` that has the same name goes with its pair.
    """
    masks = defaultdict(list)
    for name in pictures:
        for key, place in _mask_places(name):
            masks[key].append(place)
    edges = [
        (_score(picture, mask), picture, mask)
        for name in pictures
        for key, picture in _picture_places(name)
        for mask in masks.get(key, ())
        if _may_pair(picture, mask)
    ]
    edges.sort(key=lambda edge: (edge[0], edge[1].name.relative, edge[2].name.relative))
    origins = _by_key(originals)
    return [_to_pair(picture, mask, origins) for picture, mask in _choose(edges)]


def pair_twins(pictures: list[FileName], originals: list[FileName]) -> list[Pair]:
    """Return a pair for every maskless picture that has an original: its mask is where the two differ."""
    origins, pairs = _by_key(originals), []
    for name in pictures:
        if name.in_mask_folder or name.in_original_folder:
            continue
        twin, place = _twin_of(name, origins)
        if twin is not None:
            told = "/".join(twin.relative.parts[-2:-1]) or "x_original"
            label = f"{told}/ + {place}/ (difference)" if place else f"{told} (difference)"
            pairs.append(
                Pair(name.path, twin.path, twin.path, convention=label, kind="difference", split=name.split)
            )
    return pairs


def is_original(name: FileName) -> bool:
    """Tell whether folders or the name call a picture an original, an authentic or a good one."""
    return name.in_original_folder or name.original_base is not None


def _mask_places(name: FileName) -> Iterator[tuple[Key, _Place]]:
    bases = [(name.stem, 0)] + [(base, 1) for base in (name.mask_base, _inner_stem(name)) if base is not None]
    if name.in_mask_folder:
        for where, role in name.roles:
            if role == "mask":
                for base, rank in bases:
                    yield (name.without(where), base), _Place(name, "mask", name.folder_at(where), rank)
    elif name.mask_base is not None:
        yield (name.folders, name.mask_base), _Place(name, "mask", "", 1)


def _inner_stem(name: FileName) -> str | None:
    """Return ``x`` for ``x.jpg.png``: some programs name a mask after the picture's whole name."""
    inner = name.relative.with_suffix("")
    return fold(inner.stem) if inner.suffix.lower() in PICTURES else None


def _picture_places(name: FileName) -> Iterator[tuple[Key, _Place]]:
    if name.in_mask_folder:
        return
    bases = [(name.stem, 0)] + ([(name.picture_base, 1)] if name.picture_base is not None else [])
    for base, rank in bases:
        yield (name.folders, base), _Place(name, None, "", rank)
        for where, role in name.roles:
            yield (name.without(where), base), _Place(name, role, name.folder_at(where), rank)


def _may_pair(picture: _Place, mask: _Place) -> bool:
    """Refuse a file as its own mask, and an original as the picture that another's mask belongs to."""
    return picture.name is not mask.name and picture.role != "original" and picture.name.original_base is None


def _score(picture: _Place, mask: _Place) -> tuple[int, ...]:
    alike = fold(picture.folder) == "inpainted" and fold(mask.folder) == "mask"
    return (
        mask.rank + picture.rank,
        0 if alike else 1,
        _ROLE_RANK[picture.role],
        0 if fold(mask.folder).startswith("mask") else 1,
        0 if mask.name.path.suffix.lower() not in LOSSY else 1,
    )


def _choose(edges: Iterable[tuple[tuple[int, ...], _Place, _Place]]) -> Iterator[tuple[_Place, _Place]]:
    """Take the best pairs first; only variants of one picture (a.jpg, a.png) share a mask."""
    pictures: set[Path] = set()
    masks: dict[Path, _Place] = {}
    for _, picture, mask in edges:
        image, truth = picture.name.path, mask.name.path
        if image in pictures or image in masks or truth in pictures:
            continue
        taken = masks.get(truth)
        if taken is not None and not _are_variants(taken, picture):
            continue
        pictures.add(image)
        masks.setdefault(truth, picture)
        yield picture, mask


def _are_variants(first: _Place, second: _Place) -> bool:
    return first.name.folders == second.name.folders and first.name.stem == second.name.stem


def _to_pair(picture: _Place, mask: _Place, origins: dict[Key, FileName]) -> Pair:
    twin, _ = _twin_of(picture.name, origins)
    return Pair(
        picture.name.path,
        mask.name.path,
        twin.path if twin else None,
        convention=_convention(picture, mask),
        split=picture.name.split,
    )


def _convention(picture: _Place, mask: _Place) -> str:
    if not mask.folder:
        return _affix(mask.name)
    if fold(picture.folder) == "test" and fold(mask.folder).startswith("ground"):
        return f"MVTec {mask.folder}/"
    beside = f"{picture.folder}/" if picture.folder else "pictures"
    return f"{beside} + {mask.folder}/" + ("" if mask.exact else f" ({_affix(mask.name)})")


def _affix(name: FileName) -> str:
    """Return ``name_mask``, ``mask_name`` and the like: what the file's name adds to the picture's."""
    stem, base = name.stem, name.mask_base
    if not base:
        return stem
    return f"name{stem[len(base) :]}" if stem.startswith(base) else f"{stem[: -len(base)]}name"


def _by_key(originals: list[FileName]) -> dict[Key, FileName]:
    found: dict[Key, FileName] = {}
    for name in originals:
        bases = [base for base in (name.stem, name.original_base) if base]
        for base in bases:
            for where, role in name.roles:
                if role == "original":
                    found.setdefault((name.without(where), base), name)
        if name.original_base is not None:
            found.setdefault((name.folders, name.original_base), name)
    return found


def _twin_of(name: FileName, origins: dict[Key, FileName]) -> tuple[FileName | None, str]:
    """Return the original of a picture, and the folder that the two do not share."""
    for (folders, base), place in _picture_places(name):
        twin = origins.get((folders, base))
        if twin is not None and twin is not name:
            return twin, place.folder
    return None, ""
