"""How the picture's values are shown: levels, gamma, one channel. Display only; nothing measured changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError

Channel = Literal["rgb", "red", "green", "blue", "luminance"]
CHANNELS: tuple[Channel, ...] = ("rgb", "red", "green", "blue", "luminance")


@dataclass(frozen=True)
class Tone:
    """``black`` and ``white`` are the stored values shown darkest and brightest; ``gamma`` > 1 brightens."""

    black: int = 0
    white: int = 255
    gamma: float = 1.0
    channel: Channel = "rgb"

    def __post_init__(self) -> None:
        if not 0 <= self.black < self.white <= 255:
            raise ConfigError(
                f"levels = {self.black}..{self.white} is not a range within 0..255.",
                cure="Choose a black point below the white point.",
            )
        if not 0.1 <= self.gamma <= 10:
            raise ConfigError(f"gamma = {self.gamma} is not between 0.1 and 10.")
        if self.channel not in CHANNELS:
            raise ConfigError(f"channel = {self.channel!r} is none of {', '.join(CHANNELS)}.")

    @property
    def adjusted(self) -> bool:
        """Whether anything is shown otherwise than it is stored."""
        return self != Tone()

    def table(self) -> NDArray[np.uint8]:
        """Return the shown value of each stored value (uint8, 256)."""
        share = np.clip((np.arange(256) - self.black) / (self.white - self.black), 0, 1)
        return np.rint(255 * share ** (1 / self.gamma)).astype(np.uint8)

    def pack(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Return RGB pixels (uint8 HxWx3) as shown, packed as 0xffRRGGBB."""
        shown = self._single(pixels)
        if self != Tone(channel=self.channel):
            shown = np.asarray(cv2.LUT(shown, self.table()), np.uint8)
        code = cv2.COLOR_GRAY2BGRA if shown.ndim == 2 else cv2.COLOR_RGB2BGRA
        packed = np.asarray(cv2.cvtColor(shown, code), np.uint8)
        return packed.view(np.uint32)[..., 0]

    def _single(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.channel == "rgb":
            return np.ascontiguousarray(pixels)
        if self.channel == "luminance":  # ITU-R BT.601, the weights of JPEG's own Y
            return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
        return np.ascontiguousarray(pixels[..., CHANNELS.index(self.channel) - 1])
