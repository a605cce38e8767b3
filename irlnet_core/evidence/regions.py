"""The regions of a mask: connected sets of pixels that are large enough to be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.localization import Localization

_STRIP_PIXELS = 4_000_000
_LEAST_PIXELS = 64
_LEAST_SHARE = 5000  # one part in 5000 = 0.02 %


@dataclass(frozen=True)
class Region:
    """An 8-connected set of mask pixels, in pixels of the stored grid.

    The bounding box is ``x``, ``y`` (upper left), ``width``, ``height``; responses are 0..1; the centroid is
    the mean of the pixels' (column, row).
    """

    id: int
    x: int
    y: int
    width: int
    height: int
    area: int
    area_fraction: float
    mean_response: float
    max_response: float
    centroid_x: float
    centroid_y: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "box": {"x": self.x, "y": self.y, "width": self.width, "height": self.height},
            "area": self.area,
            "area_fraction": self.area_fraction,
            "mean_response": self.mean_response,
            "max_response": self.max_response,
            "centroid": {"x": self.centroid_x, "y": self.centroid_y},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Region:
        """Return the region of :meth:`as_dict`. Raises KeyError or TypeError for other data."""
        data = dict(data)
        box, centroid = data.pop("box"), data.pop("centroid")
        return cls(**data, **box, centroid_x=centroid["x"], centroid_y=centroid["y"])


@dataclass(frozen=True)
class Regions:
    """All regions of one map at one threshold: the listed ones, and how many were too small to list.

    ``least_area`` is the smallest listed area in pixels; ``area_fraction`` is the share (0..1) of the picture
    in the mask, small regions included.
    """

    threshold: float
    least_area: int
    area_fraction: float
    listed: tuple[Region, ...]
    small_count: int
    small_pixels: int

    @property
    def count(self) -> int:
        return len(self.listed)

    @property
    def listed_fraction(self) -> float:
        """Return the share (0..1) of the picture that the listed regions cover."""
        return sum(region.area_fraction for region in self.listed)

    @property
    def rule(self) -> str:
        return (
            f"8-connected sets of mask pixels of at least {self.least_area} pixels "
            f"(the larger of {_LEAST_PIXELS} and 0.02 % of the picture); smaller ones are counted, not listed"
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "count": self.count,
            "area_fraction": self.area_fraction,
            "listed": [region.as_dict() for region in self.listed],
            "small": {"count": self.small_count, "pixels": self.small_pixels},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], threshold: float, pixels: int) -> Regions:
        """Return the regions of :meth:`as_dict` at ``threshold`` in a picture of ``pixels`` pixels.

        Raises KeyError or TypeError for other data.
        """
        return cls(
            threshold=threshold,
            least_area=least_area_of(pixels),
            area_fraction=data["area_fraction"],
            listed=tuple(Region.from_dict(region) for region in data["listed"]),
            small_count=data["small"]["count"],
            small_pixels=data["small"]["pixels"],
        )


def least_area_of(pixels: int) -> int:
    """Return the smallest area that is listed in a picture of ``pixels`` pixels: max(64, 0.02 %)."""
    return max(_LEAST_PIXELS, -(-pixels // _LEAST_SHARE))


def find_regions(localization: Localization, threshold: float) -> Regions:
    """Find the regions above ``threshold``, largest first (ties: upper, then left first), numbered from 1."""
    mask = localization.mask(threshold)
    least = least_area_of(mask.size)
    _, labels, stats, centroids = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    stats[0, cv2.CC_STAT_AREA] = 0  # label 0 is what is not in the mask
    areas = stats[:, cv2.CC_STAT_AREA]
    large = np.flatnonzero(areas >= least)
    order = large[np.lexsort((stats[large, 0], stats[large, 1], -areas[large]))]
    means, peaks = _responses(localization.probability, labels, order, len(stats))
    small = (areas > 0) & (areas < least)
    return Regions(
        threshold=float(threshold),
        least_area=least,
        area_fraction=int(areas.sum(dtype=np.int64)) / mask.size,
        listed=tuple(
            _region(i, stats[k], centroids[k], means[i], peaks[i], mask.size)
            for i, k in enumerate(order, start=1)
        ),
        small_count=int(np.count_nonzero(small)),
        small_pixels=int(areas[small].sum(dtype=np.int64)),
    )


def _region(
    number: int, stats: NDArray[Any], centroid: NDArray[Any], mean: float, peak: float, pixels: int
) -> Region:
    x, y, width, height, area = (int(value) for value in stats)
    return Region(
        id=number,
        x=x,
        y=y,
        width=width,
        height=height,
        area=area,
        area_fraction=area / pixels,
        mean_response=float(mean),
        max_response=float(peak),
        centroid_x=float(centroid[0]),
        centroid_y=float(centroid[1]),
    )


def _responses(
    probability: NDArray[np.float32], labels: NDArray[Any], order: NDArray[np.intp], total: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return mean and maximum response per listed region (index 1..n) in one pass over row strips."""
    number = np.zeros(total, np.int32)
    number[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    sums, counts = np.zeros((2, len(order) + 1))
    peaks = np.zeros(len(order) + 1, np.float32)
    rows = max(1, _STRIP_PIXELS // labels.shape[1])
    for top in range(0, labels.shape[0], rows):
        part = number[labels[top : top + rows]]
        inside = part > 0
        which, values = part[inside], probability[top : top + rows][inside]
        sums += np.bincount(which, values, minlength=len(sums))
        counts += np.bincount(which, minlength=len(sums))
        np.maximum.at(peaks, which, values)
    return sums / np.maximum(counts, 1), peaks
