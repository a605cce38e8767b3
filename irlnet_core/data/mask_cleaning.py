"""From a mask as people save it to True and False: grey, palette, 0/1, classes, soft edges, differences."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import DataError

Mask = NDArray[np.bool_]

_SOFT_SHARE = 0.5  # more values between dark and bright than this are a photograph's, not a mask's
_LEAST_STEP = 6  # grey levels by which a recompressed picture must differ from its original
_NOISE_FACTOR = 3.0  # and by how many times the typical difference of the whole picture
_TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_FLIPPED = (3, 4, 7, 8), (2, 3, 6, 7)  # and those that then mirror up-down, and left-right
_MOST_NOISE = 20  # grey levels by which no lossy save changes half of a picture
_LEAST_REGION, _LEAST_COARSE_REGION = 1e-4, 1e-3  # of the picture: smaller differences are noise


@dataclass(frozen=True)
class CleanMask:
    """A mask (bool HxW), what its values were like, and what had to be decided."""

    mask: Mask
    levels: str
    notes: tuple[str, ...] = ()


def clean_mask(levels: NDArray[np.integer], top: int) -> CleanMask:
    """Decide which values (HxW, 0..``top``) are marked; white is marked, never the other way round.

    Two values: the higher one. Small whole numbers (0, 1, 2 …: classes, objects): all but 0. Otherwise
    everything above half of the type's range, or above half of the mask's own range where it stays below
    that. Raises :class:`DataError` for what looks like a photograph.
    """
    counts = np.bincount(levels.ravel(), minlength=2)
    values = np.flatnonzero(counts)
    low, high = int(values[0]), int(values[-1])
    if len(values) == 1:
        return CleanMask(np.full(levels.shape, high > 0), f"one value, {high}")
    if len(values) == 2:
        return CleanMask(levels == high, f"{low}/{high}", _note_pair(low, high, top))
    if low == 0 and high <= top // 2 and len(values) > high / 2:
        return CleanMask(
            levels > 0, f"classes 0 to {high}", (f"all classes from 1 to {high} count as marked",)
        )
    cut = top // 2 if high > top // 2 else high // 2
    marked = levels > cut
    if len(values) == 3:
        names = ", ".join(str(value) for value in values)
        return CleanMask(
            marked, "three levels", (f"three levels ({names}): those above {cut} count as marked",)
        )
    return _clean_soft(counts, high, cut, marked)


def difference_mask(image: NDArray[np.uint8], original: NDArray[np.uint8]) -> CleanMask:
    """Return where a picture differs from its original (both uint8 HxWx3), without specks and pinholes.

    Where most pixels are equal to the bit, every other one is marked. After a lossy save none are: then a
    pixel is marked where the mean difference around it is six levels and three times the picture's median.
    Raises :class:`DataError` where the two are different pictures.
    """
    step = cv2.absdiff(image, original).max(axis=2)
    lossless = not np.median(step)
    if lossless:
        marked, note = step > 0, "the mask is derived: where the picture differs from its original"
    else:
        step = cv2.blur(step, (5, 5))
        typical = float(np.median(step))
        if typical > _MOST_NOISE:
            raise DataError(
                f"differs from the picture by {typical:.0f} levels in half of it: they are no twins.",
                cure="Give the original of this picture, or a mask.",
            )
        cut = max(_LEAST_STEP, _NOISE_FACTOR * typical)
        marked = step >= cut
        note = f"the mask is derived and coarse ({cut:.0f} levels): a file was saved with loss"
    whole = cv2.morphologyEx(marked.astype(np.uint8), cv2.MORPH_CLOSE, _disc(9))
    whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, _disc(3 if lossless else 9))
    least = _LEAST_REGION if lossless else _LEAST_COARSE_REGION
    mask = _without_small(whole.astype(np.uint8), max(16, round(least * step.size)))
    return CleanMask(mask, "difference", (note,))


def turn_upright(mask: Mask, orientation: int) -> Mask:
    """Turn a mask of stored pixels as the EXIF orientation 1..8 asks (TIFF 6.0, tag 274)."""
    if orientation in _TRANSPOSED:
        mask = np.swapaxes(mask, 0, 1)
    rows, columns = (slice(None, None, -1 if orientation in flipped else 1) for flipped in _FLIPPED)
    return mask[rows, columns]


def turn_back(mask: Mask, orientation: int) -> Mask:
    """Undo :func:`turn_upright`."""
    return turn_upright(mask, {6: 8, 8: 6}.get(orientation, orientation))


def _disc(side: int) -> NDArray[np.uint8]:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.uint8)


def _note_pair(low: int, high: int, top: int) -> tuple[str, ...]:
    usual = low == 0 and high in (1, top)
    return () if usual else (f"two levels ({low}, {high}): {high} counts as marked",)


def _clean_soft(counts: NDArray[np.integer], high: int, cut: int, marked: Mask) -> CleanMask:
    between = counts[high // 10 + 1 : high - high // 10].sum() / counts.sum()
    if between > _SOFT_SHARE:
        raise DataError(
            f"looks like a photograph, not a mask: {100 * between:.0f} % of its values are neither dark nor "
            "bright.",
            cure="Save the mask as white on black.",
        )
    kind = "soft edges" if between < 0.1 else "grey"
    return CleanMask(marked, kind, (f"{kind}: values above {cut} count as marked",))


def _without_small(marked: NDArray[np.uint8], least: int) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[labels])
