"""Pairs by JSON files: labelme (one file per picture) and COCO (one file for many)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irlnet_core.data.file_names import FileName
from irlnet_core.data.folder_tree import FolderTree
from irlnet_core.data.pair_by_list import Found, Places
from irlnet_core.data.pairs import Pair, Problem


def pair_json(tree: FolderTree, used: set[Path]) -> Found:
    """Return what the JSON files of a folder tell about pictures that have no mask yet.

    JSON of another kind is passed over; what cannot be parsed is a problem.
    """
    found, places = Found(), Places(tree.pictures)
    by_stem = _stems(tree.pictures)
    for name in tree.json:
        try:
            content = load_json(name.path)
        except (OSError, ValueError, RecursionError) as error:
            found.problems.append(Problem(name.path, f"cannot be read as JSON ({error}).", "Write it again."))
            continue
        if is_coco(content):
            _take_coco(content, name, places, used, found)
        elif is_labelme(content):
            _take_labelme(content, name, places, by_stem, used, found)
        else:
            found.read.append(name.path)
    return found


def load_json(path: Path) -> Any:
    """Return a JSON file's content. Raises OSError, ValueError or RecursionError."""
    return json.loads(path.read_bytes().decode("utf-8-sig"))


def is_coco(content: object) -> bool:
    """Tell whether this is COCO: pictures and annotations in two lists."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), list) for key in ("images", "annotations")
    )


def is_labelme(content: object) -> bool:
    """Tell whether this is labelme: a list of shapes."""
    return isinstance(content, dict) and isinstance(content.get("shapes"), list)


def _take_labelme(
    content: Mapping[str, Any],
    name: FileName,
    places: Places,
    by_stem: dict[tuple[tuple[str, ...], str], FileName],
    used: set[Path],
    found: Found,
) -> None:
    told = content.get("imagePath")
    image = by_stem.get((name.folders, name.stem)) or places.find(told if isinstance(told, str) else "", name)
    for where, _ in name.roles:
        image = image or by_stem.get((name.without(where), name.stem))
    if image is None:
        reason = f"is of labelme, but its picture {told!r} is not there."
        found.problems.append(Problem(name.path, reason, "Add the picture beside it."))
    elif image.path in used or image.path in found.pictures:
        found.problems.append(_second(name, image))
    else:
        found.add(Pair(image.path, name.path, convention="labelme", kind="labelme", split=image.split))


def _take_coco(
    content: Mapping[str, Any], name: FileName, places: Places, used: set[Path], found: Found
) -> None:
    annotated = {str(a.get("image_id")) for a in content["annotations"] if isinstance(a, dict)}
    before, missing = len(found.pairs), []
    for entry in content["images"]:
        told = entry.get("file_name") if isinstance(entry, dict) else None
        image = places.find(told, name) if isinstance(told, str) else None
        if image is None:
            missing.append(str(told))
            continue
        if image.path in used or image.path in found.pictures:
            continue
        number = str(entry.get("id"))
        if number in annotated:
            found.add(Pair(image.path, name.path, None, "", "COCO", "coco", number, split=image.split))
        else:
            found.add(Pair(image.path, None, convention="COCO", split=image.split))
    found.problems += [_missing(told, name) for told in missing]
    if len(found.pairs) == before:
        found.problems.append(
            Problem(name.path, "is of COCO, but tells no mask of a picture that is free for one.")
        )


def _stems(pictures: list[FileName]) -> dict[tuple[tuple[str, ...], str], FileName]:
    """Return pictures by folder and stem, also by the folders without the one that tells a role."""
    found: dict[tuple[tuple[str, ...], str], FileName] = {}
    for name in pictures:
        if not name.in_mask_folder:
            found.setdefault((name.folders, name.stem), name)
    for name in pictures:
        for where, role in name.roles:
            if role != "mask" and not name.in_mask_folder:
                found.setdefault((name.without(where), name.stem), name)
    return found


def _second(name: FileName, image: FileName) -> Problem:
    reason = f"is a second mask of {image.relative}, which has one already."
    return Problem(name.path, reason, "Remove one of the two.")


def _missing(told: str, name: FileName) -> Problem:
    path = name.path.parent / told.replace("\\", "/").replace("\0", "").lstrip("/")
    return Problem(
        path, f"is named in {name.relative} but is not there.", "Add the file or correct the list."
    )
