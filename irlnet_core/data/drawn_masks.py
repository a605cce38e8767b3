"""Masks drawn as shapes: labelme's polygons, boxes, circles and bitmaps; COCO's polygons and run lengths."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.pair_by_json import load_json
from irlnet_core.errors import DataError, ImageReadError
from irlnet_core.evidence.annotation_export import TOOL
from irlnet_core.evidence.image import mask_levels

Mask = NDArray[np.bool_]
Size = tuple[int, int]  # height, width

_NO_AREA = {"point", "points", "line", "linestrip"}


def read_labelme(path: Path, size: Size) -> Mask:
    """Draw all shapes that have an area; ``size`` (height, width) counts where the file tells none.

    Shapes that this program marked as the tool's own are left out: a net must not learn from its answers.
    Raises :class:`DataError` naming the file.
    """
    try:
        content = load_json(path)
        height, width = content.get("imageHeight"), content.get("imageWidth")
        mask: Mask = np.zeros(_checked((height, width)) if height and width else size, np.bool_)
        for shape in content["shapes"]:
            if not (shape.get("flags") or {}).get(TOOL):
                _draw_shape(mask, shape)
    except _BROKEN as error:
        raise _broken(path, error) from error
    return mask


def read_coco(path: Path, entry: str, size: Size) -> Mask:
    """Draw all annotations of the picture with the id ``entry``; ``size`` counts where the file tells none.

    Boxes without a shape are not masks. Categories of this program's own regions are left out.
    Raises :class:`DataError` naming the file.
    """
    try:
        sizes, drawn = _coco_index(path, path.stat().st_mtime_ns)
        mask: Mask = np.zeros(_checked(sizes.get(entry) or size), np.bool_)
        annotations = drawn.get(entry, [])
        for annotation in annotations:
            _draw_segmentation(mask, annotation.get("segmentation"))
    except _BROKEN as error:
        raise _broken(path, error) from error
    if annotations and not any(annotation.get("segmentation") for annotation in annotations):
        raise DataError("has only boxes for this picture, no masks.", path=path, cure="Export segmentations.")
    return mask


def fill_polygon(mask: Mask, points: Sequence[Sequence[float]]) -> None:
    """Mark the pixels whose centres lie inside; (0, 0) is the upper left corner of the first pixel."""
    corners = np.asarray(points, float)
    if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
        raise ValueError("a polygon has points that are none")
    (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
    top, bottom = math.ceil(corners[:, 1].min() - 0.5), math.ceil(corners[:, 1].max() - 0.5)
    for row in range(max(top, 0), min(bottom, mask.shape[0])):
        centre = row + 0.5
        cut = (y0 <= centre) != (y1 <= centre)
        crossings = np.sort(x0[cut] + (centre - y0[cut]) * (x1[cut] - x0[cut]) / (y1[cut] - y0[cut]))
        edges = np.clip(np.ceil(crossings - 0.5), 0, mask.shape[1]).astype(int).tolist()
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            mask[row, left:right] = True


def decode_runs(counts: Sequence[int] | str, size: Size) -> Mask:
    """Return the mask of COCO's run lengths: by column, zeros first; a text is COCO's compressed form."""
    runs = _inflate(counts) if isinstance(counts, str) else [int(count) for count in counts]
    if min(runs, default=0) < 0 or sum(runs) > size[0] * size[1]:
        raise ValueError("run lengths do not fit the picture")
    flat = np.zeros(size[0] * size[1], bool)
    flat[: sum(runs)] = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(size[::-1]).T


_BROKEN = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    RecursionError,
    ImageReadError,
)


def _broken(path: Path, error: Exception) -> DataError:
    return DataError(f"tells no mask that can be drawn ({error}).", path=path, cure="Export it again.")


def _checked(size: Sequence[Any]) -> Size:
    height, width = int(size[0]), int(size[1])
    if not 0 < height * width <= 200_000_000 or height < 0:
        raise ValueError(f"a size of {width}x{height} is impossible")
    return height, width


def _draw_shape(mask: Mask, shape: Mapping[str, Any]) -> None:
    kind, points = shape.get("shape_type") or "polygon", shape["points"]
    if kind == "rectangle":
        (x0, y0), (x1, y1) = points[0], points[-1] if len(points) == 2 else points[2]
        fill_polygon(mask, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    elif kind == "circle":
        (x, y), edge = points[0], points[1]
        radius = math.hypot(edge[0] - x, edge[1] - y)
        angles = np.linspace(0, 2 * math.pi, 256, endpoint=False)
        fill_polygon(mask, np.stack((x + radius * np.cos(angles), y + radius * np.sin(angles)), 1).tolist())
    elif kind == "mask":
        _paste(mask, shape["mask"], points[0])
    elif kind not in _NO_AREA and len(points) >= 3:
        fill_polygon(mask, points)


def _paste(mask: Mask, encoded: str, place: Sequence[float]) -> None:
    levels, _ = mask_levels(base64.b64decode(encoded))
    left, top = round(place[0]), round(place[1])
    window = mask[max(top, 0) : top + levels.shape[0], max(left, 0) : left + levels.shape[1]]
    piece = levels[max(-top, 0) :, max(-left, 0) :]
    window |= piece[: window.shape[0], : window.shape[1]] > 0


def _draw_segmentation(mask: Mask, segmentation: Any) -> None:
    if isinstance(segmentation, dict):
        found = decode_runs(segmentation["counts"], _checked(segmentation["size"]))
        if found.shape != mask.shape:
            raise ValueError("run lengths are of another size than the picture")
        mask |= found
    for polygon in segmentation if isinstance(segmentation, list) else ():
        fill_polygon(mask, [polygon[i : i + 2] for i in range(0, len(polygon), 2)])


@lru_cache(maxsize=2)
def _coco_index(path: Path, _modified: int) -> tuple[dict[str, Size | None], dict[str, list[dict[str, Any]]]]:
    """Return sizes and annotations by the picture's id; kept, because one file tells of many pictures."""
    content = load_json(path)
    own = {
        entry.get("id") for entry in _dicts(content.get("categories")) if entry.get("supercategory") == TOOL
    }
    sizes = {
        str(entry.get("id")): (entry["height"], entry["width"])
        if entry.get("height") and entry.get("width")
        else None
        for entry in _dicts(content["images"])
    }
    drawn: dict[str, list[dict[str, Any]]] = {}
    for annotation in _dicts(content["annotations"]):
        if annotation.get("category_id") not in own or annotation.get("category_id") is None:
            drawn.setdefault(str(annotation.get("image_id")), []).append(annotation)
    return sizes, drawn


def _dicts(entries: Any) -> Iterable[dict[str, Any]]:
    return (entry for entry in entries or () if isinstance(entry, dict))


def _inflate(text: str) -> list[int]:
    """Decode COCO's compressed run lengths: 5 bits a letter from '0' on, as differences to the last but one.

    Source: rleFrString in the COCO API (maskApi.c).
    """
    runs: list[int] = []
    value = shift = 0
    for letter in text.encode("ascii"):
        code = letter - 48
        value |= (code & 0x1F) << shift
        shift += 5
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs
