"""What a picture goes through on its way to the analyst, as named transformations for honest scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError
from irlnet_core.forge.finish import recode, resize, resize_mask

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Variant = Callable[[Image, Mask], tuple[Image, Mask]]


def _jpeg(quality: int) -> Variant:
    return lambda image, mask: (recode(image, "JPEG", quality=quality, subsampling=2), mask)


def _webp(quality: int) -> Variant:
    return lambda image, mask: (recode(image, "WEBP", quality=quality), mask)


def _resized(factor: float) -> Variant:
    def change(image: Image, mask: Mask) -> tuple[Image, Mask]:
        height, width = (max(8, round(side * factor)) for side in mask.shape)
        return resize(image, height, width), resize_mask(mask, height, width)

    return change


VARIANTS: dict[str, Variant] = {
    "as-is": lambda image, mask: (image, mask),
    "jpeg90": _jpeg(90),
    "jpeg80": _jpeg(80),
    "jpeg75": _jpeg(75),
    "jpeg70": _jpeg(70),
    "webp80": _webp(80),
    "resize0.75": _resized(0.75),
    "resize1.5": _resized(1.5),
    "half": _resized(0.5),
}


def check_variants(names: Sequence[str]) -> list[str]:
    """Return the named variants, each once; "all" alone means every one. Raises :class:`ConfigError`."""
    if list(names) == ["all"]:
        return list(VARIANTS)
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise ConfigError(f"there is no variant {unknown[0]!r}.", cure=f"Known: {', '.join(VARIANTS)}.")
    return list(dict.fromkeys(names))
