"""Which region lies under a point."""

from __future__ import annotations

import cv2
import numpy as np

from irlnet_core.evidence.localization import Localization, find_cut
from irlnet_core.evidence.regions import Region, Regions

_MOST_PIXELS = 4_000_000


def find_region_at(localization: Localization, regions: Regions, x: float, y: float) -> int | None:
    """Return the id of the listed region whose pixels cover the stored point, None where there is none.

    Boxes of regions may overlap; the connected pixels under the point decide. In a box of more than four
    million pixels the smallest box that holds a marked point is taken for it.
    """
    row, column = int(y), int(x)
    height, width = localization.probability.shape
    if not (0 <= row < height and 0 <= column < width):
        return None
    if localization.probability[row, column] < find_cut(regions.threshold):
        return None
    boxes = sorted((r for r in regions.listed if _holds(r, column, row)), key=lambda r: r.width * r.height)
    found = (r.id for r in boxes if _is_under(localization, regions, r, column, row))
    return next(found, None)


def _holds(region: Region, column: int, row: int) -> bool:
    return 0 <= column - region.x < region.width and 0 <= row - region.y < region.height


def _is_under(localization: Localization, regions: Regions, region: Region, column: int, row: int) -> bool:
    if region.width * region.height > _MOST_PIXELS:
        return True
    rows, columns = slice(region.y, region.y + region.height), slice(region.x, region.x + region.width)
    mask = localization.probability[rows, columns] >= find_cut(regions.threshold)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    under = labels[row - region.y, column - region.x]
    return int(stats[under, cv2.CC_STAT_AREA]) == region.area
