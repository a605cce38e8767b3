"""What cannot be read off an ONNX file: in which values a network from elsewhere takes pictures and holes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irlnet_core.config import from_dict
from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.files import sha256_of_file

Range = tuple[float, ...]


@dataclass(frozen=True)
class OnnxCard:
    """How pictures and holes go into an ONNX network; it stands beside ``NAME.onnx`` as ``NAME.json``.

    ``image`` and ``output`` are the network's values for black and white, ``mask`` those outside and inside
    the hole; each is 0 and 1 by default, 0 and 255 where the network takes bytes. ``blank`` is the grey, from
    0 (black) to 1, that the hole holds when the network gets it. ``order`` is that of the channels where
    picture and hole share one input. ``multiple`` is what both sides must be divisible by. ``sha256``, when
    given, must be the hash of the ONNX file; ``licence`` and ``source`` are for the reader.
    """

    image: Range = ()
    output: Range = ()
    mask: Range = ()
    blank: float = 0.0
    order: Literal["image-mask", "mask-image"] = "image-mask"
    multiple: int = 8
    licence: str = ""
    source: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("image", "output", "mask"):
            values = getattr(self, name)
            if values and (len(values) != 2 or values[0] == values[1]):
                raise ConfigError(f"{name} = {list(values)} must be two different values.")
        if self.order not in ("image-mask", "mask-image"):
            raise ConfigError(f"order = {self.order!r} is neither image-mask nor mask-image.")
        if not 0 <= self.blank <= 1 or not 1 <= self.multiple <= 512:
            raise ConfigError("blank must be from 0 to 1, multiple from 1 to 512.")


def read_onnx_card(path: Path) -> OnnxCard:
    """Return the card of the ONNX file ``path``; the usual values when there is none beside it.

    Raises :class:`ModelError` naming the card when it is not usable, or the ONNX file when its hash is not
    the card's.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return OnnxCard()
    try:
        card = from_dict(OnnxCard, dict(json.loads(beside.read_text("utf-8"))))
    except (OSError, ValueError, TypeError, ConfigError) as error:
        raise ModelError(f"is not a usable card of an ONNX engine: {error}", path=beside) from error
    if card.sha256 and card.sha256 != sha256_of_file(path):
        raise ModelError(
            "is cut or altered: its hash is not the one in its card.", path=path, cure="Copy the file anew."
        )
    return card
