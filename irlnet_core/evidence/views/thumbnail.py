"""The embedded thumbnail against the picture: was the picture changed after its preview was made?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.decode import pixels_of
from irlnet_core.evidence.metadata import Metadata
from irlnet_core.evidence.views.view import Layer, View, not_run

GAIN = 4
_MAX_PIXELS = 4_000_000  # a preview; more is hostile
_SAME_SHAPE = 0.02  # relative: a thumbnail's sides are rounded to whole pixels
_DARK = 24


def compare_thumbnail(pixels: NDArray[np.uint8], metadata: Metadata) -> View:
    """Compare the preview in the file with the picture (RGB uint8 HxWx3) made as small.

    Black bars, which cameras add to fill 4:3, are cut off first. The layers are the difference x 4, the
    thumbnail and the small picture; a preview of another shape is shown without a difference.
    """
    fact = metadata.thumbnail
    if fact.state == "not run":
        return not_run(fact.reason)
    if metadata.thumbnail_bytes is None:
        return View("not found", statement="The file holds no embedded thumbnail.")
    try:
        thumbnail, _ = pixels_of(metadata.thumbnail_bytes, max_pixels=_MAX_PIXELS)
    except ImageReadError as error:
        return not_run(f"the embedded thumbnail {error.reason}")
    return _compare(pixels, thumbnail)


def _compare(pixels: NDArray[np.uint8], thumbnail: NDArray[np.uint8]) -> View:
    (height, width), whole = pixels.shape[:2], thumbnail.shape[:2]
    inner = thumbnail if _same_shape(whole, (height, width)) else _without_bars(thumbnail, height, width)
    size = f"{whole[1]} x {whole[0]} pixels"
    if inner is None:
        return View(
            "found",
            (Layer("Thumbnail (not to the picture's shape)", thumbnail),),
            f"The thumbnail of {size} has another shape than the picture of {width} x {height}: "
            "not compared pixel by pixel. Cropping or turning after the camera may be why.",
            parameters={"thumbnail": [whole[1], whole[0]], "compared": False},
        )
    small = cv2.resize(pixels, (inner.shape[1], inner.shape[0]), interpolation=cv2.INTER_AREA)
    difference = cv2.absdiff(small, np.ascontiguousarray(inner))
    mean, top = float(difference.mean()), int(difference.max())
    bars = "" if inner is thumbnail else ", black bars cut off"
    return View(
        "found",
        (
            Layer(f"Difference × {GAIN}", cv2.convertScaleAbs(difference.max(axis=2), alpha=GAIN)),
            Layer("Thumbnail", inner),
            Layer("Picture, as small", np.asarray(small, np.uint8)),
        ),
        f"Thumbnail of {size}{bars}: it differs from the picture by {mean:.1f} of 255 on average, "
        f"{top} at most.",
        parameters={
            "thumbnail": [whole[1], whole[0]],
            "compared": True,
            "gain": GAIN,
            "mean": mean,
            "max": top,
        },
    )


def _same_shape(one: tuple[int, ...], other: tuple[int, int]) -> bool:
    """Tell whether the sides' ratios agree within 2 %, or within one pixel of the smaller picture."""
    (a, b), (height, width) = one, other
    return abs(a * width / height - b) <= max(1.0, _SAME_SHAPE * b)


def _without_bars(thumbnail: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8] | None:
    """Cut two equal dark bars off when what remains has the picture's shape; None otherwise."""
    rows, columns = thumbnail.shape[:2]
    kept_rows, kept_columns = round(columns * height / width), round(rows * width / height)
    top, left = max(0, (rows - kept_rows) // 2), max(0, (columns - kept_columns) // 2)
    inner = thumbnail[top : rows - top, left : columns - left]
    if inner.size == 0 or (top, left) == (0, 0) or not _same_shape(inner.shape[:2], (height, width)):
        return None
    outside = np.ones((rows, columns), np.bool_)
    # JPEG smears the edge of a bar over its block.
    outside[max(0, top - 8) : rows - max(0, top - 8), max(0, left - 8) : columns - max(0, left - 8)] = False
    beyond = thumbnail[outside]
    return inner if beyond.size == 0 or float(np.median(beyond)) <= _DARK else None
