"""Scores of one picture, as in the paper (section IV.C), and their average over pictures. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """Pixels of one picture by truth and finding: every score is a function of these four numbers."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def precision(self) -> float:
        """Share of the marked pixels that were inpainted (0 when none was marked, 1 when none was to be)."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive, self._nothing)

    @property
    def recall(self) -> float:
        """Share of the inpainted pixels that were marked."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative, self._nothing)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there was nothing to find and nothing was marked."""
        twice = 2 * self.true_positive
        return _ratio(twice, twice + self.false_positive + self.false_negative, self._nothing)

    @property
    def iou(self) -> float:
        """Intersection over union of the inpainted class."""
        return _ratio(
            self.true_positive, self.true_positive + self.false_positive + self.false_negative, self._nothing
        )

    @property
    def mean_iou(self) -> float:
        """Mean of both classes' intersection over union: the paper's mIoU."""
        wrong = self.false_positive + self.false_negative
        return (self.iou + _ratio(self.true_negative, self.true_negative + wrong, wrong == 0)) / 2

    @property
    def _nothing(self) -> bool:
        return self.true_positive + self.false_positive + self.false_negative == 0


def count(found: Mask, truth: Mask) -> Counts:
    """Compare a found mask with the true one (bool, equal shapes)."""
    if found.shape != truth.shape:
        raise ValueError(f"masks of different shapes: {found.shape} and {truth.shape}")
    both = int(np.count_nonzero(found & truth))
    marked, inpainted = int(np.count_nonzero(found)), int(np.count_nonzero(truth))
    return Counts(both, marked - both, inpainted - both, truth.size - marked - inpainted + both)


def area_under_curve(response: NDArray[np.floating], truth: Mask, *, bins: int = 65_536) -> float:
    """Return the area under the ROC curve of a response map (0..1) against its true mask.

    It is the chance that an inpainted pixel has a higher response than a pristine one, ties counted half; the
    response is taken in ``bins`` steps, as the stored 16-bit map has. NaN when one class is empty.
    """
    steps = np.clip(np.rint(response * (bins - 1)), 0, bins - 1).astype(np.int64)
    inside = np.bincount(steps[truth], minlength=bins).astype(np.float64)
    outside = np.bincount(steps[~truth], minlength=bins).astype(np.float64)
    if inside.sum() == 0 or outside.sum() == 0:
        return float("nan")
    below = np.cumsum(outside) - outside
    return float((inside * (below + outside / 2)).sum() / (inside.sum() * outside.sum()))


def _ratio(part: float, whole: float, when_nothing: bool) -> float:
    if whole == 0:
        return 1.0 if when_nothing else 0.0
    return part / whole
