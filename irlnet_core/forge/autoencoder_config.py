"""The choices that make a small autoencoder, as data that loads without torch."""

from __future__ import annotations

from dataclasses import dataclass

from irlnet_core.errors import ConfigError

UPSAMPLINGS = ("nearest", "bilinear", "transposed", "pixelshuffle")
ACTIVATIONS = ("relu", "leaky-relu", "elu", "silu", "gelu")
STRIDES = (2, 4, 8)
ENCODERS = ("learned", "area")


@dataclass(frozen=True)
class AutoencoderConfig:
    """A small autoencoder: each choice changes the traces that its round trip leaves.

    ``stride`` is the side of a latent cell in pixels, ``depth`` the residual blocks at each size, ``base``
    the channels at full size (doubled at each halving, at most to four times), ``latent`` the latent's.
    With the encoder "area" the latent is the picture itself, reduced by the mean of each cell: the round trip
    of an upscaler (``latent`` is then not used).
    """

    upsampling: str = "nearest"
    stride: int = 4
    depth: int = 1
    base: int = 16
    activation: str = "relu"
    latent: int = 16
    encoder: str = "learned"

    def __post_init__(self) -> None:
        choices = {
            "upsampling": UPSAMPLINGS,
            "stride": STRIDES,
            "activation": ACTIVATIONS,
            "encoder": ENCODERS,
        }
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ConfigError(
                    f"autoencoder.{name} = {getattr(self, name)!r} is unknown.",
                    cure=f"Choose one of {', '.join(map(str, known))}.",
                )
        for name, least, most in (("depth", 0, 16), ("base", 4, 256), ("latent", 1, 256)):
            if not least <= getattr(self, name) <= most:
                raise ConfigError(f"autoencoder.{name} = {getattr(self, name)} is outside {least} to {most}.")
