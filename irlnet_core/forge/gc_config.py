"""The choices that make a gated-convolution inpainter, as data that loads without torch."""

from __future__ import annotations

from dataclasses import dataclass

from irlnet_core.errors import ConfigError


@dataclass(frozen=True)
class GcConfig:
    """A gated-convolution generator; the defaults are the paper's (Yu et al. 2019; 4.1 million weights).

    ``base`` counts the filters of the first convolution, of which one half gates the other; ``dilated`` the
    layers with dilation 2, 4, 8 …; ``coarse_reduction`` divides the size of the picture that the coarse stage
    sees. The other choices are not the paper's, and make short trainings fruitful: ``prefill`` starts from a
    smooth fill instead of an empty hole, so that the net learns only what that lacks; ``noise`` channels give
    the refinement the chance that its texture is made of.
    """

    base: int = 48
    dilated: int = 4
    coarse_reduction: int = 1
    attention: bool = True
    prefill: bool = False
    noise: int = 0

    def __post_init__(self) -> None:
        limits = (("base", 4, 192), ("dilated", 0, 5), ("noise", 0, 8))
        for name, least, most in limits:
            if not least <= getattr(self, name) <= most:
                raise ConfigError(f"gc.{name} = {getattr(self, name)} is outside {least} to {most}.")
        if self.coarse_reduction not in {1, 2, 4}:
            raise ConfigError(f"gc.coarse_reduction = {self.coarse_reduction} is not 1, 2 or 4.")
        if self.base % 4:
            raise ConfigError(f"gc.base = {self.base} must be a multiple of 4.")


SIZES = {
    "paper": GcConfig(),
    "small": GcConfig(base=32, dilated=3, coarse_reduction=4, prefill=True, noise=2),
    "tiny": GcConfig(base=16, dilated=2, coarse_reduction=4, attention=False, prefill=True, noise=2),
}
