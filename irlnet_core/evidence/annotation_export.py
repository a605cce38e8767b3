"""The tool's regions and the analyst's outlines as CSV, COCO JSON and labelme JSON, told apart by source."""

from __future__ import annotations

import base64
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core import __version__
from irlnet_core.evidence.annotations import Annotations, Outline
from irlnet_core.evidence.localization import Localization, say_threshold
from irlnet_core.evidence.regions import Region, Regions
from irlnet_core.files import write_bytes, write_json

TOOL, ANALYST = "tool", "analyst"
RESPONSE = "response above threshold"
COLUMNS = (
    "source", "id", "label", "kind", "x", "y", "width", "height", "area_pixels", "area_percent",
    "mean_response", "max_response", "centroid_x", "centroid_y", "threshold", "points", "note", "author",
    "created",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run these (OWASP, CSV injection)


@dataclass(frozen=True, eq=False)
class Findings:
    """What is exported together: the picture's name, the tool's regions with their map, and the outlines.

    ``localization`` and ``regions`` are None where no analysis was made.
    """

    file_name: str
    annotations: Annotations
    localization: Localization | None = None
    regions: Regions | None = None

    @property
    def name(self) -> str:
        """Return the picture's name in UTF-8; bytes of it that are not are written as backslash escapes."""
        return os.fsencode(self.file_name).decode("utf-8", "backslashreplace")


def write_csv(path: Path, findings: Findings) -> None:
    """Write one row per region and outline (UTF-8 with a mark for spreadsheets), atomically."""
    write_bytes(path, b"\xef\xbb\xbf" + to_csv(findings).encode("utf-8"))


def write_coco(path: Path, findings: Findings) -> None:
    """Write COCO object-detection JSON, atomically."""
    write_json(path, to_coco(findings))


def write_labelme(path: Path, findings: Findings) -> None:
    """Write labelme JSON, atomically."""
    write_json(path, to_labelme(findings))


def to_csv(findings: Findings) -> str:
    """Return the table, regions first; texts that a spreadsheet would run get a leading quote."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    if findings.regions:
        writer.writerows(_region_row(region, findings.regions) for region in findings.regions.listed)
    whole = findings.annotations.width * findings.annotations.height
    writer.writerows(_outline_row(outline, whole) for outline in findings.annotations.outlines)
    return sheet.getvalue()


def guard_cell(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and does not run it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_coco(findings: Findings) -> dict[str, Any]:
    """Return COCO data: regions as exact run lengths (holes included), outlines as polygons.

    Category 1 is the tool's response; each label of the analyst is a category with supercategory "analyst".
    """
    notes = findings.annotations
    labels = list(dict.fromkeys(outline.label for outline in notes.outlines))
    number_of = {label: number for number, label in enumerate(labels, start=2)}
    entries = [_coco_region(region, mask, box, notes) for region, mask, box in _region_masks(findings)]
    entries += [_coco_outline(outline, number_of[outline.label]) for outline in notes.outlines]
    return {
        "info": {
            "description": "Regions of a tool and outlines of an analyst on the stored pixel grid",
            "version": __version__,
        },
        "licenses": [],
        "images": [
            {"id": 1, "file_name": findings.name, "width": notes.width, "height": notes.height,
             "sha256": notes.image_sha256}
        ],
        "categories": [
            {"id": 1, "name": RESPONSE, "supercategory": TOOL},
            *({"id": number, "name": label, "supercategory": ANALYST} for label, number in number_of.items()),
        ],
        "annotations": [
            {"id": number, "image_id": 1, **entry} for number, entry in enumerate(entries, start=1)
        ],
    }  # fmt: skip


def to_labelme(findings: Findings) -> dict[str, Any]:
    """Return labelme data: regions as shapes of type "mask" (labelme 5.3 or later), outlines as they are.

    ``flags`` of each shape tell its source. The points are on the stored grid: labelme itself turns a picture
    by its orientation flag, which is then to be taken off a copy first.
    """
    notes = findings.annotations
    shapes = [_labelme_region(region, mask, box) for region, mask, box in _region_masks(findings)]
    shapes += [_labelme_outline(outline) for outline in notes.outlines]
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": findings.name,
        "imageData": None,
        "imageHeight": notes.height,
        "imageWidth": notes.width,
        "sha256": notes.image_sha256,
    }


def _region_row(region: Region, regions: Regions) -> dict[str, object]:
    return {
        "source": TOOL,
        "id": region.id,
        "label": RESPONSE,
        "kind": "region",
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "area_pixels": region.area,
        "area_percent": f"{100 * region.area_fraction:.4f}",
        "mean_response": f"{region.mean_response:.4f}",
        "max_response": f"{region.max_response:.4f}",
        "centroid_x": f"{region.centroid_x:.1f}",
        "centroid_y": f"{region.centroid_y:.1f}",
        "threshold": say_threshold(regions.threshold, 4),
    }


def _outline_row(outline: Outline, whole: int) -> dict[str, object]:
    x, y, width, height = outline.box
    return {
        "source": ANALYST,
        "id": guard_cell(outline.id),
        "label": guard_cell(outline.label),
        "kind": outline.kind,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "area_pixels": outline.area,
        "area_percent": f"{100 * outline.area / whole:.4f}",
        "points": " ".join(f"{x!r},{y!r}" for x, y in outline.points),
        "note": guard_cell(outline.note),
        "author": guard_cell(outline.author),
        "created": guard_cell(outline.created),
    }


def _region_masks(findings: Findings) -> Iterator[tuple[Region, NDArray[np.bool_], tuple[int, int]]]:
    """Yield each listed region with its own pixels inside its box, and the box's (x, y).

    Two regions may share a box and an area; the labels' order then decides, as it did when they were listed.
    """
    if findings.localization is None or findings.regions is None or not findings.regions.listed:
        return
    mask = findings.localization.mask(findings.regions.threshold)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    label_of: dict[tuple[int, ...], list[int]] = {}
    for label, row in enumerate(stats.tolist()[1:], start=1):
        label_of.setdefault(tuple(row), []).append(label)
    for region in findings.regions.listed:
        key = (region.x, region.y, region.width, region.height, region.area)
        label = label_of[key].pop(0)
        box = (slice(region.y, region.y + region.height), slice(region.x, region.x + region.width))
        yield region, labels[box] == label, (region.x, region.y)


def _coco_region(
    region: Region, mask: NDArray[np.bool_], place: tuple[int, int], notes: Annotations
) -> dict[str, Any]:
    counts = run_lengths(mask, place, (notes.height, notes.width))
    return {
        "category_id": 1,
        "source": TOOL,
        "bbox": [region.x, region.y, region.width, region.height],
        "area": region.area,
        "iscrowd": 0,
        "segmentation": {"size": [notes.height, notes.width], "counts": counts},
        "region": region.id,
        "mean_response": region.mean_response,
        "max_response": region.max_response,
    }


def run_lengths(mask: NDArray[np.bool_], place: tuple[int, int], size: tuple[int, int]) -> list[int]:
    """Return COCO's run lengths (uncompressed, by column, zeros first) of a mask within a picture.

    ``place`` is the mask's upper left corner (x, y), ``size`` the picture's (height, width).
    Only the mask's box is looked at, so a small region of a large picture costs little.
    """
    (left, top), (height, width) = place, size
    padded = np.zeros((mask.shape[1], mask.shape[0] + 2), np.int8)
    padded[:, 1:-1] = mask.T
    column, row = np.nonzero(np.diff(padded, axis=1))  # starts and ends alternate within each column
    edges = (left + column) * height + top + row
    # A run that ends at the bottom of one column may go on at the top of the next.
    starts, ends = edges[0::2], edges[1::2]
    joined = np.flatnonzero(starts[1:] == ends[:-1])
    starts, ends = np.delete(starts, joined + 1), np.delete(ends, joined)
    edges = np.stack((starts, ends), axis=1).ravel()
    counts = np.diff(np.concatenate(([0], edges, [height * width])))
    return [int(count) for count in (counts if counts[-1] else counts[:-1])]


def _coco_outline(outline: Outline, category: int) -> dict[str, Any]:
    return {
        "category_id": category,
        "source": ANALYST,
        "bbox": list(outline.box),
        "area": outline.area,
        "iscrowd": 0,
        "segmentation": [[value for point in outline.corners for value in point]],
        "kind": outline.kind,
        "note": outline.note,
        "author": outline.author,
        "created": outline.created,
    }


def _labelme_region(region: Region, mask: NDArray[np.bool_], place: tuple[int, int]) -> dict[str, Any]:
    (x, y), (height, width) = place, mask.shape
    _, png = cv2.imencode(".png", mask.view(np.uint8))
    return _labelme_shape(
        RESPONSE,
        "mask",
        [(x, y), (x + width - 1, y + height - 1)],
        TOOL,
        f"region {region.id}, mean response {region.mean_response:.4f}",
        base64.b64encode(png.tobytes()).decode("ascii"),
    )


def _labelme_outline(outline: Outline) -> dict[str, Any]:
    kind = "rectangle" if outline.kind == "rectangle" else "polygon"
    return _labelme_shape(outline.label, kind, outline.points, ANALYST, outline.note, None)


def _labelme_shape(
    label: str,
    kind: str,
    points: Sequence[tuple[float, float]],
    source: str,
    description: str,
    mask: str | None,
) -> dict[str, Any]:
    return {
        "label": label,
        "points": [list(point) for point in points],
        "group_id": None,
        "description": description,
        "shape_type": kind,
        "flags": {TOOL: source == TOOL, ANALYST: source == ANALYST},
        "mask": mask,
    }
